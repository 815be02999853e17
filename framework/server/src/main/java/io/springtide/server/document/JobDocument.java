package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.job.BatchPolicy;
import io.springtide.scheduler.job.ContainerSpec;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobNotes;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.MountSpec;
import io.springtide.scheduler.job.PortSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.job.StopPolicy;
import io.springtide.scheduler.job.ToolSpec;
import io.springtide.scheduler.job.UpdatePolicy;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** A job as users write it. */
public final class JobDocument {
  private static final int MOST = 1_000_000;

  /** What its writer says. */
  static final List<String> FIELDS =
      List.of(
          "id",
          "kind",
          "instances",
          "resources",
          "runtime",
          "container",
          "tools",
          "health",
          "discovery",
          "pools",
          "constraints",
          "priority",
          "reclaimable",
          "update",
          "failure",
          "stop",
          "batch",
          "after",
          "labels",
          "owner");

  /** And what answers add. */
  private static final String[] KNOWN =
      Stream.concat(FIELDS.stream(), Stream.of("version", "status", "effects", "warnings"))
          .toArray(String[]::new);

  private JobDocument() {}

  /**
   * Reads a job. {@code version}, {@code status}, {@code effects} and {@code warnings}, which
   * answers give, may stand in it and are passed over, so that what was read can be changed and put
   * back.
   */
  public static JobSpec read(JsonNode node) {
    return read(node, FailurePolicy.DEFAULT);
  }

  /**
   * The same.
   *
   * @param usual what a job that does not say what follows a failure, or not all of it, gets
   */
  public static JobSpec read(JsonNode node, FailurePolicy usual) {
    Fields fields = Fields.of(node, KNOWN);
    JobKind kind = fields.oneOf("kind", JobKind.class, JobKind.SERVICE);
    RuntimeKind runtime = fields.oneOf("runtime", RuntimeKind.class, RuntimeKind.DOCKER);
    if (fields.isEmptyList("pools")) {
      throw new InvalidModelException(
          "pools",
          "no pool is named, so it could run nowhere",
          "leave it out for the group's pools, cheapest first");
    }
    JobSpec job =
        JobSpec.of(
                fields.requireText("id", "write <group>.<name>, such as weibo.feed.api"),
                fields.requireObject(
                    "resources",
                    ResourceDocument::read,
                    "write such as {cpus: 0.5, memoryMiB: 256}"),
                fields.requireObject(
                    "container", container(runtime), "write such as {image: feed/api:1.2}"))
            .kind(kind)
            .instances(
                fields.integer(
                    "instances", kind == JobKind.SYSTEM ? 0 : 1, 0, JobSpec.MAX_INSTANCES))
            .runtime(runtime)
            .tools(fields.list("tools", JobDocument::tool))
            .health(fields.object("health", HealthDocument::read))
            .discovery(fields.list("discovery", DiscoveryDocument::read))
            .pools(fields.texts("pools"))
            .constraints(fields.list("constraints", ConstraintDocument::read))
            .priority(fields.integer("priority", JobSpec.DEFAULT_PRIORITY, 0, MOST))
            .reclaimable(fields.bool("reclaimable", false))
            .update(fields.object("update", JobDocument::update, UpdatePolicy.DEFAULT))
            .failure(fields.object("failure", failure -> failure(failure, usual), usual))
            .stop(fields.object("stop", JobDocument::stop, StopPolicy.DEFAULT))
            .batch(fields.object("batch", JobDocument::batch, BatchPolicy.DEFAULT))
            .after(fields.texts("after"))
            .notes(new JobNotes(fields.textMap("labels"), owner(fields)))
            .build();
    return JobDocumentRules.check(job);
  }

  /** What of a job is accepted and may not do what its writer hopes for. */
  public static List<Warning> warnings(JobSpec job) {
    return JobDocumentRules.warnings(job);
  }

  /** Whom to ask; a text of nothing but blanks names nobody, and was meant to. */
  private static String owner(Fields fields) {
    Optional<String> owner = fields.text("owner");
    if (owner.isPresent() && owner.get().isBlank()) {
      throw new InvalidModelException(
          "owner", "it names nobody", "write such as feed-team@example, or leave it out");
    }
    return owner.orElse("");
  }

