package io.springtide.server.store;

import io.springtide.scheduler.Change;
import io.springtide.scheduler.StateStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.curator.framework.CuratorFramework;

/**
 * The state on ZooKeeper, see {@link CommitLog}. One thread writes; commits that wait while one is
 * under way go together in the next.
 */
public final class ZooKeeperStateStore implements StateStore {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration CLOSING = Duration.ofSeconds(10);

  private final CommitLog commits;
  private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>();
  private final Thread writer = new Thread(this::write, "store");
  private volatile RuntimeException failure;

  private sealed interface Work {}

  private record Commit(long version, List<Change> changes, CompletableFuture<Void> done)
      implements Work {}

  private record Snapshot(long version, List<Change> state, CompletableFuture<Void> done)
      implements Work {}

  private record End() implements Work {}

  public ZooKeeperStateStore(CuratorFramework curator) {
    this.commits = new CommitLog(curator, PATIENCE);
    writer.setDaemon(true);
  }

  /** May be called once. */
  @Override
  public Loaded load() {
    CommitLog.Contents contents = Curated.get("read the state", commits::open);
    List<Change> changes = new ArrayList<>();
    ChangeReader reader = new ChangeReader();
    contents.snapshot().ifPresent(stored -> changes.addAll(reader.read(stored)));
    contents.entries().forEach(stored -> changes.addAll(reader.read(stored)));
    writer.start();
    return new Loaded(contents.version(), changes);
  }

  @Override
  public CompletionStage<Void> commit(long version, List<Change> changes) {
    Commit commit = new Commit(version, changes, new CompletableFuture<>());
    queue.add(commit);
    return commit.done();
  }

  @Override
  public CompletionStage<Void> snapshot(long version, List<Change> state) {
    Snapshot snapshot = new Snapshot(version, state, new CompletableFuture<>());
    queue.add(snapshot);
    return snapshot.done();
  }

  /** Waits for what was given to be durable, for a while. */
  @Override
  public void close() {
    queue.add(new End());
    try {
      writer.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    ArrayDeque<Work> waiting = new ArrayDeque<>();
    while (true) {
      try {
        if (waiting.isEmpty()) {
          waiting.add(queue.take());
        }
        queue.drainTo(waiting);
        Work first = waiting.peek();
        if (first instanceof End) {
          return;
        } else if (first instanceof Snapshot snapshot) {
          waiting.remove();
          run(snapshot);
        } else {
          run(batch(waiting));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** The commits in front, as many as one multi takes; at least one. */
  private static List<Packed> batch(ArrayDeque<Work> waiting) {
    List<Packed> batch = new ArrayList<>();
    long bytes = 0;
    while (waiting.peek() instanceof Commit commit) {
      byte[] text = ChangeCodec.toBytes(commit.changes());
      bytes += text.length;
      if (!batch.isEmpty() && bytes > CommitLog.MOST_BYTES) {
        break;
      }
      waiting.remove();
      batch.add(new Packed(commit, text));
    }
    return batch;
  }

  @SuppressWarnings("ArrayRecordComponent") // Never compared, and nobody else has it.
  private record Packed(Commit commit, byte[] text) {}

  private void run(List<Packed> batch) {
    attempt(
        batch.stream().map(packed -> packed.commit().done()).toList(),
        () -> {
          long next = commits.version() + 1;
          if (batch.get(0).commit().version() != next) {
            throw new StoreException(
                "Commit " + batch.get(0).commit().version() + " was given, " + next + " is next");
          }
          commits.append(batch.stream().map(Packed::text).toList());
          return null;
        });
  }

  private void run(Snapshot snapshot) {
    attempt(
        List.of(snapshot.done()),
        () -> {
          commits.snapshot(snapshot.version(), ChangeCodec.toBytes(snapshot.state()));
          return null;
        });
  }

  /** After the first failure nothing is written any more: what is durable must stay a prefix. */
  private void attempt(List<CompletableFuture<Void>> done, Curated.Call<Void> call) {
    if (failure == null) {
      try {
        Curated.get("commit", call);
      } catch (StoreException e) {
        failure = e;
      }
    }
    RuntimeException failed = failure;
    for (CompletableFuture<Void> one : done) {
      if (failed == null) {
        one.complete(null);
      } else {
        one.completeExceptionally(failed);
      }
    }
  }
}
