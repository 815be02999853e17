package io.springtide.executor.contract;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What travels in {@code TaskInfo.data}: everything that a task needs and that Mesos has no field
 * for. The framework writes it, the executor reads it.
 *
 * <p>Mesos' own fields carry the rest, and the executor reads them there:
 *
 * <ul>
 *   <li>{@code TaskInfo.container} (runtime docker only): {@code type=DOCKER}, {@code
 *       docker.image}, {@code docker.network} (HOST, BRIDGE, or USER with {@code
 *       network_infos[0].name}), {@code docker.privileged}, {@code docker.force_pull_image}, {@code
 *       volumes} (host path, container path, mode);
 *   <li>{@code TaskInfo.discovery.ports} and {@code docker.port_mappings}: for the Mesos UI and DNS
 *       only; the executor itself goes by {@link #ports};
 *   <li>{@code TaskInfo.health_check}: HTTP, TCP or COMMAND; its port is the <em>host</em> port;
 *   <li>{@code TaskInfo.kill_policy.grace_period}: from SIGTERM to SIGKILL;
 *   <li>{@code TaskInfo.resources}: cpus and mem become the container's limits.
 * </ul>
 *
 * <p>JSON. A field that has its default is not written, and a field that the reader does not know
 * is refused: so an executor of an older release still runs every task that uses nothing new, and
 * never silently leaves out what a task asks for.
 *
 * @param version of this layout, {@value #VERSION}; another is refused
 * @param kind the host's warden, or an instance of a job
 * @param instance the framework's instance id, {@code weibo.feed.api#3}; for a warden its host id
 * @param job the job's id; empty for a warden
 * @param generation rises with every attempt of an instance; a late step of a lower one does
 *     nothing. At least 0
 * @param runtime what runs it; a warden runs in the executor itself
 * @param command arguments, never a shell string; empty with docker: the image's own command
 * @param env environment of the main process; HOST, PORT_&lt;NAME&gt; and SPRINGTIDE_* are added
 * @param ports the named ports as assigned
 * @param discovery where the instance is announced once it is healthy
 * @param drainMillis between the withdrawal from discovery and SIGTERM, in milliseconds
 * @param tools containers that share network and volumes with the main one (runtime docker only)
 * @param consul address of the host's Consul agent, {@code 127.0.0.1:8500}; empty: none
 * @param mountRoots directories of the host below which the sources of the task's mounts must lie
 *     once their symbolic links are followed; empty: wherever they lead
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
@JsonIgnoreProperties("adopt") // Of earlier releases, whose executors did nothing about it.
public record TaskDocument(
    @JsonInclude(JsonInclude.Include.ALWAYS) int version,
    Kind kind,
    String instance,
    String job,
    long generation,
    Runtime runtime,
    List<String> command,
    Map<String, String> env,
    List<Port> ports,
    List<Discovery> discovery,
    long drainMillis,
    List<Tool> tools,
    String consul,
    List<String> mountRoots) {

  /** The layout that this release writes and reads. */
  public static final int VERSION = 1;

  /** No document is larger, in bytes: one that is was not written by us. */
  public static final int MAX_BYTES = 1 << 20;

  /** What a task is. */
  public enum Kind {
    /** The executor's own task: says that the host is ready, and keeps its executor alive. */
    @JsonProperty("warden")
    WARDEN,
    /** One attempt to run an instance of a job. */
    @JsonProperty("instance")
    INSTANCE
  }

  /** What runs a task. */
  public enum Runtime {
    /** A container of the host's Docker engine. */
    @JsonProperty("docker")
    DOCKER,
    /** A command in the sandbox; it ends with its executor. */
    @JsonProperty("process")
    PROCESS
  }

  /**
   * A named port as assigned, TCP. It stands beside the scheduler's {@code PortAssignment} because
   * the contract knows nothing of the scheduler; the executor has no other shape.
   *
   * @param name as in {@code PORT_<NAME>}
   * @param container the port inside the container, 1 to 65535; 0: equal to the host port
   * @param host the port on the host that clients connect to, 1 to 65535
   */
  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  public record Port(String name, int container, int host) {
    public Port {
      if (name == null || name.isEmpty()) {
        throw new IllegalArgumentException("a port needs a name");
      }
      if (container < 0 || container > 65535) {
        throw new IllegalArgumentException(
            "port " + name + ": container port " + container + " is not within 0 to 65535");
      }
      if (host < 1 || host > 65535) {
        throw new IllegalArgumentException(
            "port " + name + ": host port " + host + " is not within 1 to 65535");
      }
    }

    /** The port that the process listens on where it has a network of its own. */
    public int inside() {
      return container == 0 ? host : container;
    }
  }

  /**
   * One announcement: exactly one of the two is set.
   *
   * @param consul a Consul service
   * @param upsync an entry of an nginx-upsync upstream in Consul's KV store
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Discovery(ConsulService consul, Upsync upsync) {
    public Discovery {
      if ((consul == null) == (upsync == null)) {
        throw new IllegalArgumentException("a discovery entry is either consul or upsync");
      }
    }

    public static Discovery of(ConsulService service) {
      return new Discovery(requireNonNull(service), null);
    }

    public static Discovery of(Upsync upsync) {
      return new Discovery(null, requireNonNull(upsync));
    }

    /** The name of the port that is announced. */
    public String portName() {
      return consul != null ? consul.port() : upsync.port();
    }
  }

  /**
   * A Consul service entry.
   *
   * @param service its name in Consul
   * @param port the name of one of the task's ports
   * @param tags in this order
   */
  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  public record ConsulService(String service, String port, List<String> tags) {
    public ConsulService {
      if (service == null || service.isEmpty()) {
        throw new IllegalArgumentException("a consul discovery entry needs a service name");
      }
      if (port == null || port.isEmpty()) {
        throw new IllegalArgumentException(
            "consul service " + service + " needs the name of a port");
      }
      tags = listed(tags);
    }
  }

  /**
   * An entry of an nginx-upsync upstream.
   *
   * @param upstream its name below {@code upstreams/}
   * @param port the name of one of the task's ports
   * @param weight 1 or more; 0: nginx-upsync's default
   * @param slowStartMillis how long the weight rises after the start, in milliseconds
   */
  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  public record Upsync(String upstream, String port, int weight, long slowStartMillis) {
    public Upsync {
      if (upstream == null || upstream.isEmpty()) {
        throw new IllegalArgumentException("an upsync discovery entry needs an upstream");
      }
      if (port == null || port.isEmpty()) {
        throw new IllegalArgumentException("upstream " + upstream + " needs the name of a port");
      }
      if (weight < 0 || slowStartMillis < 0) {
        throw new IllegalArgumentException(
            "upstream " + upstream + ": weight and slow start are not negative");
      }
    }
  }

  /**
   * A tool container.
   *
   * @param name unique within the task
   * @param image its image
   * @param command arguments; empty: the image's own
   * @param env its environment; the main container's variables that we add are added here too
   */
  @JsonInclude(JsonInclude.Include.NON_DEFAULT)
  public record Tool(String name, String image, List<String> command, Map<String, String> env) {
    public Tool {
      if (name == null || name.isEmpty() || image == null || image.isEmpty()) {
        throw new IllegalArgumentException("a tool needs a name and an image");
      }
      command = listed(command);
      env = sorted(env);
    }
  }

  public TaskDocument {
    TaskChecks.version(version);
    job = requireNonNullElse(job, "");
    command = listed(command);
    env = sorted(env);
    ports = listed(ports);
    discovery = listed(discovery);
    tools = listed(tools);
    consul = requireNonNullElse(consul, "");
    mountRoots = listed(mountRoots);
    TaskChecks.task(kind, instance, generation, drainMillis);
    if (kind == Kind.INSTANCE) {
      TaskChecks.instance(instance, runtime, command, ports, discovery, tools);
    }
  }

  private static <T> List<T> listed(List<T> values) {
    return values == null ? List.of() : List.copyOf(values);
  }

  /** The document of a host's warden. */
  public static TaskDocument warden(String host, String consul) {
    return new TaskDocument(
        VERSION,
        Kind.WARDEN,
        host,
        null,
        0,
        null,
        List.of(),
        Map.of(),
        List.of(),
        List.of(),
        0,
        List.of(),
        consul,
        List.of());
  }

  /** Starts the document of an instance. */
  public static InstanceDocument instance(
      String job, String instance, long generation, Runtime runtime) {
    return new InstanceDocument(job, instance, generation, runtime);
  }

  /** UTF-8 JSON. */
  public byte[] toBytes() {
    return TaskFormat.write(this);
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException saying what is wrong and where: not JSON, another version, an
   *     unknown field, a value out of range, too large
   */
  public static TaskDocument fromBytes(byte[] bytes) {
    return TaskFormat.read(bytes);
  }

  private static Map<String, String> sorted(Map<String, String> map) {
    return map == null || map.isEmpty()
        ? Map.of()
        : Collections.unmodifiableMap(new TreeMap<>(map));
  }
}
