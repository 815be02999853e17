package io.springtide.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What has really passed, whatever becomes of the wall clock. */
class SteadyClockTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final TestProxy.HandClock wall = new TestProxy.HandClock();
  private long nanos = Long.MAX_VALUE - 10;
  private final SteadyClock clock = new SteadyClock(wall, () -> nanos);

  @Test
  void itBeginsAtTheWallsTimeAndGoesOnByWhatPasses() {
    assertThat(clock.instant()).isEqualTo(START);
    // Nanoseconds may overflow on their way.
    nanos += Duration.ofSeconds(7).toNanos();
    assertThat(clock.instant()).isEqualTo(START.plusSeconds(7));
  }

  @Test
  void aWallClockThatIsSetDoesNotMoveIt() {
    wall.pass(Duration.ofHours(-1));
    assertThat(clock.instant()).isEqualTo(START);
    wall.pass(Duration.ofHours(1).plusDays(1));
    nanos += 1000;
    assertThat(clock.instant()).isEqualTo(START.plusNanos(1000));
  }
}
