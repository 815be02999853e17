package io.springtide.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.state.Commit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreWriterTest {
  @TempDir Path dir;

  @Test
  void aCommitWaitsForOneStepHoweverManyCameBefore() throws Exception {
    try (EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(dir);
        CuratorFramework curator =
            ZooKeeperClient.connect(zooKeeper.connectString(), Duration.ofSeconds(10))) {
      CommitLog commits = new CommitLog(curator, Duration.ofSeconds(20));
      commits.open();
      List<String> done = new CopyOnWriteArrayList<>();
      StoreWriter writer =
          new StoreWriter(commits, () -> {}, (changes, bytes) -> done.add("commit"));
      CompletableFuture<Void> first =
          writer.step(
              () -> {
                done.add("step");
                assertThat(writer.commit(Commit.of(1, List.of(StateStoreContract.counter(1)))))
                    .isNotDone();
                return null;
              });
      CompletableFuture<Void> second =
          writer.step(
              () -> {
                done.add("step");
                return null;
              });
      writer.start();
      CompletableFuture.allOf(first, second).join();
      writer.close();

      assertThat(done).containsExactly("step", "commit", "step");
    }
  }
}
