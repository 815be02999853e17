package io.springtide.registry.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.registry.TestProxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies on disk survives a restart, and only what is whole does. */
class BlobStoreTest {
  private static final StoreLimits LIMITS = new StoreLimits(1000, 0.9, 0.5, 0);

  @TempDir Path root;
  private final Clock clock = Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

  private BlobStore open() throws Exception {
    return BlobStore.open(root, LIMITS, clock);
  }

  private static byte[] content(int size, int seed) {
    byte[] bytes = new byte[size];
    bytes[0] = (byte) seed;
    return bytes;
  }

  @Test
  void aDraftIsNotThereUntilItIsCommitted() throws Exception {
    BlobStore store = open();
    byte[] bytes = content(100, 1);
    Digest digest = Digest.of(bytes);
    Draft draft = store.begin(digest, 100).orElseThrow();
    draft.append(ByteBuffer.wrap(bytes));
    assertThat(store.find(digest)).isEmpty();
    assertThat(open().find(digest)).as("nor after a crash").isEmpty();
  }

  @Test
  void aCrashMidwayLeavesNothingBehind() throws Exception {
    BlobStore store = open();
    byte[] bytes = content(100, 1);
    store.begin(Digest.of(bytes), 100).orElseThrow().append(ByteBuffer.wrap(bytes, 0, 50));
    open();
    try (var drafts = Files.list(root.resolve("drafts"))) {
      assertThat(drafts).isEmpty();
    }
  }

  @Test
  void theIndexIsRebuiltFromTheNames() throws Exception {
    byte[] bytes = content(100, 1);
    Digest digest = Digest.of(bytes);
    open().put(digest, bytes);
    BlobStore again = open();
    assertThat(again.find(digest).orElseThrow().size()).isEqualTo(100);
    assertThat(again.usedBytes()).isEqualTo(100);
    Files.write(root.resolve("blobs/sha256/stray"), new byte[3]);
    assertThat(open().usedBytes()).isEqualTo(100);
  }

  @Test
  void evictionKeepsWithinTheQuotaAndTakesTheOldestFirst() throws Exception {
    BlobStore store = open();
    for (int i = 0; i < 20; i++) {
      byte[] bytes = content(100, i);
      assertThat(store.put(Digest.of(bytes), bytes)).isPresent();
      assertThat(store.usedBytes()).isLessThanOrEqualTo(900);
    }
    assertThat(store.has(Digest.of(content(100, 19)))).isTrue();
    assertThat(store.evictions()).isPositive();
  }

  @Test
  void whatIsReservedCountsAndIsGivenBack() throws Exception {
    BlobStore store = open();
    Optional<Draft> first = store.begin(Digest.of(content(1, 1)), 600);
    assertThat(store.begin(Digest.of(content(1, 2)), 600)).isEmpty();
    store.discard(first.orElseThrow());
    assertThat(store.begin(Digest.of(content(1, 2)), 600)).isPresent();
    assertThat(store.begin(Digest.of(content(1, 3)), 2000))
        .as("larger than the whole quota")
        .isEmpty();
  }

  private static Digest stored(BlobStore store, byte[] bytes) throws Exception {
    return store.put(Digest.of(bytes), bytes).orElseThrow().digest();
  }

  @Test
  void pinnedBlobsStayEvenIfThenThereIsNoRoom() throws Exception {
    BlobStore store = open();
    Digest pinned = stored(store, content(800, 1));
    store.pin(pinned);
    byte[] other = content(300, 2);
    assertThat(store.put(Digest.of(other), other)).isEmpty();
    assertThat(store.has(pinned)).isTrue();
  }

  @Test
  void whatCannotFitDrivesNothingOut() throws Exception {
    BlobStore store = open();
    store.pin(stored(store, content(300, 1)));
    Digest other = stored(store, content(300, 2));
    assertThat(store.begin(Digest.of(content(1, 3)), 5000)).as("larger than the quota").isEmpty();
    assertThat(store.begin(Digest.of(content(1, 4)), 800)).as("more than the pins leave").isEmpty();
    assertThat(store.has(other)).isTrue();
    assertThat(store.evictions()).isZero();
  }

  @Test
  void whatDraftsAreStillToTakeIsNotFree() throws Exception {
    long free = root.toFile().getUsableSpace();
    long window = Math.min(free / 2, 4L << 30);
    BlobStore store =
        BlobStore.open(root, new StoreLimits(Long.MAX_VALUE, 1, 1, free - window), clock);
    Draft first = store.begin(Digest.of(content(1, 1)), window * 3 / 5).orElseThrow();
    assertThat(store.begin(Digest.of(content(1, 2)), window * 3 / 5)).isEmpty();
    store.discard(first);
    assertThat(store.begin(Digest.of(content(1, 2)), window * 3 / 5)).isPresent();
  }

