package io.springtide.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void whoIsTooFastWaitsAndOthersDoNot() {
    var limit = new RateLimit(2, 4);
    assertThat(taken(limit, "a", 0, 10)).isEqualTo(4);
    assertThat(taken(limit, "b", 0, 10)).isEqualTo(4);
    assertThat(taken(limit, "a", SECOND / 2 - 1, 10)).isZero();
    assertThat(taken(limit, "a", SECOND / 2, 10)).isEqualTo(1);
    assertThat(taken(limit, "a", 100 * SECOND, 10)).as("no more than at first").isEqualTo(4);
  }

  @Test
  void ofTooManyTheLastAreRemembered() {
    var limit = new RateLimit(1, 1);
    for (int i = 0; i < 20_000; i++) {
      assertThat(limit.take("address " + i, 0)).isTrue();
    }
    assertThat(limit.take("address 19999", 0)).isFalse();
    assertThat(limit.take("address 0", 0)).isTrue();
  }

  private static int taken(RateLimit limit, String who, long now, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; i++) {
      taken += limit.take(who, now) ? 1 : 0;
    }
    return taken;
  }
}
