package io.springtide.harness.emulator.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LiveReplayTest {

  @Test
  void theCallThatAbortsAMasterIsNeverSentToOneThatIsInUse() {
    Trace whole = Trace.load("02-subscribe-errors");
    Trace harmless = LiveReplay.harmless(whole);
    assertThat(aborting(whole)).isEqualTo(1);
    assertThat(aborting(harmless)).isZero();
    assertThat(harmless.lines().size()).isGreaterThan(whole.lines().size() * 9 / 10);
  }

  /** Calls of type UNKNOWN that name a framework which the master knows. */
  private static long aborting(Trace trace) {
    return trace.lines().stream()
        .filter(line -> line.get("dir").asText().equals("request"))
        .filter(line -> line.at("/body/type").asText().equals("UNKNOWN"))
        .filter(line -> line.at("/body/framework_id/value").asText().length() > 30)
        .count();
  }
}
