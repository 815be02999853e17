package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.Shadow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A snapshot is written while commits come, and neither waits for the other: told by the order in
 * which things go out to ZooKeeper, whatever the time.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SnapshotBetweenCommitsTest {
  private static final int TOGETHER = 3;

  @TempDir Path dir;
  private final Gate gate = new Gate();
  private EmbeddedZooKeeper zooKeeper;
  private CuratorFramework curator;
  private ZooKeeperStateStore store;

  /** All that was committed; the n-th is version n. */
  private final List<List<Change>> committed = new ArrayList<>();

  /** Commits that nobody has heard of yet. */
  private final List<CompletableFuture<Void>> given = new ArrayList<>();

  /** What went out: {@code P} for a piece of the snapshot, {@code C} for commits. */
  private final StringBuilder out = new StringBuilder();

  /** Commits that were given before a piece and not durable before the next. */
  private int late;

  @BeforeEach
  void start() {
    zooKeeper = EmbeddedZooKeeper.start(dir);
    curator = gate.connect(zooKeeper.connectString(), "order");
    store = new ZooKeeperStateStore(curator);
    store.load();
  }

  @AfterEach
  void stop() {
    store.close();
    curator.close();
    zooKeeper.close();
  }

  @Test
  void noCommitWaitsForMoreThanOnePiece() throws Exception {
    Random random = new Random(7);
    for (int i = 0; i < 40; i++) {
      commit(text(random, 40_000)).join();
    }
    int before = committed.size();
    given.clear();
    gate.watch(this::goesOut);
    CompletableFuture<Void> snapshot = store.snapshot();
    snapshot.join();
    gate.watch(paths -> {});

    assertThat(out.toString()).as("what went out").matches("(PC)+").hasSizeGreaterThan(10);
    assertThat(late).as("commits that had to wait for more than a piece").isZero();
    assertThat(given).hasSize(TOGETHER * out.length() / 2).allMatch(CompletableFuture::isDone);
    store.close();

    CommitLog.Contents read = new CommitLog(curator, Duration.ofSeconds(30)).open();
    assertThat(read.version()).isEqualTo(committed.size());
    assertThat(read.entries()).as("what came meanwhile").hasSize(committed.size() - before);
    assertThat(new ChangeReader().read(read.snapshot().orElseThrow()))
        .as("the snapshot is what was durable when it began")
        .isEqualTo(state(committed.subList(0, before)));
  }

  /** On the store's thread, before it goes out. */
  private void goesOut(List<String> paths) {
    if (paths.stream().anyMatch(path -> path.startsWith("/order/log/"))) {
      out.append('C');
    } else if (paths.stream().anyMatch(path -> path.matches("/order/snapshots/.*/[0-9]+"))) {
      out.append('P');
      late += (int) given.stream().filter(commit -> !commit.isDone()).count();
      // All the pieces that may be ahead are.
      while (encoder().map(Thread::getState).filter(Thread.State.WAITING::equals).isEmpty()) {
        Thread.onSpinWait();
      }
      for (int i = 0; i < TOGETHER; i++) {
        given.add(commit("meanwhile"));
      }
    }
  }

  private CompletableFuture<Void> commit(String text) {
    committed.add(List.of(new Change.CounterSet(text, committed.size() + 1)));
    return store
        .commit(Commit.of(committed.size(), committed.get(committed.size() - 1)))
        .toCompletableFuture();
  }

  private static Optional<Thread> encoder() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("store-snapshot"))
        .findFirst();
  }

  private static List<Change> state(List<List<Change>> commits) {
    Shadow shadow = new Shadow();
    commits.forEach(shadow::follow);
    return shadow.changes();
  }

  private static String text(Random random, int length) {
    return random
        .ints(length, 'a', 'z' + 1)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }
}
