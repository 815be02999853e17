package io.springtide.registry.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who drips and who does not, in virtual time. */
class PaceTest {
  private static final long SECOND = 1_000_000_000L;

  private final Pace pace = new Pace(30_000, 30 * SECOND, 0);

  @Test
  void aByteASecondIsNoticedAtTheEndOfTheWindow() {
    for (int second = 1; second < 30; second++) {
      assertThat(pace.tooSlow(1, second * SECOND)).isFalse();
    }
    assertThat(pace.tooSlow(1, 30 * SECOND)).isTrue();
  }

  @Test
  void eachWindowStandsForItself() {
    assertThat(pace.tooSlow(1_000_000_000, 30 * SECOND)).isFalse();
    assertThat(pace.tooSlow(29_999, 60 * SECOND)).as("what came before does not help").isTrue();
    assertThat(pace.tooSlow(30_000, 90 * SECOND)).isFalse();
  }

  @Test
  void timeInWhichNothingWasWantedDoesNotCount() {
    assertThat(pace.tooSlow(1, 29 * SECOND)).isFalse();
    pace.restart(100 * SECOND);
    assertThat(pace.tooSlow(1, 129 * SECOND)).isFalse();
    assertThat(pace.tooSlow(29_999, 130 * SECOND)).isFalse();
  }

  @Test
  void noMinimumMeansAnyPace() {
    assertThat(new Pace(0, SECOND, 0).tooSlow(0, 100 * SECOND)).isFalse();
  }

  @Test
  void aMinimumHoweverSmallOrLargeIsOne() {
    Duration half = Duration.ofMillis(500);
    assertThat(new Timeouts(half, half, 1).minBytes()).isEqualTo(1);
    assertThat(new Timeouts(half, half, 1000).minBytes()).isEqualTo(500);
    assertThat(new Timeouts(half, half, 0).minBytes()).isZero();
    assertThat(new Timeouts(half, Duration.ofDays(1), Long.MAX_VALUE).minBytes())
        .isEqualTo(Long.MAX_VALUE);
  }
}
