package io.springtide.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitLogTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir Path dir;
  private EmbeddedZooKeeper zooKeeper;
  private CuratorFramework curator;

  @BeforeEach
  void start() {
    zooKeeper = EmbeddedZooKeeper.start(dir);
    curator = ZooKeeperClient.connect(zooKeeper.connectString() + "/a/b", Duration.ofSeconds(10));
  }

  @AfterEach
  void stop() {
    curator.close();
    zooKeeper.close();
  }

  @Test
  void whatIsAppendedIsReadByTheNext() throws Exception {
    CommitLog first = opened();
    first.append(List.of(text("one"), text("two")));
    first.append(List.of(text("three")));
    assertThat(contents(next())).containsExactly("one", "two", "three");
  }

  @Test
  void aSnapshotReplacesTheLogBeforeIt() throws Exception {
    CommitLog first = opened();
    first.append(List.of(text("one")));
    first.snapshot(1, text("all up to one"));
    first.append(List.of(text("two")));
    assertThat(curator.getChildren().forPath("/log")).containsExactly("0000000002");
    CommitLog.Contents read = next();
    assertThat(read.snapshot().map(stored -> string(stored.text()))).contains("all up to one");
    assertThat(contents(read)).containsExactly("two");
    assertThat(read.version()).isEqualTo(2);
  }

  @Test
  void aDeposedLeaderCommitsNothing() throws Exception {
    CommitLog old = opened();
    old.append(List.of(text("mine")));
    CommitLog successor = new CommitLog(curator, PATIENCE);
    assertThat(contents(successor.open())).containsExactly("mine");
    assertThatThrownBy(() -> old.append(List.of(text("late"))))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Another process leads now");
    assertThatThrownBy(() -> old.snapshot(1, text("late"))).isInstanceOf(Exception.class);
    successor.append(List.of(text("theirs")));
    assertThat(contents(next())).containsExactly("mine", "theirs");
  }

  @Test
  void commitsAndSnapshotsBeyondThePacketLimitAreKeptInChunks() throws Exception {
    byte[] incompressible = new byte[3 * CommitLog.MOST_BYTES];
    new Random(7).nextBytes(incompressible);
    CommitLog first = opened();
    first.append(List.of(incompressible));
    assertThat(next().entries())
        .singleElement()
        .satisfies(e -> assertThat(e.text()).isEqualTo(incompressible));
    CommitLog second = opened();
    second.snapshot(1, incompressible);
    assertThat(curator.getChildren().forPath("/large")).isEmpty();
    assertThat(next().snapshot())
        .hasValueSatisfying(s -> assertThat(s.text()).isEqualTo(incompressible));
  }

  @Test
  void whatIsDurableSurvivesTheZooKeeper() throws Exception {
    CommitLog first = opened();
    first.append(List.of(text("one")));
    first.snapshot(1, text("snapshot"));
    first.append(List.of(text("two")));
    curator.close();
    zooKeeper.close();
    start();
    CommitLog.Contents read = next();
    assertThat(read.snapshot().map(stored -> string(stored.text()))).contains("snapshot");
    assertThat(contents(read)).containsExactly("two");
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

  private static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }

  private static String string(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
