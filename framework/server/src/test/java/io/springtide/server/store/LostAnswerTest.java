package io.springtide.server.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.testing.Patience;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a commit is in, although nobody said so, is found out before anything else is done. */
class LostAnswerTest {
  private static final Duration SESSION = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Patience.limit();

  @TempDir Path dir;
  private EmbeddedZooKeeper zooKeeper;
  private LossyLine line;
  private CuratorFramework lossy;
  private CuratorFramework sound;

  @BeforeEach
  void start() throws Exception {
    zooKeeper = EmbeddedZooKeeper.start(dir);
    line = new LossyLine(zooKeeper.connectString());
    lossy = ZooKeeperClient.connect(line.connectString(), SESSION);
    sound = ZooKeeperClient.connect(zooKeeper.connectString(), SESSION);
  }

  @AfterEach
  void stop() throws Exception {
    lossy.close();
    sound.close();
    line.close();
    zooKeeper.close();
  }

  @Test
  void aCommitWhoseAnswerIsLostIsFoundToBeIn() throws Exception {
    CommitLog log = opened();
    line.loseTheNextAnswer(() -> {});
    log.append(List.of(Logs.entry("one"), Logs.entry("two")));
    assertThat(line.lost()).isTrue();
    assertThat(log.version()).isEqualTo(2);
    log.append(List.of(Logs.entry("three")));
    assertThat(durable()).as("each once, and in order").containsExactly("one", "two", "three");
  }

  @Test
  void aCommitThatDidNotArriveIsSentAgain() throws Exception {
    CommitLog log = opened();
    line.loseTheNextRequest();
    log.append(List.of(Logs.entry("one")));
    assertThat(line.lost()).isTrue();
    log.append(List.of(Logs.entry("two")));
    assertThat(durable()).containsExactly("one", "two");
  }

  @Test
  void whoseAnswerIsLostWhileAnotherTakesOverKnowsThatItDoes() throws Exception {
    CommitLog log = opened();
    line.loseTheNextAnswer(
        () -> {
          try {
            new CommitLog(sound, PATIENCE).open();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    assertThatThrownBy(() -> log.append(List.of(Logs.entry("one"))))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("Another process leads now");
    assertThat(durable()).as("it was in before").containsExactly("one");
  }

  private CommitLog opened() throws Exception {
    CommitLog log = new CommitLog(lossy, PATIENCE);
    log.open();
    return log;
  }

  private List<String> durable() throws Exception {
    return new CommitLog(sound, PATIENCE)
        .open().entries().stream().map(stored -> new String(stored.text(), UTF_8)).toList();
  }
}
