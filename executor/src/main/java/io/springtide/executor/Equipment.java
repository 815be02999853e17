package io.springtide.executor;

import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.discovery.Announcement;
import io.springtide.executor.discovery.Discovery;
import io.springtide.executor.discovery.InstanceEndpoint;
import io.springtide.executor.health.NetworkProbes;
import io.springtide.executor.runtime.ContainerRuntime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a host's executor works with. Owned and closed by {@link HostExecutor}. */
final class Equipment implements AutoCloseable {
  private final Map<String, ContainerRuntime> runtimes = new HashMap<>();
  private final List<ContainerRuntime> inOrder;
  private final NetworkProbes probes;
  private final Function<String, Discovery> consul;
  private final Map<String, Discovery> consuls = new HashMap<>();

  /**
   * @param runtimes at most one of each name
   * @param consul makes the directory behind a Consul agent's address
   */
  Equipment(
      List<ContainerRuntime> runtimes, NetworkProbes probes, Function<String, Discovery> consul) {
    this.inOrder = List.copyOf(runtimes);
    runtimes.forEach(runtime -> this.runtimes.put(runtime.name(), runtime));
    this.probes = probes;
    this.consul = consul;
  }

  List<ContainerRuntime> runtimes() {
    return inOrder;
  }

  Optional<ContainerRuntime> runtime(TaskDocument.Runtime runtime) {
    return Optional.ofNullable(
        runtimes.get(
            switch (runtime) {
              case DOCKER -> "docker";
              case PROCESS -> "process";
            }));
  }

  NetworkProbes probes() {
    return probes;
  }

  /** Opens a directory, which then synchronises itself. */
  void meetConsul(String address) {
    if (!address.isEmpty()) {
      consuls.computeIfAbsent(address, consul);
    }
  }

  /** Announces an endpoint wherever it is wanted. */
  List<Announcement> announce(String consulAddress, InstanceEndpoint endpoint) {
    meetConsul(consulAddress);
    return Stream.ofNullable(consuls.get(consulAddress))
        .filter(directory -> directory.takes(endpoint))
        .map(directory -> directory.announce(endpoint))
        .toList();
  }

  @Override
  public void close() {
    consuls.values().forEach(Discovery::close);
    inOrder.forEach(ContainerRuntime::close);
    probes.close();
  }
}
