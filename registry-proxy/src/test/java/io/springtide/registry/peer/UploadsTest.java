package io.springtide.registry.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
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

  /** One is sent to and one waits: there is room for two who come at once. */
  @Test
  void nobodyIsRefusedWhileTheUplinkIdles() throws Exception {
    int rounds = 5_000;
    List<Uploads> uplinks = Stream.generate(() -> new Uploads(1, 1, 0, 0)).limit(rounds).toList();
    AtomicInteger come = new AtomicInteger();
    Callable<Integer> peer =
        () -> {
          int refused = 0;
          for (int i = 0; i < rounds; i++) {
            come.incrementAndGet();
            while (come.get() < 2 * i + 2) {
              Thread.yield();
            }
            refused += uplinks.get(i).offer(0, 0, () -> {}).isPresent() ? 0 : 1;
          }
          return refused;
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (Future<Integer> refused : threads.invokeAll(List.of(peer, peer))) {
        assertThat(refused.get()).isZero();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