  private static Function<JsonNode, ContainerSpec> container(RuntimeKind runtime) {
    String network =
        runtime == RuntimeKind.DOCKER ? ContainerSpec.BRIDGE_NETWORK : ContainerSpec.HOST_NETWORK;
    return node -> {
      Fields fields =
          Fields.of(node, "image", "command", "env", "network", "ports", "mounts", "privileged");
      return new ContainerSpec(
          fields.text("image", ""),
          fields.texts("command"),
          fields.textMap("env"),
          fields.text("network", network),
          fields.list("ports", JobDocument::port),
          fields.list("mounts", JobDocument::mount),
          fields.bool("privileged", false));
    };
  }

  private static PortSpec port(JsonNode node) {
    Fields fields = Fields.of(node, "name", "container", "host");
    return new PortSpec(
        fields.requireText("name", "name the port, such as http"),
        fields.integer("container", 0, 0, 65535),
        fields.integer("host", 0, 0, 65535));
  }

  private static MountSpec mount(JsonNode node) {
    Fields fields = Fields.of(node, "source", "target", "readOnly");
    return new MountSpec(
        fields.requireText("source", "write an absolute path of the host"),
        fields.requireText("target", "write an absolute path in the container"),
        fields.bool("readOnly", false));
  }

  private static ToolSpec tool(JsonNode node) {
    Fields fields = Fields.of(node, "name", "image", "command", "env");
    return new ToolSpec(
        fields.requireText("name", "name the tool, such as logtail"),
        fields.requireText("image", "name its image"),
        fields.texts("command"),
        fields.textMap("env"));
  }

  private static UpdatePolicy update(JsonNode node) {
    UpdatePolicy otherwise = UpdatePolicy.DEFAULT;
    Fields fields =
        Fields.of(
            node,
            "maxSurge",
            "maxUnavailable",
            "canary",
            "promote",
            "minHealthy",
            "healthyWithin",
            "autoRollback",
            "whileDeploying");
    return new UpdatePolicy(
        fields.integer("maxSurge", otherwise.maxSurge(), 0, MOST),
        fields.integer("maxUnavailable", otherwise.maxUnavailable(), 0, MOST),
        fields.integer("canary", otherwise.canary(), 0, MOST),
        fields.oneOf("promote", UpdatePolicy.Promotion.class, otherwise.promote()),
        fields.duration("minHealthy", otherwise.minHealthy()),
        fields.duration("healthyWithin", otherwise.healthyWithin()),
        fields.bool("autoRollback", otherwise.autoRollback()),
        fields.oneOf(
            "whileDeploying", UpdatePolicy.WhileDeploying.class, otherwise.whileDeploying()));
  }

  private static FailurePolicy failure(JsonNode node, FailurePolicy otherwise) {
    Fields fields = Fields.of(node, "backoff", "maxBackoff", "unreachableAfter");
    return new FailurePolicy(
        fields.duration("backoff", otherwise.backoff()),
        fields.duration("maxBackoff", otherwise.maxBackoff()),
        fields.duration("unreachableAfter", otherwise.unreachableAfter()));
  }

  private static BatchPolicy batch(JsonNode node) {
    BatchPolicy otherwise = BatchPolicy.DEFAULT;
    Fields fields = Fields.of(node, "parallelism", "retries", "deadline", "ttl");
    return new BatchPolicy(
        fields.integer("parallelism", otherwise.parallelism(), 0, MOST),
        fields.integer("retries", otherwise.retries(), 0, MOST),
        fields.duration("deadline"),
        fields.duration("ttl"));
  }

  private static StopPolicy stop(JsonNode node) {
    Fields fields = Fields.of(node, "drain", "grace");
    return new StopPolicy(
        fields.duration("drain", StopPolicy.DEFAULT.drain()),
        fields.duration("grace", StopPolicy.DEFAULT.grace()));
  }