  @Test
  void contentOfUnknownSizeCountsAsItComes() throws Exception {
    BlobStore store = open();
    Draft draft = store.begin(Digest.of(content(1, 1)), -1).orElseThrow();
    assertThat(store.grow(draft, 700)).isTrue();
    assertThat(store.begin(Digest.of(content(1, 2)), 600)).isEmpty();
    assertThat(store.grow(draft, 1100)).as("beyond the quota").isFalse();
    store.discard(draft);
    assertThat(store.begin(Digest.of(content(1, 2)), 600)).isPresent();
  }

  @Test
  void theScrubberLeavesWhatItCannotOpen() throws Exception {
    BlobStore store = open();
    byte[] bytes = content(100, 1);
    StoredBlob blob = store.put(Digest.of(bytes), bytes).orElseThrow();
    Files.delete(blob.path());
    Files.createSymbolicLink(blob.path(), blob.path());
    assertThat(new Scrubber(store, count -> {}).scrub()).isZero();
    assertThat(store.has(Digest.of(bytes))).isTrue();
  }

  @Test
  void aScrubberThatIsToldToStopThrowsNothingAway() throws Exception {
    BlobStore store = open();
    byte[] bytes = content(100, 1);
    store.put(Digest.of(bytes), bytes);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> new Scrubber(store, count -> {}).scrub())
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    assertThat(store.has(Digest.of(bytes))).isTrue();
  }

  @Test
  void whatIsInTheIndexIsOnDiskHoweverOftenItComesAndGoes() throws Exception {
    BlobStore store = open();
    byte[] bytes = content(100, 1);
    Digest digest = Digest.of(bytes);
    CompletableFuture<Void> purging =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 3000; i++) {
                store.remove(digest);
              }
            });
    for (int i = 0; i < 1000 || !purging.isDone(); i++) {
      store.put(digest, bytes);
    }
    purging.join();
    store.put(digest, bytes);
    assertThat(Files.exists(store.find(digest).orElseThrow().path())).isTrue();
    assertThat(store.usedBytes()).isEqualTo(100);
  }

  @Test
  void theScrubberRemovesWhatRotted() throws Exception {
    BlobStore store = open();
    byte[] good = content(100, 1);
    byte[] bad = content(100, 2);
    store.put(Digest.of(good), good);
    StoredBlob rotten = store.put(Digest.of(bad), bad).orElseThrow();
    Files.write(rotten.path(), content(100, 3));
    assertThat(new Scrubber(store, bytes -> {}).scrub()).isEqualTo(1);
    assertThat(store.has(Digest.of(good))).isTrue();
    assertThat(store.has(Digest.of(bad))).isFalse();
  }

  @Test
  void aDraftThatCannotBeOpenedTakesNoRoom() throws Exception {
    BlobStore store = open();
    Path drafts = root.resolve("drafts");
    Files.delete(drafts);
    Files.createFile(drafts);
    Digest digest = Digest.of(content(1, 1));
    assertThat(store.begin(digest, 900)).as("no place for a file").isEmpty();
    Files.delete(drafts);
    Files.createDirectory(drafts);
    assertThat(store.begin(digest, 900)).as("all the room is there").isPresent();
  }

  @Test
  void whatArrivesTwiceAtOnceCountsOnce() throws Exception {
    BlobStore store = open();
    byte[] bytes = content(100, 1);
    Draft one = store.begin(Digest.of(bytes), 100).orElseThrow();
    Draft other = store.begin(Digest.of(bytes), 100).orElseThrow();
    for (Draft draft : List.of(one, other)) {
      draft.append(ByteBuffer.wrap(bytes));
      store.commit(draft);
    }
    assertThat(store.usedBytes()).isEqualTo(100);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWasUsedLastStaysWhateverCameLast(boolean restart) throws Exception {
    TestProxy.HandClock time = new TestProxy.HandClock();
    time.pass(Duration.ofDays(36_500)); // the file system's own clock is behind
    StoreLimits limits = new StoreLimits(1000, 0.9, 0.9, 0);
    BlobStore store = BlobStore.open(root, limits, time);
    Digest first = stored(store, content(300, 1));
    time.pass(Duration.ofSeconds(1));
    Digest second = stored(store, content(300, 2));
    time.pass(Duration.ofSeconds(1));
    store.find(first);
    if (restart) {
      store.persistUse();
      store = BlobStore.open(root, limits, time);
    }
    stored(store, content(400, 3));
    assertThat(store.has(first)).isTrue();
    assertThat(store.has(second)).isFalse();
  }
}
