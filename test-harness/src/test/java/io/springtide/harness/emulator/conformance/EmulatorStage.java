package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.emulator.AgentView;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.harness.emulator.time.VirtualLoop;
import io.springtide.harness.emulator.wire.Ids;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * The emulator behind real HTTP, but on a virtual clock that follows the recording: a minute of
 * Mesos takes no minute, and nothing depends on how fast this machine is.
 */
final class EmulatorStage implements Stage {

  private static final Instant START = Instant.parse("2026-11-20T20:00:00Z");

  private final Trace trace;
  private final Setup setup;
  private final Path dir;
  private final Bindings bindings;
  private final VirtualLoop loop = new VirtualLoop(START);
  private final RecordedExecutors executors = new RecordedExecutors(loop);
  private final Map<String, Integer> agentPorts = new LinkedHashMap<>();
  private MesosEmulator mesos;
  private RecordedZooKeeper zooKeeper;
  private boolean wipe;

  EmulatorStage(Trace trace, Path dir, Bindings bindings) {
    this.trace = trace;
    this.setup = new Setup(trace);
    this.dir = dir;
    this.bindings = bindings;
  }

  @Override
  public double clock() {
    return Duration.between(START, loop.now()).toNanos() / 1e9;
  }

  @Override
  public void advance(Duration time) {
    loop.advance(time);
  }

  @Override
  public void process(String name, String action) throws IOException, InterruptedException {
    if (name.equals("zookeeper")) {
      zooKeeper(action);
    } else if (name.startsWith("master")) {
      master(index(name), action);
    } else {
      agent(name, action);
    }
  }

  private static int index(String master) {
    return Integer.parseInt(master.substring("master".length())) - 1;
  }

  private void zooKeeper(String action) throws IOException {
    if (action.equals("start")) {
      zooKeeper = new RecordedZooKeeper();
    } else {
      zooKeeper.close();
    }
  }

  private void master(int index, String action) throws IOException, InterruptedException {
    if (mesos == null) {
      loop.advance(Duration.ofNanos((long) (setup.firstAllocation() * 1e9)));
      mesos =
          MesosEmulator.start(
              setup.config(dir, zooKeeper == null ? "" : zooKeeper.url()),
              loop,
              new Ids(new Random(trace.name().hashCode())),
              executors);
    }
    switch (action) {
      case "start" -> {
        mesos.startMaster(index);
        bindings.bind(
            setup.port("master" + (index + 1)),
            String.valueOf(mesos.masterUris().get(index).getPort()));
        if (zooKeeper != null) {
          zooKeeper.awaitMasters(index + 1);
        }
      }
      case "SIGKILL" -> mesos.killMaster(index);
      case "exited" -> {
        // The recorded master aborted over a bug of its own.
      }
      default -> throw new IllegalArgumentException(action);
    }
  }

  private void agent(String name, String action) throws IOException {
    switch (action) {
      case "start" -> startAgent(name);
      case "SIGKILL" -> mesos.killAgent(name);
      case "SIGSTOP" -> mesos.pauseAgent(name);
      case "SIGCONT" -> mesos.resumeAgent(name);
      case "SIGUSR1" -> mesos.stopAgent(name, true);
      default -> throw new IllegalArgumentException(name + " " + action);
    }
  }

  private void startAgent(String name) throws IOException {
    if (!agentPorts.containsKey(name)) {
      AgentView view = mesos.addAgent(setup.agent(name));
      agentPorts.put(name, view.uri().getPort());
      bindings.bind(setup.port(name), String.valueOf(view.uri().getPort()));
      return;
    }
    if (wipe) {
      mesos.wipeAgent(name);
      wipe = false;
    }
    mesos.restartAgent(name);
  }

  @Override
  public boolean isDown(String name) {
    return name.startsWith("master") || mesos.agent(name).state() == AgentView.AgentState.DOWN;
  }

  @Override
  public void wipeAtNextStart() {
    wipe = true;
  }

  @Override
  public void executorEnds(String executorId, int status, Duration noticed) {
    RecordedExecutors.Run run = executors.find(executorId);
    if (run != null) {
      executors.exit(run.launch.containerId(), status, noticed);
    }
  }

  @Override
  public Optional<Map<String, String>> environment(String executorId) {
    return Optional.ofNullable(executors.find(executorId)).map(run -> run.launch.environment());
  }

  @Override
  public Address address(String recordedPort) {
    String process = setup.process(recordedPort);
    int port =
        process.startsWith("master")
            ? mesos.masterUris().get(index(process)).getPort()
            : agentPorts.get(process);
    return new Address("127.0.0.1", port);
  }

  @Override
  public long sent() {
    return mesos == null ? 0 : mesos.eventsSent();
  }

  /** The recorder polled until another master led; so do we, for ZooKeeper has its own clock. */
  @Override
  public void awaitStatus(int status) throws InterruptedException {
    if (zooKeeper != null && status != 307 && status != 503) {
      for (int i = 0; i < 10_000 && mesos.leader() < 0; i++) {
        Thread.sleep(1);
        loop.advance(Duration.ofMillis(1));
      }
    }
  }

  @Override
  public int patienceMillis() {
    return zooKeeper == null ? 200 : 8_000;
  }

  @Override
  public String znode(JsonNode line, JsonNode recorded) throws InterruptedException {
    String wrong = null;
    for (int i = 0; i < 5_000; i++) {
      wrong = zooKeeper.difference(line, recorded, bindings);
      if (wrong == null) {
        return null;
      }
      Thread.sleep(1);
    }
    return wrong;
  }

  @Override
  public void cleanUp() {
    agentPorts.keySet().forEach(mesos::killAgent);
  }

  @Override
  public void subscribed(String frameworkId) {
    // It ends with the emulator.
  }

  @Override
  public boolean exact() {
    return true;
  }

  @Override
  public void close() {
    if (mesos != null) {
      mesos.close();
    }
    if (zooKeeper != null) {
      zooKeeper.close();
    }
  }
}
