package io.springtide.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.testing.Patience;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CommitLogTest extends OnZooKeeper {
  private static final Duration PATIENCE = Patience.limit();

  @Test
  void whatIsAppendedIsReadByTheNext() throws Exception {
    CommitLog first = opened();
    first.append(List.of(Logs.entry("one"), Logs.entry("two")));
    first.append(List.of(Logs.entry("three")));
    assertThat(contents(next())).containsExactly("one", "two", "three");
  }

  @Test
  void aSnapshotStandsForTheLogBeforeIt() throws Exception {
    commitSnapshotCommit();
    assertThatBothAreThere(next());
  }

  @Test
  void theLastTwoSnapshotsStayWithTheLogSinceTheOlder() throws Exception {
    CommitLog log = opened();
    for (int n = 1; n <= 9; n++) {
      log.append(List.of(Logs.entry("commit " + n)));
      if (n % 2 == 0) {
        Logs.snapshot(log, n, Logs.entry("all up to " + n));
      }
    }
    assertThat(curator.getChildren().forPath("/snapshots")).containsOnly("1-8", "1-6");
    assertThat(curator.getChildren().forPath("/log"))
        .containsOnly("0000000007", "0000000008", "0000000009");
    assertThat(snapshot(next())).isEqualTo("all up to 8");
  }

  @Test
  void whereTheNewestSnapshotIsDamagedTheOneBeforeItAndTheLogSinceThenSayTheSame()
      throws Exception {
    CommitLog log = opened();
    for (int n = 1; n <= 5; n++) {
      log.append(List.of(Logs.entry("commit " + n)));
      if (n % 2 == 0) {
        Logs.snapshot(log, n, longer("all up to " + n));
      }
    }
    byte[] chunk = curator.getData().forPath("/snapshots/1-4/000000");
    chunk[chunk.length / 2] ^= 1;
    curator.setData().forPath("/snapshots/1-4/000000", chunk);
    CommitLog second = new CommitLog(curator, PATIENCE);
    CommitLog.Contents read = second.open();
    assertThat(snapshot(read)).startsWith("all up to 2");
    assertThat(contents(read)).containsExactly("commit 3", "commit 4", "commit 5");
    assertThat(read.damaged()).as("a new snapshot is due").isTrue();
    Logs.snapshot(second, 5, Logs.entry("all up to 5"));
    assertThat(curator.getChildren().forPath("/snapshots")).containsOnly("2-5", "1-2");
    curator.delete().deletingChildrenIfNeeded().forPath("/snapshots/2-5");
    assertThat(contents(next())).as("again").containsExactly("commit 3", "commit 4", "commit 5");
  }

  @Test
  void whereTheOnlySnapshotIsDamagedItSaysSo() throws Exception {
    CommitLog log = opened();
    log.append(List.of(Logs.entry("commit 1")));
    Logs.snapshot(log, 1, longer("all up to 1"));
    byte[] chunk = curator.getData().forPath("/snapshots/1-1/000000");
    curator.setData().forPath("/snapshots/1-1/000000", Arrays.copyOf(chunk, chunk.length - 9));
    assertThatThrownBy(this::next)
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("The snapshot 1-1 is damaged and there is no earlier one");
  }

  @Test
  void whatALaterEpochHasBegunIsLeftAlone() throws Exception {
    CommitLog log = opened();
    log.append(List.of(Logs.entry("commit 1")));
    for (String path : List.of("/snapshots/9-1/000000", "/large/9-1/000000", "/large/0-7/000000")) {
      curator.create().creatingParentsIfNeeded().forPath(path);
    }
    for (int i = 0; i < 2; i++) {
      Logs.snapshot(log, 1, Logs.entry("all up to 1"));
      log = opened();
    }
    assertThat(curator.getChildren().forPath("/snapshots")).contains("9-1");
    assertThat(curator.getChildren().forPath("/large")).containsOnly("9-1");
  }

  @Test
  void aDeposedLeaderCommitsNothing() throws Exception {
    CommitLog old = opened();
    old.append(List.of(Logs.entry("mine")));
    CommitLog successor = new CommitLog(curator, PATIENCE);
    assertThat(contents(successor.open())).containsExactly("mine");
    assertThatThrownBy(() -> old.append(List.of(Logs.entry("late"))))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Another process leads now");
    assertThatThrownBy(() -> Logs.snapshot(old, 1, Logs.entry("late")))
        .isInstanceOf(Exception.class);
    successor.append(List.of(Logs.entry("theirs")));
    assertThat(contents(next())).containsExactly("mine", "theirs");
  }

  @Test
  void commitsAndSnapshotsBeyondThePacketLimitAreKeptInChunks() throws Exception {
    byte[] incompressible = new byte[3 * Write.MOST_BYTES];
    new Random(7).nextBytes(incompressible);
    CommitLog first = opened();
    first.append(List.of(Entry.of(incompressible)));
    assertThat(next().entries())
        .singleElement()
        .satisfies(e -> assertThat(e.text()).isEqualTo(incompressible));
    CommitLog second = opened();
    Logs.snapshot(second, 1, Entry.of(incompressible));
    assertThat(next().snapshot())
        .hasValueSatisfying(s -> assertThat(s.text()).isEqualTo(incompressible));
    CommitLog third = opened();
    third.append(List.of(Logs.entry("two")));
    Logs.snapshot(third, 2, Logs.entry("all up to two"));
    assertThat(curator.getChildren().forPath("/large")).isEmpty();
  }

  @Test
  void whatIsDurableSurvivesTheZooKeeper() throws Exception {
    commitSnapshotCommit();
    curator.close();
    zooKeeper.close();
    start();
    assertThatBothAreThere(next());
  }

  private void commitSnapshotCommit() throws Exception {
    CommitLog log = opened();
    log.append(List.of(Logs.entry("one")));
    Logs.snapshot(log, 1, Logs.entry("all up to one"));
    log.append(List.of(Logs.entry("two")));
  }

  private static void assertThatBothAreThere(CommitLog.Contents read) {
    assertThat(snapshot(read)).isEqualTo("all up to one");
    assertThat(contents(read)).containsExactly("two");
    assertThat(read.version()).isEqualTo(2);
  }

  private CommitLog opened() throws Exception {
    CommitLog log = new CommitLog(curator, PATIENCE);
    log.open();
    return log;
  }

  private CommitLog.Contents next() throws Exception {
    return new CommitLog(curator, PATIENCE).open();
  }

  private static List<String> contents(CommitLog.Contents read) {
    return read.entries().stream().map(stored -> string(stored.text())).toList();
  }

  private static String snapshot(CommitLog.Contents read) {
    return string(read.snapshot().orElseThrow().text());
  }

  /** Long enough to be packed. */
  private static byte[] longer(String text) {
    return Logs.entry(text + " ".repeat(2000));
  }

  private static String string(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
