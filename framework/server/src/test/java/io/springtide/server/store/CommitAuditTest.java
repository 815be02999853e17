package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.server.access.Audit;
import io.springtide.server.access.AuditFile;
import io.springtide.server.access.Trail;
import io.springtide.server.loop.Standby;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What was done is in the commit that did it: whoever leads next has it written down. */
class CommitAuditTest extends OnZooKeeper {
  private static final Instant NOW = Instant.parse("2026-11-11T00:00:00Z");

  @Test
  void theNextLeaderHasWhatWasDoneUnderTheLast() throws Exception {
    try (ZooKeeperStateStore store = store(audit("first"))) {
      store.load();
      commit(store, 1, "a");
      commit(store, 2);
      commit(store, 3, "b", "c");
    }
    Audit second = audit("second");
    try (ZooKeeperStateStore store = store(second)) {
      store.load();
    }
    assertThat(whats(second)).containsExactly("c", "b", "a");
    assertThat(second.newest(10).get(0).path("version").asLong()).isEqualTo(3);
  }

  /** Durable, and not yet in the file when the process ends: it is there after the next start. */
  @Test
  void aCrashBeforeTheLineIsWrittenLosesNothingAndDoublesNothing() throws Exception {
    Audit audit = audit("one");
    try (ZooKeeperStateStore store = store(audit)) {
      store.load();
      commit(store, 1, "a");
      audit.replicated(1, List.of(line("a")));
      commit(store, 2, "b", "c");
      audit.replicated(2, List.of(line("b")));
      commit(store, 3, "d");
    }
    for (int start = 0; start < 2; start++) {
      audit = audit("one");
      try (ZooKeeperStateStore store = store(audit)) {
        store.load();
      }
      assertThat(whats(audit)).containsExactly("d", "c", "b", "a");
    }
  }

  @Test
  void whatASnapshotStandsForIsWrittenToo() throws Exception {
    try (ZooKeeperStateStore store = store(Trail.NONE)) {
      store.load();
      commit(store, 1, "a");
      store.snapshot().join();
      commit(store, 2, "b");
    }
    Audit late = audit("late");
    try (ZooKeeperStateStore store = store(late)) {
      store.load();
    }
    assertThat(whats(late)).containsExactly("b", "a");
  }

  /** What it passes over by a snapshot, and what it follows. */
  @Test
  void aFollowerWritesDownWhatItReads() throws Exception {
    Audit follower = audit("follower");
    Standby standby =
        new Standby(
            CoreConfig.of("executor-1"), InstantSource.fixed(NOW), System::nanoTime, follower);
    Tail tail = new Tail(curator, standby, () -> {});
    try (ZooKeeperStateStore store = store(Trail.NONE)) {
      store.load();
      commit(store, 1, "a");
      store.snapshot().join();
      commit(store, 2, "b");
      Tail.replicate(curator, follower);
      tail.look();
      commit(store, 3);
      commit(store, 4, "c");
      tail.look();
      assertThat(whats(follower)).containsExactly("c", "b", "a");
    }
    try (ZooKeeperStateStore next = store(follower)) {
      next.takeOver(tail);
      assertThat(whats(follower)).as("nothing twice").containsExactly("c", "b", "a");
    }
  }

  @Test
  void anotherStateBeginsAnew() throws Exception {
    Audit audit = audit("moved");
    try (ZooKeeperStateStore store = store(audit)) {
      store.load();
      LongStream.rangeClosed(1, 5).forEach(version -> commit(store, version, "old " + version));
    }
    try (ZooKeeperStateStore store = store(audit)) {
      store.load();
    }
    curator.delete().deletingChildrenIfNeeded().forPath("/log");
    curator.delete().forPath("/leader");
    audit = audit("moved");
    try (ZooKeeperStateStore store = store(audit)) {
      store.load();
      commit(store, 1, "new");
    }
    audit = audit("moved");
    try (ZooKeeperStateStore store = store(audit)) {
      store.load();
    }
    assertThat(whats(audit).subList(0, 3))
        .containsExactly("new", "(another state begins)", "old 5");
  }

