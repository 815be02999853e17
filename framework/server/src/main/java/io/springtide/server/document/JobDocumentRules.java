package io.springtide.server.document;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.job.ContainerSpec;
import io.springtide.scheduler.job.DiscoverySpec;
import io.springtide.scheduler.job.HealthSpec;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.MountSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.job.ToolSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What could never run, or would not do what was meant, though each field is well-formed: refused
 * at the door rather than failing on a host for ever. It is asked of new documents only, so that
 * what is stored is read by every later version.
 */
final class JobDocumentRules {
  static final int MAX_PORTS = 100;
  static final int MAX_TOOLS = 20;
  static final int MAX_LIST = 100;
  static final int MAX_WORDS = 1000;

  /** A kernel starts nothing with a longer argument or variable, its end counted. */
  private static final int MAX_BYTES = 131_071;

  static final Pattern NETWORK = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");
  static final Pattern IMAGE =
      Pattern.compile(
          "[A-Za-z0-9](?:[A-Za-z0-9._-]*(?::\\d{1,5}(?=/))?)(?:/[a-z0-9][a-z0-9._-]*)*"
              + "(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?");
  static final Pattern HTTP_PATH = Pattern.compile("/[\\x21-\\x7e]*");
  private static final Pattern DNS_LABEL =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
  static final int MAX_IMAGE = 400;

  /** A program and its arguments. */
  static final Value COMMAND = Value.list(Value.text().atMost(MAX_BYTES)).atMost(MAX_WORDS);

  /** Variables by name. */
  static final Value ENV =
      Value.map(Value.text().atMost(MAX_BYTES))
          .atMost(MAX_WORDS)
          .keys("(?!HOST$|PORT_|SPRINGTIDE_)[^=]+");

  private JobDocumentRules() {}

  /**
   * Returns {@code job} if it makes sense.
   *
   * @throws InvalidModelException naming what does not
   */
  static JobSpec check(JobSpec job) {
    checkContainer(job);
    atMost("tools", job.tools().size(), MAX_TOOLS);
    for (int i = 0; i < job.tools().size(); i++) {
      checkTool("tools[" + i + "]", job.tools().get(i));
    }
    job.health().ifPresent(JobDocumentRules::checkHealth);
    checkDiscovery(job.discovery());
    atMost("pools", job.pools().size(), MAX_LIST);
    return job;
  }

  private static void checkHealth(HealthSpec health) {
    if (health.probe() instanceof HealthSpec.Http http
        && !HTTP_PATH.matcher(http.path()).matches()) {
      throw new InvalidModelException(
          "health.http.path",
          "'" + Fields.cut(http.path()) + "' is not a path of a URL",
          "write letters, digits and signs without spaces; %20 is a space");
    }
    if (health.probe() instanceof HealthSpec.Command command) {
      checkCommand("health.command", command.command());
    }
  }

  private static void checkContainer(JobSpec job) {
    ContainerSpec container = job.container();
    if (job.runtime() == RuntimeKind.DOCKER) {
      requireImage("container.image", container.image());
      requireNetwork("container.network", container.network());
    } else if (!container.image().isEmpty()) {
      throw new InvalidModelException(
          "container.image",
          "a process has no image: its command runs on the host as it is",
          "leave the image out, or write the runtime docker");
    }
    checkCommand("container.command", container.command());
    checkEnv("container.env", container.env());
    atMost("container.ports", container.ports().size(), MAX_PORTS);
    atMost("container.mounts", container.mounts().size(), MAX_LIST);
    Set<String> targets = new HashSet<>();
    for (int i = 0; i < container.mounts().size(); i++) {
      checkMount("container.mounts[" + i + "]", container.mounts().get(i), targets);
    }
  }

  private static void checkTool(String field, ToolSpec tool) {
    requireImage(field + ".image", tool.image());
    checkCommand(field + ".command", tool.command());
    checkEnv(field + ".env", tool.env());
  }

  private static void requireImage(String field, String image) {
    if (image.length() > MAX_IMAGE || !IMAGE.matcher(image).matches()) {
      throw new InvalidModelException(
          field,
          "'" + Fields.cut(image) + "' is not the name of an image",
          "write such as feed/api:1.2 or registry.example:5000/feed/api@sha256:…");
    }
  }

  /**
   * Returns {@code network} if it can be one. What an engine takes for something else than a
   * network of its own never reaches it: {@code container:…} and {@code ns:…} would join another's.
   *
   * @throws InvalidModelException naming {@code field} otherwise
   */
  static String requireNetwork(String field, String network) {
    if (!NETWORK.matcher(network).matches() || Set.of("none", "default").contains(network)) {
      throw new InvalidModelException(
          field,
          "'" + Fields.cut(network) + "' is not a network",
          "write bridge, host, or the name of a network: letters, digits, '_', '.' and '-'");
    }
    return network;
  }

