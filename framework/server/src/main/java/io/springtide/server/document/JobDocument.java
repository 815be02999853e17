package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Names;
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

/** A job as users write it. */
public final class JobDocument {
  private static final int MOST = 1_000_000;
  private static final Value IMAGE =
      Value.text(JobDocumentRules.IMAGE.pattern()).atMost(JobDocumentRules.MAX_IMAGE);
  private static final Value PATH = Value.text("/(?:.|\\n)*");
  private static final Value NAME = Value.text(Names.NAME_FORM);

  private static final Form PORT =
      Form.of("Port", "A port by name; the container finds it in PORT_<NAME>.")
          .must("name", NAME, "Its name.", "name the port, such as http")
          .may("container", Value.whole(0, 65535), 0, "In the container; 0: that of the host.")
          .may("host", Value.whole(0, 65535), 0, "Fixed on the host; 0: one from the offer.");

  private static final Form MOUNT =
      Form.of("Mount", "A directory of the host in the container.")
          .must("source", PATH, "On the host.", "write an absolute path of the host")
          .must("target", PATH, "In the container.", "write an absolute path in the container")
          .may("readOnly", Value.bool(), false, "Whether it may only be read.");

  private static final Form TOOL =
      Form.of("Tool", "A container beside, with the same network and volumes.")
          .must("name", NAME, "Its name.", "name the tool, such as logtail")
          .must("image", IMAGE, "Its image.", "name its image")
          .may("command", JobDocumentRules.COMMAND, "The image's own if it is left out.")
          .may("env", JobDocumentRules.ENV, "Its variables.");

  private static final Form CONTAINER =
      Form.of("Container", "What runs.")
          .may("image", IMAGE, "Must be there for docker, and must not for a process.")
          .may("command", JobDocumentRules.COMMAND, "The image's own if it is left out.")
          .may("env", JobDocumentRules.ENV, "Its variables.")
          .may(
              "network",
              Value.text(JobDocumentRules.NETWORK.pattern()),
              "bridge, host, or a network's name; bridge for docker, host for a process.")
          .may("ports", Value.list(PORT).atMost(JobDocumentRules.MAX_PORTS), "Its ports.")
          .may("mounts", Value.list(MOUNT).atMost(JobDocumentRules.MAX_LIST), "Its mounts.")
          .may("privileged", Value.bool(), false, "Whether it may do all that the host may.");

  private static final Form UPDATE =
      Form.of("Update", "How instances are replaced.")
          .may(
              "maxSurge",
              Value.whole(0, MOST),
              UpdatePolicy.DEFAULT.maxSurge(),
              "How many there may be above the wanted number meanwhile.")
          .may(
              "maxUnavailable",
              Value.whole(0, MOST),
              UpdatePolicy.DEFAULT.maxUnavailable(),
              "How many may be away at once; 0 only with a maxSurge.")
          .may(
              "canary",
              Value.whole(0, MOST),
              UpdatePolicy.DEFAULT.canary(),
              "How many are replaced first, and watched.")
          .may(
              "promote",
              Value.word(UpdatePolicy.Promotion.class),
              Fields.word(UpdatePolicy.DEFAULT.promote()),
              "Who says that the others follow the canaries.")
          .may(
              "minHealthy",
              Value.duration(),
              DurationText.format(UpdatePolicy.DEFAULT.minHealthy()),
              "How long a replacement must have served before it counts.")
          .may(
              "healthyWithin",
              Value.duration(),
              DurationText.format(UpdatePolicy.DEFAULT.healthyWithin()),
              "How long a replacement has to come to that; more than minHealthy.")
          .may(
              "autoRollback",
              Value.bool(),
              UpdatePolicy.DEFAULT.autoRollback(),
              "Whether a failed replacement goes back by itself.")
          .may(
              "whileDeploying",
              Value.word(UpdatePolicy.WhileDeploying.class),
              Fields.word(UpdatePolicy.DEFAULT.whileDeploying()),
              "What a change meets while another is under way.");