  /** Writes what {@link #read} reads back equal. */
  public static ObjectNode write(JobSpec job) {
    ObjectNode node = Documents.object();
    node.put("id", job.id());
    Texts.put(node, "labels", job.notes().labels());
    if (!job.notes().owner().isEmpty()) {
      node.put("owner", job.notes().owner());
    }
    node.put("kind", Fields.word(job.kind()));
    if (job.kind() != JobKind.SYSTEM) {
      node.put("instances", job.instances());
    }
    node.set("resources", ResourceDocument.write(job.resources()));
    node.put("runtime", Fields.word(job.runtime()));
    node.set("container", write(job.container()));
    writeTools(node, job.tools());
    job.health().ifPresent(health -> node.set("health", HealthDocument.write(health)));
    if (!job.discovery().isEmpty()) {
      var list = node.putArray("discovery");
      job.discovery().forEach(spec -> list.add(DiscoveryDocument.write(spec)));
    }
    Texts.put(node, "pools", job.pools());
    if (!job.constraints().isEmpty()) {
      var list = node.putArray("constraints");
      job.constraints().forEach(constraint -> list.add(ConstraintDocument.write(constraint)));
    }
    node.put("priority", job.priority());
    node.put("reclaimable", job.reclaimable());
    node.putObject("update")
        .put("maxSurge", job.update().maxSurge())
        .put("maxUnavailable", job.update().maxUnavailable())
        .put("canary", job.update().canary())
        .put("promote", Fields.word(job.update().promote()))
        .put("minHealthy", DurationText.format(job.update().minHealthy()))
        .put("healthyWithin", DurationText.format(job.update().healthyWithin()))
        .put("autoRollback", job.update().autoRollback())
        .put("whileDeploying", Fields.word(job.update().whileDeploying()));
    node.putObject("failure")
        .put("backoff", DurationText.format(job.failure().backoff()))
        .put("maxBackoff", DurationText.format(job.failure().maxBackoff()))
        .put("unreachableAfter", DurationText.format(job.failure().unreachableAfter()));
    node.putObject("stop")
        .put("drain", DurationText.format(job.stop().drain()))
        .put("grace", DurationText.format(job.stop().grace()));
    if (!job.batch().equals(BatchPolicy.DEFAULT)) {
      write(job.batch(), node.putObject("batch"));
    }
    Texts.put(node, "after", job.after());
    return node;
  }

  private static void write(BatchPolicy batch, ObjectNode node) {
    if (batch.parallelism() != BatchPolicy.DEFAULT.parallelism()) {
      node.put("parallelism", batch.parallelism());
    }
    node.put("retries", batch.retries());
    batch.deadline().ifPresent(time -> node.put("deadline", DurationText.format(time)));
    batch.ttl().ifPresent(time -> node.put("ttl", DurationText.format(time)));
  }

  private static ObjectNode write(ContainerSpec container) {
    ObjectNode node = Documents.object();
    if (!container.image().isEmpty()) {
      node.put("image", container.image());
    }
    Texts.put(node, "command", container.command());
    Texts.put(node, "env", container.env());
    node.put("network", container.network());
    if (!container.ports().isEmpty()) {
      var list = node.putArray("ports");
      for (PortSpec port : container.ports()) {
        ObjectNode to = list.addObject().put("name", port.name());
        if (port.container() != 0) {
          to.put("container", port.container());
        }
        if (port.fixed()) {
          to.put("host", port.host());
        }
      }
    }
    if (!container.mounts().isEmpty()) {
      var list = node.putArray("mounts");
      for (MountSpec mount : container.mounts()) {
        list.addObject()
            .put("source", mount.source())
            .put("target", mount.target())
            .put("readOnly", mount.readOnly());
      }
    }
    if (container.privileged()) {
      node.put("privileged", true);
    }
    return node;
  }

  private static void writeTools(ObjectNode node, List<ToolSpec> tools) {
    if (!tools.isEmpty()) {
      var list = node.putArray("tools");
      for (ToolSpec tool : tools) {
        ObjectNode to = list.addObject().put("name", tool.name()).put("image", tool.image());
        Texts.put(to, "command", tool.command());
        Texts.put(to, "env", tool.env());
      }
    }
  }
}
