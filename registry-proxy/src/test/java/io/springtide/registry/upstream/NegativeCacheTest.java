package io.springtide.registry.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.TestProxy.HandClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is remembered of what is not there. */
class NegativeCacheTest {
  private static final ContentFailure MISSING =
      new ContentFailure(ContentFailure.Kind.NOT_FOUND, "no such thing");

  private final HandClock clock = new HandClock();
  private final NegativeCache cache = new NegativeCache(clock, Duration.ofSeconds(5));

  @Test
  void aVerdictIsRememberedForItsLifeAndAFailureNotAtAll() {
    cache.put("a", MISSING);
    cache.put("b", new ContentFailure(ContentFailure.Kind.UNAVAILABLE, "it does not answer"));
    assertThat(cache.find("a")).contains(MISSING);
    assertThat(cache.find("b")).isEmpty();
    clock.pass(Duration.ofSeconds(5));
    assertThat(cache.find("a")).isEmpty();
  }

  @Test
  void whoeverAsksForNonsenseDoesNotFillTheMemory() {
    for (int i = 0; i <= 10_000; i++) {
      cache.put("k" + i, MISSING);
    }
    assertThat(cache.find("k0")).isEmpty();
    assertThat(cache.find("k1")).isPresent();
  }
}
