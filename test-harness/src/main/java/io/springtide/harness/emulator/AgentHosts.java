package io.springtide.harness.emulator;

import io.springtide.harness.emulator.agent.Agent;
import io.springtide.harness.emulator.agent.AgentConfig;
import io.springtide.harness.emulator.agent.ExecutorLauncher;
import io.springtide.harness.emulator.http.AgentDoor;
import io.springtide.harness.emulator.http.KeptPort;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The places of the emulated agents over their restarts: a name, a directory and a port that stay,
 * and a door that is open while the agent's process runs.
 */
final class AgentHosts {

  /** Opens an agent's door on a port. */
  @FunctionalInterface
  interface Doors {
    AgentDoor open(int port, Supplier<Agent> agent) throws IOException;
  }

  private final EmulatorConfig config;
  private final Cluster cluster;
  private final ExecutorLauncher launcher;
  private final OnLoop onLoop;
  private final Doors doors;
  private final Map<String, Host> hosts = new LinkedHashMap<>();

  private static final class Host {
    final AgentSpec spec;
    final Path workDir;
    final KeptPort port;
    AgentDoor door;

    Host(AgentSpec spec, Path workDir) throws IOException {
      this.spec = spec;
      this.workDir = workDir;
      port = KeptPort.any();
    }

    void close() {
      if (door != null) {
        door.close();
        door = null;
      }
    }

    /** It is never opened again. */
    void end() {
      close();
      port.close();
    }
  }

  AgentHosts(
      EmulatorConfig config,
      Cluster cluster,
      ExecutorLauncher launcher,
      OnLoop onLoop,
      Doors doors) {
    this.config = config;
    this.cluster = cluster;
    this.launcher = launcher;
    this.onLoop = onLoop;
    this.doors = doors;
  }

  synchronized AgentView add(AgentSpec spec) throws IOException {
    if (hosts.containsKey(spec.name())) {
      throw new IllegalArgumentException("there is an agent '" + spec.name() + "' already");
    }
    Infos.check(spec);
    Path workDir = Files.createDirectories(config.workDir().resolve(spec.name()).toAbsolutePath());
    Host host = new Host(spec, workDir);
    try {
      open(host);
    } catch (IOException e) {
      host.end();
      throw e;
    }
    hosts.put(spec.name(), host);
    AgentConfig agent = Infos.agent(config, spec, host.port.number(), workDir);
    onLoop.run(() -> cluster.addAgent(agent, () -> closeLater(host)));
    return view(host);
  }

  private void open(Host host) throws IOException {
    host.door = doors.open(host.port.number(), () -> cluster.agent(host.spec.name()).orElse(null));
  }

  /** The process ended by itself: its door closes, though not on the loop's time. */
  @SuppressWarnings("FutureReturnValueIgnored") // Nobody waits for a door to close.
  private void closeLater(Host host) {
    CompletableFuture.runAsync(
        () -> {
          synchronized (this) {
            host.close();
          }
        });
  }

  /** As {@code kill -9}. */
  synchronized void kill(String agent) {
    host(agent).close();
    onLoop.run(() -> cluster.killAgent(agent));
  }

  synchronized void restart(String agent) throws IOException {
    Host host = host(agent);
    if (host.door == null) {
      open(host);
    }
    onLoop.run(() -> cluster.restartAgent(agent));
  }

  /** As on SIGUSR1: it unregisters and closes its door itself. */
  synchronized void leave(String agent) {
    host(agent);
    onLoop.run(() -> cluster.leaveAgent(agent));
  }

  /** As a host that is switched off. */
  synchronized void switchOff(String agent) {
    host(agent).close();
    onLoop.run(
        () -> {
          cluster
              .agent(agent)
              .ifPresent(
                  process ->
                      process
                          .executorViews()
                          .forEach(executor -> launcher.kill(executor.containerId())));
          cluster.killAgent(agent);
        });
  }

  synchronized void remove(String agent) {
    switchOff(agent);
    onLoop.run(() -> cluster.removeAgent(agent));
    hosts.remove(agent).end();
  }

  synchronized AgentView view(String agent) {
    return view(host(agent));
  }

  synchronized List<AgentView> views() {
    return hosts.values().stream().map(this::view).toList();
  }

  private AgentView view(Host host) {
    return onLoop.get(
        () -> {
          String name = host.spec.name();
          return new AgentView(
              name,
              cluster.disk(name).agentId(),
              URI.create("http://127.0.0.1:" + host.port.number()),
              host.workDir,
              cluster.agent(name).map(AgentHosts::state).orElse(AgentView.AgentState.DOWN),
              cluster.disk(name).executorViews());
        });
  }

  private static AgentView.AgentState state(Agent process) {
    return process.isRegistered() ? AgentView.AgentState.REGISTERED : AgentView.AgentState.STARTING;
  }

  private Host host(String agent) {
    Host host = hosts.get(agent);
    if (host == null) {
      throw new IllegalArgumentException(
          "there is no agent '" + agent + "'; known are " + hosts.keySet());
    }
    return host;
  }

  synchronized List<String> names() {
    return List.copyOf(hosts.keySet());
  }

  /** Closes all doors. */
  synchronized void close() {
    hosts.values().forEach(Host::end);
  }
}
