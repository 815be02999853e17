package io.springtide.executor;

import io.springtide.executor.contract.Labels;
import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.discovery.InstanceEndpoint;
import io.springtide.executor.health.HealthPolicy;
import io.springtide.executor.runtime.ContainerSetup;
import io.springtide.executor.runtime.ContainerSetup.Limits;
import io.springtide.executor.runtime.ContainerSetup.Mount;
import io.springtide.executor.runtime.ContainerSetup.Network;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.mesos.v1.Protos.ContainerInfo.DockerInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.Volume;

/**
 * How a task is to be run, read out of Mesos' fields and the task document.
 *
 * @param task the task as Mesos gave it
 * @param document what Mesos has no field for
 * @param container what its runtime is to start
 * @param grace from SIGTERM to SIGKILL
 */
record TaskSetup(TaskInfo task, TaskDocument document, ContainerSetup container, Duration grace) {
  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(3); // Mesos' own
  private static final long MEBIBYTE = 1 << 20;

  /** It becomes a directory name and a part of labels. */
  private static final Pattern TASK_ID = Pattern.compile("[A-Za-z0-9_#-][A-Za-z0-9._#-]{0,254}");

  /**
   * A check that nobody asked for: an endpoint that is announced must answer (promise 5), but
   * nothing is killed for it.
   */
  private static final HealthPolicy IMPLIED =
      new HealthPolicy(
          Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(2), 0);

  /**
   * Reads an instance's task.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static TaskSetup of(TaskInfo task, TaskDocument document, ThisHost host) {
    String id = checkedId(task);
    boolean docker = document.runtime() == TaskDocument.Runtime.DOCKER;
    DockerInfo info = docker ? dockerInfo(task) : DockerInfo.getDefaultInstance();
    var env = new HashMap<>(document.env());
    env.putAll(given(task, document, host));
    var container =
        new ContainerSetup(
            id,
            host.sandbox().resolve("tasks").resolve(id),
            info.getImage(),
            document.command(),
            env,
            Map.of(
                Labels.JOB, document.job(),
                Labels.INSTANCE, document.instance(),
                Labels.GENERATION, Long.toString(document.generation())),
            docker ? network(task, info) : new Network.Host(),
            document.ports(),
            docker ? mounts(task, document.mountRoots()) : List.of(),
            limits(task),
            new ContainerSetup.Options(info.getForcePullImage(), info.getPrivileged()),
            document.tools().stream().map(tool -> tool(tool, env)).toList());
    var setup = new TaskSetup(task, document, container, graceOf(task));
    setup.checkHealth(); // so that a wrong one is refused before anything is started
    return setup;
  }

  static String checkedId(TaskInfo task) {
    String id = task.getTaskId().getValue();
    if (!TASK_ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "task id \""
              + id
              + "\": letters, digits, '.', '_', '-' and '#' only, at most 255, not first '.'");
    }
    return id;
  }

  private static Map<String, String> given(TaskInfo task, TaskDocument document, ThisHost host) {
    var given = new LinkedHashMap<String, String>();
    given.put("HOST", host.address());
    for (TaskDocument.Port port : document.ports()) {
      given.put(
          "PORT_" + port.name().toUpperCase(Locale.ROOT).replace('-', '_'),
          Integer.toString(port.host()));
    }
    given.put("SPRINGTIDE_JOB", document.job());
    given.put("SPRINGTIDE_INSTANCE", document.instance());
    given.put("SPRINGTIDE_TASK", task.getTaskId().getValue());
    return given;
  }

  private static DockerInfo dockerInfo(TaskInfo task) {
    var docker = task.getContainer().getDocker();
    if (docker.getImage().isEmpty()) {
      throw new IllegalArgumentException(
          "runtime docker without an image: TaskInfo.container.docker.image is not set");
    }
    return docker;
  }

  private static Network network(TaskInfo task, DockerInfo docker) {
    return switch (docker.getNetwork()) {
      case HOST -> new Network.Host();
      case BRIDGE -> new Network.Bridge();
      case USER -> {
        var infos = task.getContainer().getNetworkInfosList();
        if (infos.isEmpty() || infos.get(0).getName().isEmpty()) {
          throw new IllegalArgumentException(
              "network USER without a name: TaskInfo.container.network_infos[0].name is not set");
        }
        yield new Network.Named(infos.get(0).getName());
      }
      case NONE -> throw new IllegalArgumentException("network NONE is not supported");
    };
  }

  private static List<Mount> mounts(TaskInfo task, List<String> roots) {
    return task.getContainer().getVolumesList().stream()
        .map(
            volume -> {
              if (!volume.getHostPath().startsWith("/")
                  || !volume.getContainerPath().startsWith("/")) {
                throw new IllegalArgumentException(
                    "volume "
                        + volume.getHostPath()
                        + " at "
                        + volume.getContainerPath()
                        + ": both paths must be absolute");
              }
              return new Mount(
                  volume.getHostPath(),
                  volume.getContainerPath(),
                  volume.getMode() == Volume.Mode.RO,
                  roots);
            })
        .toList();
  }

  private static Limits limits(TaskInfo task) {
    return new Limits(
        scalar(task, "cpus"),
        Optional.ofNullable(task.getLimitsMap().get("cpus")).map(cpus -> cpus.getValue()),
        (long) (scalar(task, "mem") * MEBIBYTE));
  }

  private static double scalar(TaskInfo task, String name) {
    return task.getResourcesList().stream()
        .filter(resource -> resource.getName().equals(name))
        .map(Resource::getScalar)
        .mapToDouble(scalar -> scalar.getValue())
        .sum();
  }

  private static TaskDocument.Tool tool(TaskDocument.Tool tool, Map<String, String> mainEnv) {
    var env = new HashMap<>(tool.env());
    mainEnv.forEach(
        (name, value) -> {
          if (name.equals("HOST") || name.startsWith("PORT_") || name.startsWith("SPRINGTIDE_")) {
            env.put(name, value);
          }
        });
    return new TaskDocument.Tool(tool.name(), tool.image(), tool.command(), env);
  }

  private static Duration graceOf(TaskInfo task) {
    return task.getKillPolicy().hasGracePeriod()
        ? Duration.ofNanos(task.getKillPolicy().getGracePeriod().getNanoseconds())
        : DEFAULT_GRACE;
  }

  private void checkHealth() {
    var unused = policy();
    if (!checked()) {
      return;
    }
    var check = task.getHealthCheck();
    boolean complete =
        switch (check.getType()) {
          case HTTP -> check.hasHttp() && check.getHttp().getPort() > 0;
          case TCP -> check.hasTcp() && check.getTcp().getPort() > 0;
          case COMMAND ->
              check.hasCommand()
                  && (check.getCommand().getShell()
                      ? check.getCommand().hasValue()
                      : check.getCommand().getArgumentsCount() > 0);
          case UNKNOWN -> false;
        };
    if (check.getType() == HealthCheck.Type.HTTP) {
      requireUri(check.getHttp().getPath());
    }
    if (!complete) {
      throw new IllegalArgumentException(
          "health_check of type "
              + check.getType()
              + ": HTTP and TCP need a port, COMMAND a command; others are not known");
    }
  }

  private static void requireUri(String path) {
    try {
      var unused = new URI("http://host" + path(path));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "health_check.http.path \"" + path + "\": " + e.getReason(), e);
    }
  }

  /** Whether its health is to be told, and it may be killed for it. */
  boolean checked() {
    return task.hasHealthCheck();
  }

