package io.springtide.registry.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whose turn it is at an uplink. */
class UploadsTest {
  private final List<String> sending = new ArrayList<>();

  @Test
  void whoLeavesGivesUpItsPlaceAndHoldsNobodyUp() {
    Uploads uploads = new Uploads(2, 1, 0, 0);
    uploads.offer(0, 0, () -> sending.add("first"));
    Optional<Integer> leaving = uploads.offer(0, 0, () -> sending.add("leaving"));
    uploads.offer(0, 1, () -> sending.add("last"));
    assertThat(uploads.offer(0, 0, () -> sending.add("refused"))).as("two wait").isEmpty();
    assertThat(uploads.gone(leaving.orElseThrow())).isTrue();
    assertThat(uploads.gone(leaving.orElseThrow())).as("gone already").isFalse();
    assertThat(uploads.load()).isEqualTo(2);
    uploads.sent();
    assertThat(sending).containsExactly("first", "last");
    uploads.sent();
    assertThat(uploads.load()).isZero();
  }
}
