package io.springtide.server.mesos;

import com.google.protobuf.ByteString;
import io.springtide.executor.contract.Labels;
import io.springtide.executor.contract.TaskDocument;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.ContainerSpec;
import io.springtide.scheduler.job.DiscoverySpec;
import io.springtide.scheduler.job.HealthSpec;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.MountSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.PortAssignment;
import io.springtide.scheduler.state.Task;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.DiscoveryInfo;
import org.apache.mesos.v1.Protos.DurationInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.Label;
import org.apache.mesos.v1.Protos.NetworkInfo;
import org.apache.mesos.v1.Protos.Port;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.Volume;

/** Writes launches as Mesos' TaskInfo: Mesos' own fields first, the rest in the task document. */
final class TaskWriter {
  private static final double MILLIS = 1000.0;

  private final String consul;

  /**
   * @param consul address of each host's Consul agent; empty: none
   */
  TaskWriter(String consul) {
    this.consul = consul;
  }

  TaskInfo write(TaskLaunch launch, List<Resource> resources, ExecutorInfo executor) {
    Task task = launch.task();
    TaskInfo.Builder info =
        TaskInfo.newBuilder()
            .setTaskId(TaskID.newBuilder().setValue(task.id()))
            .setAgentId(AgentID.newBuilder().setValue(task.agentId()))
            .addAllResources(resources)
            .setExecutor(executor);
    if (launch.job().isPresent()) {
      instance(info, launch, launch.job().get());
    } else {
      warden(info, task);
    }
    return info.build();
  }

  private void warden(TaskInfo.Builder info, Task task) {
    info.setName("warden of " + task.host());
    info.setData(ByteString.copyFrom(TaskDocument.warden(task.host(), consul).toBytes()));
    info.getLabelsBuilder().addLabels(label(Labels.KIND, "warden"));
  }

  private void instance(TaskInfo.Builder info, TaskLaunch launch, JobSpec job) {
    Task task = launch.task();
    info.setName(launch.instance());
    info.setData(ByteString.copyFrom(document(launch, job).toBytes()));
    info.getLabelsBuilder()
        .addLabels(label(Labels.KIND, "instance"))
        .addLabels(label(Labels.JOB, job.id()))
        .addLabels(label(Labels.INSTANCE, launch.instance()))
        .addLabels(label(Labels.GENERATION, Long.toString(task.generation())))
        .addLabels(label(Labels.ALLOCATION, task.label().name().toLowerCase(Locale.ROOT)));
    info.setKillPolicy(KillPolicy.newBuilder().setGracePeriod(duration(job.stop().grace())));
    info.setDiscovery(discovery(job, task.ports()));
    job.health()
        .ifPresent(
            health -> {
              info.setHealthCheck(healthCheck(health, task.ports()));
              info.getLabelsBuilder().addLabels(label(Labels.CONDEMNED, Labels.REPORTED));
            });
    if (job.runtime() == RuntimeKind.DOCKER) {
      info.setContainer(container(job.container(), task.ports()));
    }
  }

  private TaskDocument document(TaskLaunch launch, JobSpec job) {
    Task task = launch.task();
    return TaskDocument.instance(
            job.id(),
            launch.instance(),
            task.generation(),
            job.runtime() == RuntimeKind.DOCKER
                ? TaskDocument.Runtime.DOCKER
                : TaskDocument.Runtime.PROCESS)
        .command(job.container().command())
        .env(job.container().env())
        .ports(
            task.ports().stream()
                .map(port -> new TaskDocument.Port(port.name(), port.container(), port.host()))
                .toList())
        .discovery(job.discovery().stream().map(TaskWriter::discovery).toList())
        .drainMillis(job.stop().drain().toMillis())
        .tools(
            job.tools().stream()
                .map(t -> new TaskDocument.Tool(t.name(), t.image(), t.command(), t.env()))
                .toList())
        .mountRoots(mountRoots(launch, job))
        .consul(consul)
        .build();
  }

  /**
   * Where a policy has come to allow none, a mount may at least not lead elsewhere than it says.
   */
  private static List<String> mountRoots(TaskLaunch launch, JobSpec job) {
    return launch.mountRoots().isEmpty()
        ? job.container().mounts().stream().map(MountSpec::source).toList()
        : launch.mountRoots();
  }