  /** Whether the framework decides what becomes of it once it has failed too often. */
  boolean condemnationIsReported() {
    return task.getLabels().getLabelsList().stream()
        .anyMatch(
            label ->
                label.getKey().equals(Labels.CONDEMNED)
                    && label.getValue().equals(Labels.REPORTED));
  }

  /** How to judge its health; empty when nothing needs to be known. */
  Optional<HealthPolicy> policy() {
    if (task.hasHealthCheck()) {
      var check = task.getHealthCheck();
      return Optional.of(
          new HealthPolicy(
              // Mesos' default is 15 s; our jobs know a grace and no delay.
              check.hasDelaySeconds() ? seconds(check.getDelaySeconds()) : Duration.ZERO,
              seconds(check.getGracePeriodSeconds()),
              seconds(check.getIntervalSeconds()),
              check.getTimeoutSeconds() == 0
                  ? Duration.ofMinutes(1)
                  : seconds(check.getTimeoutSeconds()),
              check.getConsecutiveFailures()));
    }
    return document.discovery().isEmpty() ? Optional.empty() : Optional.of(IMPLIED);
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  /** Where a port of this task is reached, given the container's own address, if it has one. */
  int reachable(TaskDocument.Port port, Optional<String> ownAddress) {
    return ownAddress.isPresent() ? port.inside() : port.host();
  }

  /** What to announce, when the container can be reached at {@code address}. */
  List<InstanceEndpoint> endpoints(ThisHost host, Optional<String> ownAddress) {
    return document.discovery().stream()
        .map(
            entry -> {
              var port = portNamed(entry.portName());
              return new InstanceEndpoint(
                  container.task(),
                  document.job(),
                  document.instance(),
                  document.generation(),
                  ownAddress.orElse(host.address()),
                  reachable(port, ownAddress),
                  entry,
                  httpPath(port),
                  policy().orElse(IMPLIED));
            })
        .toList();
  }

  private Optional<String> httpPath(TaskDocument.Port port) {
    var check = task.getHealthCheck();
    boolean http =
        check.getType() == HealthCheck.Type.HTTP
            && check.getHttp().getPort() == port.host()
            && !check.getHttp().getScheme().equals("https")
            && check.getHttp().getStatusesCount() == 0;
    return http ? Optional.of(path(check.getHttp().getPath())) : Optional.empty();
  }

  static String path(String path) {
    return path.startsWith("/") ? path : "/" + path;
  }

  TaskDocument.Port portNamed(String name) {
    return document.ports().stream()
        .filter(port -> port.name().equals(name))
        .findFirst()
        .orElseThrow(); // TaskDocument has checked it
  }

  /** The port behind a host port, for a container that has an address of its own. */
  int portAt(int hostPort, Optional<String> ownAddress) {
    return document.ports().stream()
        .filter(port -> port.host() == hostPort)
        .findFirst()
        .map(port -> reachable(port, ownAddress))
        .orElse(hostPort);
  }
}