  private static final Form FAILURE =
      Form.of("Failure", "What follows a failure; what is usual stands in the configuration.")
          .may("backoff", Value.duration(), "Before the second attempt.")
          .may("maxBackoff", Value.duration(), "The most that backoff grows to.")
          .may("unreachableAfter", Value.duration(), "Out of sight, before another attempt.");

  private static final Form BATCH =
      Form.of("Batch", "How a batch job comes to its end.")
          .may(
              "parallelism",
              Value.whole(0, JobSpec.MAX_INSTANCES).positive(),
              BatchPolicy.DEFAULT.parallelism(),
              "How many of its instances live at once.")
          .may(
              "retries",
              Value.whole(0, BatchPolicy.MOST_RETRIES),
              BatchPolicy.DEFAULT.retries(),
              "How often one that failed is tried again.")
          .may("deadline", Value.duration(), "How long a run may take; no end if it is left out.")
          .may("ttl", Value.duration(), "After its end, before it is removed; it stays if not.");

  private static final Form STOP =
      Form.of("Stop", "How an instance is stopped.")
          .may(
              "drain",
              Value.duration(),
              DurationText.format(StopPolicy.DEFAULT.drain()),
              "Withdrawn, before it is told to stop.")
          .may(
              "grace",
              Value.duration(),
              DurationText.format(StopPolicy.DEFAULT.grace()),
              "Told to stop, before it is killed.");

