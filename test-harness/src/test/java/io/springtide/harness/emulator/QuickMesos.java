package io.springtide.harness.emulator;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** An emulated Mesos that makes its offers within a moment. */
final class QuickMesos {
  static final Duration ALLOCATION_INTERVAL = Duration.ofMillis(100);

  private QuickMesos() {}

  static MesosEmulator in(Path directory) throws IOException, InterruptedException {
    return MesosEmulator.start(
        EmulatorConfig.in(directory)
            .withTimings(Timings.ofMesos().withAllocationInterval(ALLOCATION_INTERVAL)));
  }

  /** An agent of these resources joins. */
  static void join(MesosEmulator mesos, String agent, String resources)
      throws IOException, InterruptedException {
    mesos.addAgent(AgentSpec.of(agent, resources, Map.of()));
    mesos.awaitRegistered(agent, Duration.ofSeconds(10));
  }
}
