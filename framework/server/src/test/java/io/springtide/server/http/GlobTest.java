package io.springtide.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
  @ParameterizedTest
  @CsvSource({
    "feed.api,    feed.api,   true",
    "feed.api,    feed.apis,  false",
    "feed.ap,     feed.api,   false",
    "feed.*,      feed.api,   true",
    "*.api,       feed.api,   true",
    "*,           feed.api,   true",
    "f*d.*i,      feed.api,   true",
    "f*x*,        feed.api,   false",
    "feed.ap?,    feed.api,   true",
    "feed.api?,   feed.api,   false",
    "feedxapi,    feed.api,   false",
    "*a*a*,       feed.data,  true",
    "**,          a.b,        true",
    "feed.[ab],   feed.a,     false",
  })
  void aPatternIsOfAllOfTheText(String pattern, String text, boolean matches) {
    assertThat(new Glob(pattern).matches(text)).isEqualTo(matches);
  }

  @Test
  void noPatternTakesLong() {
    Glob worst = new Glob("*a".repeat(100) + "b");
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5), () -> assertThat(worst.matches("a".repeat(10_000))).isFalse());
  }
}