  private static TaskDocument.Discovery discovery(DiscoverySpec spec) {
    return spec.accept(
        new DiscoverySpec.Visitor<>() {
          @Override
          public TaskDocument.Discovery on(DiscoverySpec.Consul c) {
            return TaskDocument.Discovery.of(
                new TaskDocument.ConsulService(c.service(), c.port(), c.tags()));
          }

          @Override
          public TaskDocument.Discovery on(DiscoverySpec.Upsync u) {
            return TaskDocument.Discovery.of(
                new TaskDocument.Upsync(
                    u.upstream(), u.port(), u.weight(), u.slowStart().toMillis()));
          }
        });
  }

  private static DiscoveryInfo discovery(JobSpec job, List<PortAssignment> ports) {
    DiscoveryInfo.Builder discovery =
        DiscoveryInfo.newBuilder()
            .setVisibility(DiscoveryInfo.Visibility.CLUSTER)
            .setName(job.id());
    for (PortAssignment port : ports) {
      discovery
          .getPortsBuilder()
          .addPorts(Port.newBuilder().setNumber(port.host()).setName(port.name()));
    }
    return discovery.build();
  }

  private static HealthCheck healthCheck(HealthSpec health, List<PortAssignment> ports) {
    HealthCheck.Builder check =
        HealthCheck.newBuilder()
            .setDelaySeconds(0) // 15 s where it is not said
            .setGracePeriodSeconds(seconds(health.grace()))
            .setIntervalSeconds(seconds(health.interval()))
            .setTimeoutSeconds(seconds(health.timeout()))
            .setConsecutiveFailures(health.failures());
    return health
        .probe()
        .accept(
            new HealthSpec.Visitor<HealthCheck.Builder>() {
              @Override
              public HealthCheck.Builder on(HealthSpec.Http http) {
                return check
                    .setType(HealthCheck.Type.HTTP)
                    .setHttp(
                        HealthCheck.HTTPCheckInfo.newBuilder()
                            .setPort(hostPort(ports, http.port()))
                            .setPath(http.path()));
              }

              @Override
              public HealthCheck.Builder on(HealthSpec.Tcp tcp) {
                return check
                    .setType(HealthCheck.Type.TCP)
                    .setTcp(
                        HealthCheck.TCPCheckInfo.newBuilder().setPort(hostPort(ports, tcp.port())));
              }

              @Override
              public HealthCheck.Builder on(HealthSpec.Command command) {
                return check
                    .setType(HealthCheck.Type.COMMAND)
                    .setCommand(
                        CommandInfo.newBuilder()
                            .setShell(false)
                            .setValue(command.command().get(0))
                            .addAllArguments(command.command()));
              }

              @Override
              public HealthCheck.Builder on(HealthSpec.Grpc grpc) {
                throw new IllegalArgumentException(
                    "the API lets no probe in that Mesos has no field for");
              }
            })
        .build();
  }

  private static int hostPort(List<PortAssignment> ports, String name) {
    return ports.stream()
        .filter(port -> port.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no port is named " + name))
        .host();
  }

  private static ContainerInfo container(ContainerSpec spec, List<PortAssignment> ports) {
    ContainerInfo.DockerInfo.Builder docker =
        ContainerInfo.DockerInfo.newBuilder()
            .setImage(spec.image())
            .setPrivileged(spec.privileged());
    ContainerInfo.Builder container = ContainerInfo.newBuilder().setType(ContainerInfo.Type.DOCKER);
    switch (spec.network()) {
      case ContainerSpec.HOST_NETWORK -> docker.setNetwork(ContainerInfo.DockerInfo.Network.HOST);
      case ContainerSpec.BRIDGE_NETWORK -> {
        docker.setNetwork(ContainerInfo.DockerInfo.Network.BRIDGE);
        for (PortAssignment port : ports) {
          docker.addPortMappings(
              ContainerInfo.DockerInfo.PortMapping.newBuilder()
                  .setHostPort(port.host())
                  .setContainerPort(port.container()));
        }
      }
      default -> {
        docker.setNetwork(ContainerInfo.DockerInfo.Network.USER);
        container.addNetworkInfos(NetworkInfo.newBuilder().setName(spec.network()));
      }
    }
    for (MountSpec mount : spec.mounts()) {
      container.addVolumes(
          Volume.newBuilder()
              .setHostPath(mount.source())
              .setContainerPath(mount.target())
              .setMode(mount.readOnly() ? Volume.Mode.RO : Volume.Mode.RW));
    }
    return container.setDocker(docker).build();
  }

  private static Label label(String key, String value) {
    return Label.newBuilder().setKey(key).setValue(value).build();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / MILLIS;
  }

  static DurationInfo duration(Duration duration) {
    return DurationInfo.newBuilder().setNanoseconds(duration.toNanos()).build();
  }
}