  private static void checkCommand(String field, List<String> command) {
    atMost(field, command.size(), MAX_WORDS);
    if (!command.isEmpty() && command.get(0).isBlank()) {
      throw new InvalidModelException(
          field + "[0]", "it is empty", "write the program that is to be started");
    }
    for (int i = 0; i < command.size(); i++) {
      requireShort(field + "[" + i + "]", command.get(i));
    }
  }

  private static void checkEnv(String field, Map<String, String> env) {
    atMost(field, env.size(), MAX_WORDS);
    env.forEach(
        (name, value) -> {
          if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new InvalidModelException(
                field + "." + name,
                "'" + Fields.cut(name) + "' is no variable's name",
                "write a name without =");
          }
          if (name.equals("HOST") || name.startsWith("PORT_") || name.startsWith("SPRINGTIDE_")) {
            throw new InvalidModelException(
                field + "." + name,
                name + " is set for each instance: HOST, PORT_… and SPRINGTIDE_… are",
                "choose another name");
          }
          requireShort(field + "." + name, name + "=" + value);
        });
  }

  private static void requireShort(String field, String text) {
    int bytes = text.getBytes(StandardCharsets.UTF_8).length;
    if (bytes >= MAX_BYTES) {
      throw new InvalidModelException(
          field,
          "it has " + bytes + " bytes; no program can be started with it",
          "write less than 128 KiB, and the rest into a file");
    }
  }

  private static void checkMount(String field, MountSpec mount, Set<String> targets) {
    for (String[] side : new String[][] {{"source", mount.source()}, {"target", mount.target()}}) {
      if (side[1].indexOf(':') >= 0) {
        throw new InvalidModelException(
            field + "." + side[0],
            "'" + Fields.cut(side[1]) + "' has a colon, which engines cannot tell from their own",
            "use a path without colons");
      }
    }
    String target = mount.target().replaceAll("/+", "/").replaceAll("(?<=.)/$", "");
    if (target.equals("/")) {
      throw new InvalidModelException(
          field + ".target", "nothing can be mounted over /", "write a directory below it");
    }
    if (!targets.add(target)) {
      throw new InvalidModelException(
          field + ".target", "something is already mounted at " + target, "write another target");
    }
  }

  private static void checkDiscovery(List<DiscoverySpec> discovery) {
    atMost("discovery", discovery.size(), MAX_LIST);
    Set<List<String>> seen = new HashSet<>();
    for (int i = 0; i < discovery.size(); i++) {
      String field = "discovery[" + i + "]";
      DiscoverySpec spec = discovery.get(i);
      boolean consul = spec instanceof DiscoverySpec.Consul;
      String name = name(spec);
      String named = field + (consul ? ".consul.service" : ".upsync.upstream");
      if (name.length() > MAX_LIST * 2 || name.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
        throw new InvalidModelException(
            named,
            "'" + Fields.cut(name) + "' is too long or has spaces",
            "write at most 200 characters without spaces");
      }
      if (!consul && name.indexOf('/') >= 0) {
        throw new InvalidModelException(
            named, "'" + Fields.cut(name) + "' is more than one key", "write a name without /");
      }
      if (!seen.add(List.of(consul ? "consul" : "upsync", name, spec.port()))) {
        throw new InvalidModelException(
            named,
            "port " + spec.port() + " is already announced as " + name,
            "leave one out; several tags stand in one entry");
      }
      if (spec instanceof DiscoverySpec.Consul service) {
        atMost(field + ".consul.tags", service.tags().size(), MAX_LIST);
      }
    }
  }

  private static String name(DiscoverySpec spec) {
    return spec instanceof DiscoverySpec.Consul consul
        ? consul.service()
        : ((DiscoverySpec.Upsync) spec).upstream();
  }

  private static void atMost(String field, int size, int most) {
    if (size > most) {
      throw new InvalidModelException(field, size + " are too many", "write " + most + " at most");
    }
  }

  /** What is taken as it is, but may not do what was hoped for. */
  static List<Warning> warnings(JobSpec job) {
    List<Warning> warnings = new ArrayList<>();
    for (int i = 0; i < job.discovery().size(); i++) {
      if (job.discovery().get(i) instanceof DiscoverySpec.Consul consul
          && !DNS_LABEL.matcher(consul.service()).matches()) {
        warnings.add(
            new Warning(
                "discovery[" + i + "].consul.service",
                "Consul's DNS does not resolve '"
                    + Fields.cut(consul.service())
                    + "'; its HTTP API does",
                "use 1 to 63 letters, digits and '-' where names are looked up by DNS"));
      }
    }
    return warnings;
  }
}
