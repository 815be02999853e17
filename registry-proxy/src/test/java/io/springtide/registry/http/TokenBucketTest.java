package io.springtide.registry.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A rate, in virtual time. */
class TokenBucketTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void whoWasIdleForAnHourHasASecondsWorth() {
    TokenBucket bucket = new TokenBucket(10, 0);
    assertThat(bucket.take(10, 3600 * SECOND)).isZero();
    assertThat(bucket.take(5, 3600 * SECOND)).isEqualTo(SECOND / 2);
    assertThat(bucket.take(5, 3601 * SECOND)).as("half of it was owed").isZero();
    assertThat(bucket.full(3601 * SECOND)).isFalse();
    assertThat(bucket.full(3602 * SECOND)).isTrue();
  }

  @Test
  void whatIsGivenBackIsThereForTheNext() {
    TokenBucket bucket = new TokenBucket(10, 0);
    bucket.take(10, 0);
    assertThat(bucket.take(10, 0)).isEqualTo(SECOND);
    bucket.giveBack(10);
    assertThat(bucket.take(5, 0)).isEqualTo(SECOND / 2);
    bucket.giveBack(1000);
    assertThat(bucket.take(20, 0)).as("never more than a second's worth").isEqualTo(SECOND);
  }
}
