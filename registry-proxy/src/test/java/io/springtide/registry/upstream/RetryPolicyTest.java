package io.springtide.registry.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How often and how soon an upstream is asked again. */
class RetryPolicyTest {
  private final RetryPolicy policy = RetryPolicy.DEFAULT;

  @Test
  void beforeTheFirstByteThreeTimesEachAfterTwiceAsLong() {
    assertThat(policy.delay(0, false, 0)).contains(100L);
    assertThat(policy.delay(2, false, 0)).contains(400L);
    assertThat(policy.delay(3, false, 0)).isEmpty();
  }

  @Test
  void midwayTenTimesAndNeverLaterThanFiveSeconds() {
    assertThat(policy.delay(5, true, 0)).contains(3200L);
    assertThat(policy.delay(9, true, 0)).contains(5000L);
    assertThat(policy.delay(10, true, 0)).isEmpty();
  }

  @Test
  void whatTheUpstreamAsksForIsHonouredUpToAMinute() {
    assertThat(policy.delay(0, false, 60_000)).contains(60_000L);
    assertThat(policy.delay(0, false, 60_001)).isEmpty();
    assertThat(policy.delay(9, true, 10)).contains(5000L);
    assertThat(RetryPolicy.asked("7", 0)).isEqualTo(7000);
    assertThat(RetryPolicy.asked("Thu, 01 Jan 1970 00:00:09 GMT", 2000)).isEqualTo(7000);
    assertThat(RetryPolicy.asked("Thu, 01 Jan 1970 00:00:09 GMT", 20_000)).isZero();
    assertThat(Optional.of(RetryPolicy.asked("soon", 0))).contains(0L);
  }
}