  /** What its writer says, and what answers add. */
  public static final Form FORM =
      Form.of("Job", "What is to run.")
          .name(
              "id",
              Value.text(Names.PATH_FORM).atMost(Names.MAX_PATH),
              "The path of its group, a dot, and its name.",
              "write <group>.<name>, such as weibo.feed.api")
          .may(
              "kind",
              Value.word(JobKind.class),
              "service",
              "system: one on each host that matches.")
          .may(
              "instances",
              Value.whole(0, JobSpec.MAX_INSTANCES),
              "How many; 1 if it is left out, and none is said of a system job.")
          .must(
              "resources",
              Value.object(ResourceDocument.FORM),
              "What an instance takes; cpus and memoryMiB above 0.",
              "write such as {cpus: 0.5, memoryMiB: 256}")
          .may(
              "runtime",
              Value.word(RuntimeKind.class),
              "docker",
              "process: as the executor's user.")
          .must(
              "container",
              Value.object(CONTAINER),
              "What runs.",
              "write such as {image: feed/api:1.2}")
          .may("tools", Value.list(TOOL).atMost(JobDocumentRules.MAX_TOOLS), "What runs beside.")
          .may("health", Value.object(HealthDocument.FORM), "No check if it is left out.")
          .may(
              "discovery",
              Value.list(DiscoveryDocument.FORM).atMost(JobDocumentRules.MAX_LIST),
              "Where instances are announced.")
          .may(
              "pools",
              Value.list(NAME).atLeast(1).atMost(JobDocumentRules.MAX_LIST),
              "In order of preference; the group's pools, cheapest first, if it is left out.")
          .may("constraints", Value.list(ConstraintDocument.VALUE), "On which hosts.")
          .may(
              "priority",
              Value.whole(0, GroupPolicy.MAX_PRIORITY),
              JobSpec.DEFAULT_PRIORITY,
              "Who goes first within the group.")
          .may("reclaimable", Value.bool(), false, "Whether it may borrow, and make way again.")
          .may("update", Value.object(UPDATE), "How instances are replaced.")
          .may("failure", Value.object(FAILURE), "What follows a failure.")
          .may("stop", Value.object(STOP), "How an instance is stopped.")
          .may("batch", Value.object(BATCH), "Of a batch job alone.")
          .may(
              "after",
              Value.list(Value.text(Names.PATH_FORM).atMost(Names.MAX_PATH))
                  .atMost(JobSpec.MOST_AFTER),
              "Batch jobs that must have finished before the first instance is started.")
          .may(
              "labels",
              Value.map(Value.text().atMost(JobNotes.LONGEST_VALUE))
                  .atMost(JobNotes.MOST_LABELS)
                  .keys(JobNotes.KEY),
              "To find it by; nothing is decided by them.")
          .may("owner", Value.text().atMost(JobNotes.LONGEST_OWNER), "Whom to ask about it.")
          .passesOver("version", "status", "effects", "warnings");

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
    return read(Fields.of(node, FORM), usual);
  }

  static JobSpec read(Fields fields, FailurePolicy usual) {
    JobKind kind = fields.word("kind", JobKind.class);
    RuntimeKind runtime = fields.word("runtime", RuntimeKind.class);
    if (fields.isEmptyList("pools")) {
      throw new InvalidModelException(
          "pools",
          "no pool is named, so it could run nowhere",
          "leave it out for the group's pools, cheapest first");
    }
    JobSpec job =
        JobSpec.of(
                fields.requireText("id"),
                fields.requireInner("resources", ResourceDocument::read),
                fields.requireInner("container", container(runtime)))
            .kind(kind)
            .instances(fields.integer("instances", kind == JobKind.SYSTEM ? 0 : 1))
            .runtime(runtime)
            .tools(fields.inners("tools", JobDocument::tool))
            .health(fields.inner("health", HealthDocument::read))
            .discovery(fields.inners("discovery", DiscoveryDocument::read))
            .pools(fields.texts("pools"))
            .constraints(fields.list("constraints", ConstraintDocument::read))
            .priority(fields.integer("priority"))
            .reclaimable(fields.bool("reclaimable"))
            .update(fields.inner("update", JobDocument::update).orElse(UpdatePolicy.DEFAULT))
            .failure(fields.inner("failure", failure -> failure(failure, usual)).orElse(usual))
            .stop(fields.inner("stop", JobDocument::stop).orElse(StopPolicy.DEFAULT))
            .batch(fields.inner("batch", JobDocument::batch).orElse(BatchPolicy.DEFAULT))
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

  private static Function<Fields, ContainerSpec> container(RuntimeKind runtime) {
    String network =
        runtime == RuntimeKind.DOCKER ? ContainerSpec.BRIDGE_NETWORK : ContainerSpec.HOST_NETWORK;
    return fields ->
        new ContainerSpec(
            fields.text("image", ""),
            fields.texts("command"),
            fields.textMap("env"),
            fields.text("network", network),
            fields.inners("ports", JobDocument::port),
            fields.inners("mounts", JobDocument::mount),
            fields.bool("privileged"));
  }

  private static PortSpec port(Fields fields) {
    return new PortSpec(
        fields.requireText("name"), fields.integer("container"), fields.integer("host"));
  }

  private static MountSpec mount(Fields fields) {
    return new MountSpec(
        fields.requireText("source"), fields.requireText("target"), fields.bool("readOnly"));
  }

  private static ToolSpec tool(Fields fields) {
    return new ToolSpec(
        fields.requireText("name"),
        fields.requireText("image"),
        fields.texts("command"),
        fields.textMap("env"));
  }

  private static UpdatePolicy update(Fields fields) {
    return new UpdatePolicy(
        fields.integer("maxSurge"),
        fields.integer("maxUnavailable"),
        fields.integer("canary"),
        fields.word("promote", UpdatePolicy.Promotion.class),
        fields.span("minHealthy"),
        fields.span("healthyWithin"),
        fields.bool("autoRollback"),
        fields.word("whileDeploying", UpdatePolicy.WhileDeploying.class));
  }

  private static FailurePolicy failure(Fields fields, FailurePolicy otherwise) {
    return new FailurePolicy(
        fields.duration("backoff", otherwise.backoff()),
        fields.duration("maxBackoff", otherwise.maxBackoff()),
        fields.duration("unreachableAfter", otherwise.unreachableAfter()));
  }

  private static BatchPolicy batch(Fields fields) {
    return new BatchPolicy(
        fields.integer("parallelism"),
        fields.integer("retries"),
        fields.duration("deadline"),
        fields.duration("ttl"));
  }

  private static StopPolicy stop(Fields fields) {
    return new StopPolicy(fields.span("drain"), fields.span("grace"));
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
