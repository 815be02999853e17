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
      TaskSetup setup, ThisHost host, Container container, NetworkProbes probes, Duration timeout) {
    String address = container.address().orElse(host.address());
    if (!setup.checked()) {
      var port = setup.portNamed(setup.document().discovery().get(0).portName());
      return probes.tcp(address, setup.reachable(port, container.address()), timeout);
    }
    HealthCheck check = setup.task().getHealthCheck();
    return switch (check.getType()) {
      case HTTP -> {
        var http = check.getHttp();
        String scheme = http.getScheme().isEmpty() ? "http" : http.getScheme();
        int port = setup.portAt(http.getPort(), container.address());
        yield probes.http(
            URI.create(scheme + "://" + address + ":" + port + TaskSetup.path(http.getPath())),
            Set.copyOf(http.getStatusesList()),
            timeout);
      }
      case TCP ->
          probes.tcp(address, setup.portAt(check.getTcp().getPort(), container.address()), timeout);
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