  /** The log goes only when all that it carries is somewhere else. */
  @Test
  void theLogStaysForWhoeverLacksIt() throws Exception {
    AtomicLong own = new AtomicLong();
    AtomicLong others = new AtomicLong(Long.MAX_VALUE);
    Trail trail =
        new Trail() {
          @Override
          public void follow(String state) {}

          @Override
          public long version() {
            return own.get();
          }

          @Override
          public void replicated(long version, List<String> lines) {}

          @Override
          public void changed(String line) {}
        };
    CommitLog log = new CommitLog(curator, Duration.ofSeconds(20), trail, last -> others.get());
    log.open();
    for (int n = 1; n <= 9; n++) {
      log.append(List.of(Logs.entry("[]")));
      if (n % 3 == 0) {
        Logs.snapshot(log, n, Logs.entry("[]"));
      }
    }
    assertThat(entries()).as("nothing is written down yet").isEqualTo(9);
    own.set(4);
    cut(log);
    assertThat(entries()).isEqualTo(5);
    own.set(9);
    others.set(5);
    cut(log);
    assertThat(entries()).as("a follower lacks the sixth").isEqualTo(4);
    others.set(Long.MAX_VALUE);
    cut(log);
    assertThat(entries()).as("behind the older snapshot").isEqualTo(3);
  }

  /** Each that follows says how far it is, for as long as it is there. */
  @Test
  void whoFollowsHoldsTheLogUntilItHasWrittenItDown() throws Exception {
    assertThat(FollowerMark.everywhere(curator, 9)).isEqualTo(Long.MAX_VALUE);
    AtomicLong behind = new AtomicLong(5);
    try (FollowerMark one =
            FollowerMark.start(curator, () -> OptionalLong.of(Math.min(8, behind.get())));
        FollowerMark two = FollowerMark.start(curator, () -> OptionalLong.of(7))) {
      untilHeldFrom(5);
      behind.set(8);
      one.look();
      two.look();
      untilHeldFrom(7);
      assertThat(FollowerMark.everywhere(curator, 1_000_000))
          .as("who is far behind does not hold the log for ever")
          .isEqualTo(Long.MAX_VALUE);
    }
    untilHeldFrom(Long.MAX_VALUE);
  }

  private void untilHeldFrom(long version) {
    long began = System.nanoTime();
    while (FollowerMark.everywhere(curator, 9) != version) {
      assertThat(System.nanoTime() - began).as("waiting").isLessThan(Patience.limit().toNanos());
    }
  }

  private static void cut(CommitLog log) throws Exception {
    for (List<Write> leftovers : log.leftovers()) {
      log.write(leftovers);
    }
  }

  private int entries() throws Exception {
    return curator.getChildren().forPath("/log").size();
  }

  private ZooKeeperStateStore store(Trail trail) {
    return new ZooKeeperStateStore(curator, trail, last -> Long.MAX_VALUE);
  }

  private Audit audit(String server) throws IOException {
    return new Audit(new AuditFile(dir.resolve("audit-" + server), 1 << 20, 3), () -> NOW);
  }

  private static void commit(ZooKeeperStateStore store, long version, String... whats) {
    List<Change> changes = List.of(new Change.CounterSet("c", version));
    List<String> lines = List.of(whats).stream().map(CommitAuditTest::line).toList();
    store.commit(new Commit(version, changes, lines)).toCompletableFuture().join();
  }

  private static String line(String what) {
    return "{\"at\":\"2026-11-11T00:00:00Z\",\"who\":\"ci\",\"what\":\"" + what + "\"}";
  }

  private static List<String> whats(Audit audit) throws IOException {
    return audit.newest(100).stream().map((JsonNode line) -> line.path("what").asText()).toList();
  }
}
