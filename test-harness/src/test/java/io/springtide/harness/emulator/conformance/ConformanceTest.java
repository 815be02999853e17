package io.springtide.harness.emulator.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.mesos.ProtobufGencode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The emulator answers each recorded scenario as the real Mesos did. */
class ConformanceTest {

  static {
    ProtobufGencode.allow();
  }

  @TempDir Path dir;

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "01-subscribe",
        "01b-subscribe-protobuf",
        "01c-subscribe-accept",
        "02-subscribe-errors",
        "03-offers",
        "03b-offer-timeout",
        "03c-suppressed-subscribe",
        "04-launch-custom-executor",
        "04b-unacknowledged-updates",
        "04c-launch-group",
        "05-launch-errors",
        "06-executor-crash",
        "07-agent-restart",
        "07b-agent-restart-no-checkpoint",
        "08-agent-lost",
        "08b-agent-paused",
        "08c-agent-new-id",
        "08d-agent-gone",
        "09-reconcile",
        "10-scheduler-failover",
        "10b-teardown",
        "11-master-failover-zk",
        "11b-master-restart",
        "12-operator-reads",
        "12b-drain",
        "12c-maintenance",
        "13-authentication",
        "14-kill",
        "15-executor-errors",
        "16-operations"
      })
  void answersAsRecorded(String trace) throws IOException, InterruptedException {
    try (Replay replay = new Replay(Trace.load(trace), dir, Differences.load())) {
      List<String> errors = replay.run();
      assertThat(errors).as("not as recorded in " + trace).isEmpty();
    }
  }
}
