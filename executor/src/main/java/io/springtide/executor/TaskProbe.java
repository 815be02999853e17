package io.springtide.executor;

import io.springtide.executor.health.NetworkProbes;
import io.springtide.executor.health.Probe;
import io.springtide.executor.runtime.Container;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.mesos.v1.Protos.HealthCheck;

/** How a task's health is looked at. */
final class TaskProbe {
  private TaskProbe() {}

  /**
   * The probe that the task's health check asks for; where it has none, a connection to the port
   * that is announced.
   */
  static Probe of(
      Launch launch, Host host, Container container, NetworkProbes probes, Duration timeout) {
    String address = container.address().orElse(host.address());
    if (!launch.checked()) {
      var port = launch.portNamed(launch.document().discovery().get(0).portName());
      return probes.tcp(address, launch.reachable(port, container.address()), timeout);
    }
    HealthCheck check = launch.task().getHealthCheck();
    return switch (check.getType()) {
      case HTTP -> {
        var http = check.getHttp();
        String scheme = http.getScheme().isEmpty() ? "http" : http.getScheme();
        int port = launch.portAt(http.getPort(), container.address());
        yield probes.http(
            URI.create(scheme + "://" + address + ":" + port + Launch.path(http.getPath())),
            Set.copyOf(http.getStatusesList()),
            timeout);
      }
      case TCP ->
          probes.tcp(
              address, launch.portAt(check.getTcp().getPort(), container.address()), timeout);
      case COMMAND -> {
        List<String> command =
            check.getCommand().getShell()
                ? List.of("/bin/sh", "-c", check.getCommand().getValue())
                : check.getCommand().getArgumentsList();
        yield NetworkProbes.command(() -> container.exec(command, timeout), command.get(0));
      }
      case UNKNOWN -> throw new IllegalStateException("checked when the launch was read");
    };
  }
}
