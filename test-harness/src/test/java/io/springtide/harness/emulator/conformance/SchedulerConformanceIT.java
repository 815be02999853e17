package io.springtide.harness.emulator.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.mesos.ProtobufGencode;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The recorded scenarios that need nothing but a master, against any master: the one that {@code
 * -Dmesos.master=http://host:5050} or the variable {@code MESOS_MASTER} names, else an emulated one
 * by the wall clock. A real one must be of Mesos 1.12, without authentication or a whitelist of
 * roles; its frameworks of this test are gone after a minute.
 */
@Timeout(120)
class SchedulerConformanceIT {

  static {
    ProtobufGencode.allow();
  }

  @TempDir Path dir;

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"01c-subscribe-accept", "02-subscribe-errors"})
  void aMasterAnswersAsRecorded(String trace) throws Exception {
    String given = System.getProperty("mesos.master", System.getenv("MESOS_MASTER"));
    if (given != null && !given.isBlank()) {
      play(trace, URI.create(given));
      return;
    }
    try (MesosEmulator mesos = MesosEmulator.start(EmulatorConfig.in(dir))) {
      play(trace, mesos.masterUri());
    }
  }

  private void play(String trace, URI master) throws Exception {
    try (Replay replay = new Replay(Trace.load(trace), dir, Differences.load(), master)) {
      assertThat(replay.run()).as("not as recorded in " + trace).isEmpty();
    }
  }
}
