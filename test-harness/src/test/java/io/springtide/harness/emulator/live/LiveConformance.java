package io.springtide.harness.emulator.live;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.springtide.harness.emulator.AgentSpec;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.harness.emulator.Timings;
import io.springtide.mesos.ProtobufGencode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recorded scenarios, told again so that they hold at any master with any agents: the one that
 * {@code -Dmesos.master=http://host:5050} or the variable {@code MESOS_MASTER} names, else an
 * emulated one with two agents and another framework, by the wall clock.
 *
 * <p>A recording names one cluster's offers, ids and resources. What is told here is what does not
 * depend on these: states, sources, reasons, texts, what is acknowledged, what is repeated, what
 * comes at once. Each test is called after its recording, and its texts are the recording's.
 */
abstract class LiveConformance {

  static {
    ProtobufGencode.allow();
  }

  @TempDir static Path dir;

  private static MesosEmulator emulator;
  private static Neighbour neighbour;
  static LiveMaster master;

  @BeforeAll
  static void findMaster() throws Exception {
    if (LiveMaster.given().isPresent()) {
      master = LiveMaster.find(LiveMaster.given().get());
      return;
    }
    Timings timings =
        Timings.ofMesos()
            .withAllocationInterval(Duration.ofMillis(200))
            .withUpdateRetry(Duration.ofSeconds(2), Duration.ofMinutes(1))
            .withOfferTimeout(Duration.ofSeconds(5))
            .withExecutors(Duration.ofMinutes(1), Duration.ofSeconds(2), Duration.ofSeconds(5));
    emulator = MesosEmulator.start(EmulatorConfig.in(dir).withTimings(timings));
    emulator.addAgent(
        AgentSpec.of("one", "cpus:3;mem:2048;disk:4000;ports:[31000-31009]", Map.of()));
    emulator.addAgent(
        AgentSpec.of("two", "cpus:2;mem:1024;disk:2000;ports:[31010-31019]", Map.of("rack", "r2")));
    emulator.awaitRegistered("one", Duration.ofSeconds(20));
    emulator.awaitRegistered("two", Duration.ofSeconds(20));
    neighbour = new Neighbour(emulator.masterUri());
    master =
        LiveMaster.emulated(
            emulator.masterUri(), Map.of("allocation_interval", "200ms", "offer_timeout", "5secs"));
  }

  @AfterAll
  static void leave() {
    master = null;
    if (emulator != null) {
      neighbour.close();
      emulator.close();
      emulator = null;
    }
  }

  /** The longest pause before an update that nobody acknowledged comes again. */
  static Duration updateRetry() {
    return master.foreign() ? Duration.ofSeconds(10) : Duration.ofSeconds(2);
  }

  /** The given cluster cannot carry this story; an emulated one always can. */
  static void needs(String what) {
    String line = "needs " + what + ", which the cluster of " + master.masters() + " has not";
    System.out.println("skipped: " + line);
    if (!master.foreign()) {
      fail(line);
    }
    abort(line);
  }
}
