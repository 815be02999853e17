package io.springtide.server.store;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.scheduler.state.StateStore;
import io.springtide.server.access.Trail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import org.apache.curator.framework.CuratorFramework;

/**
 * The state on ZooKeeper, see {@link CommitLog}: one thread writes, see {@link StoreWriter}, and
 * another makes {@link Snapshots}.
 */
public final class ZooKeeperStateStore implements StateStore {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final CuratorFramework curator;
  private final CommitLog commits;
  private final StoreWriter writer;
  private final Snapshots snapshots;

  /** One that nobody else reads. */
  public ZooKeeperStateStore(CuratorFramework curator) {
    this(curator, Trail.NONE, last -> Long.MAX_VALUE);
  }

  /**
   * @param trail gets what commits carry that it lacks, when this is loaded; whoever commits gives
   *     it what comes then, and the log is not cut before it has it
   * @param keepFrom the last commit that may go from the log as far as others are concerned, given
   *     the last that is durable
   */
  public ZooKeeperStateStore(CuratorFramework curator, Trail trail, LongUnaryOperator keepFrom) {
    this.curator = curator;
    commits = new CommitLog(curator, PATIENCE, trail, keepFrom);
    writer = new StoreWriter(commits, this::betweenTurns, this::durable);
    snapshots = new Snapshots(commits, writer);
  }

  /**
   * Begins with a state that comes from elsewhere, where there is none; all of it or nothing.
   *
   * @throws StoreException if there is one already
   */
  public static void found(CuratorFramework curator, Loaded state) {
    Curated.get(
        "found the state",
        () -> {
          new CommitLog(curator, PATIENCE).found(state);
          return null;
        });
  }

  @Override
  public CompletionStage<Loaded> current() {
    return snapshots.current();
  }

  private void betweenTurns() {
    snapshots.snapshotIfDue();
  }

  private void durable(List<Change> changes, int entryBytes) {
    snapshots.durable(changes, entryBytes);
  }

  /** May be called once. */
  @Override
  public Loaded load() {
    CommitLog.Contents contents = Curated.get("read the state", commits::open);
    List<Change> changes = new ArrayList<>();
    ChangeReader reader = new ChangeReader();
    contents.snapshot().ifPresent(stored -> changes.addAll(reader.read(stored)));
    contents.entries().forEach(stored -> changes.addAll(reader.read(stored)));
    snapshots.open(LogLength.of(contents), changes);
    writer.start();
    return new Loaded(contents.version(), changes);
  }

  /**
   * In place of {@link #load}, where a tail has followed what is durable: it ends, with all that is
   * durable followed, and from then on the commits of earlier readers are refused.
   */
  public void takeOver(Tail tail) {
    LogLength length = Curated.get("take the state over", () -> commits.open(tail));
    snapshots.open(length, tail.durable());
    writer.start();
  }

  @Override
  public CompletionStage<Void> commit(Commit commit) {
    return writer.commit(commit);
  }

  /**
   * Lets all that is durable then stand for the log up to it, once the snapshot before is written.
   *
   * @return done when it is written, or given up because this store was closed
   */
  CompletableFuture<Void> snapshot() {
    return snapshots.snapshot();
  }

  /** Writes something that is no commit, fenced as all is. */
  CompletableFuture<Void> write(List<Write> writes) {
    return writer.write(writes);
  }

  /**
   * Until when this process may say that it leads; after the state was read.
   *
   * @param session how long the session lasts without a word from us
   * @param lost called with a reason when another leads
   */
  public Lease lease(Duration session, Consumer<String> lost) {
    return new Lease(curator, commits.epoch(), session, System::nanoTime, lost).start();
  }

  /** Waits for what was given to be durable, for a while. */
  @Override
  public void close() {
    snapshots.close();
    writer.close();
  }
}
