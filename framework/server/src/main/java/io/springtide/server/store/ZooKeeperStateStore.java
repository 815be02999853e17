package io.springtide.server.store;

import io.springtide.mesos.Why;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Shadow;
import io.springtide.scheduler.state.StateStore;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.apache.curator.framework.CuratorFramework;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state on ZooKeeper, see {@link CommitLog}. One thread writes; commits that wait while one is
 * under way go together in the next.
 *
 * <p>Another thread owns a {@link Shadow} that follows what has become durable. When the log has
 * grown as long as the state, it puts the shadow into words, which the first thread writes in
 * pieces, one after each batch of commits: no commit waits for more than one piece, and the core
 * for nothing. Meanwhile the shadow stands still; what it has to catch up with is no more than one
 * batch for each piece.
 */
public final class ZooKeeperStateStore implements StateStore {
  private static final Logger log = LoggerFactory.getLogger(ZooKeeperStateStore.class);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration CLOSING = Duration.ofSeconds(10);

  /** A log that is shorter is no reason for a snapshot, however small the state is. */
  private static final long SHORT_BYTES = 4 << 20;

  /** Nor is a log that has more commits ever short: each costs its reading. */
  private static final long MOST_COMMITS = 10_000;

  /** Of a snapshot: large enough to be few, small enough to be quick. */
  private static final int PIECE_BYTES = 128 * 1024;

  private static final int PIECES_AHEAD = 2;

  private final CommitLog commits;
  private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>();
  private final Thread writer = daemon(this::write, "store");

  /** Only {@link #following} touches it. */
  private final Shadow shadow = new Shadow();

  private final ExecutorService following =
      Executors.newSingleThreadExecutor(task -> daemon(task, "store-snapshot"));
  private final Semaphore ahead = new Semaphore(PIECES_AHEAD);
  private volatile RuntimeException failure;

  private CompletableFuture<Void> lastSnapshot = CompletableFuture.completedFuture(null);

  // The writing thread's: how long the log is beside the newest snapshot.
  private long logCommits;
  private long logBytes;
  private long snapshotBytes;
  private boolean damaged;

  private sealed interface Work {}

  /** A commit, put into words when its turn has come. */
  private static final class Commit implements Work {
    private final long version;
    private final List<Change> changes;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private byte[] entry;

    Commit(long version, List<Change> changes) {
      this.version = version;
      this.changes = changes;
    }

    byte[] entry() {
      if (entry == null) {
        entry = Entry.of(ChangeCodec.toBytes(changes));
      }
      return entry;
    }
  }

  /** Something else to write. */
  private record Step(Curated.Call<Void> call, CompletableFuture<Void> done) implements Work {}

  private record End() implements Work {}

  /** How long the log was when a snapshot began: what it stands for. */
  private record Begun(long logCommits, long logBytes) {}

  public ZooKeeperStateStore(CuratorFramework curator) {
    this.commits = new CommitLog(curator, PATIENCE);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** May be called once. */
  @Override
  public Loaded load() {
    CommitLog.Contents contents = Curated.get("read the state", commits::open);
    List<Change> changes = new ArrayList<>();
    ChangeReader reader = new ChangeReader();
    contents.snapshot().ifPresent(stored -> changes.addAll(reader.read(stored)));
    contents.entries().forEach(stored -> changes.addAll(reader.read(stored)));
    logCommits = contents.entries().size();
    logBytes = contents.logBytes();
    snapshotBytes = contents.snapshotBytes();
    damaged = contents.damaged();
    follow(changes);
    writer.start();
    return new Loaded(contents.version(), changes);
  }

  @Override
  public CompletionStage<Void> commit(long version, List<Change> changes) {
    Commit commit = new Commit(version, changes);
    add(commit);
    return commit.done;
  }

  /**
   * Lets all that is durable then stand for the log up to it, once the snapshot before is written.
   *
   * @return done when it is written, or given up because this store was closed
   */
  synchronized CompletableFuture<Void> snapshot() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    lastSnapshot.whenComplete(
        (written, failed) -> step(() -> begin(done)).exceptionally(e -> fail(done, e)));
    lastSnapshot = done;
    return done;
  }

  /** Writes something that is no commit, fenced as all is. */
  CompletableFuture<Void> write(List<Write> writes) {
    return step(
        () -> {
          commits.write(writes);
          return null;
        });
  }

  /** Waits for what was given to be durable, for a while. */
  @Override
  public void close() {
    following.shutdownNow();
    queue.add(new End());
    try {
      writer.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- The following thread.

  private void encode(Begun begun, CompletableFuture<Void> done) throws IOException {
    long[] bytes = new long[1];
    try (OutputStream out =
        Entry.packing(
            new PieceOutputStream(
                PIECE_BYTES,
                piece -> {
                  ahead.acquire();
                  bytes[0] += piece.length;
                  step(() -> {
                        commits.continueSnapshot(piece);
                        return null;
                      })
                      .whenComplete((written, e) -> ahead.release());
                }))) {
      ChangeCodec.write(shadow.changes(), out);
    }
    step(() -> end(begun, bytes[0], done)).exceptionally(e -> fail(done, e));
  }

  private void follow(List<Change> changes) {
    following(
        () -> {
          try {
            shadow.follow(changes);
          } catch (RuntimeException e) {
            // What it says from now on would be wrong, and must not take the log's place.
            cannotSnapshot(e);
          }
        });
  }

  private void cannotSnapshot(Throwable e) {
    if (failure == null) {
      log.error("No snapshot can be written", e);
      failure = new StoreException("no snapshot can be written: " + Why.of(e), e);
    }
  }

  /** Has it done on that thread; false if this store is closed, when nobody needs it any more. */
  private boolean following(Runnable task) {
    try {
      following.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private static Void fail(CompletableFuture<Void> done, Throwable e) {
    done.completeExceptionally(e);
    return null;
  }

  private CompletableFuture<Void> step(Curated.Call<Void> call) {
    Step step = new Step(call, new CompletableFuture<>());
    add(step);
    return step.done();
  }

  private void add(Work work) {
    queue.add(work);
    if (writer.getState() == Thread.State.TERMINATED && queue.remove(work)) {
      refuse(work);
    }
  }

  // ---- The writing thread.

  private boolean snapshotDue() {
    return damaged
        || logCommits >= MOST_COMMITS
        || logBytes >= Math.max(SHORT_BYTES, snapshotBytes);
  }

  private synchronized void snapshotIfDue() {
    boolean may = lastSnapshot.isDone() && failure == null && !following.isShutdown();
    if (may && snapshotDue()) {
      snapshot()
          .exceptionally(
              e -> {
                cannotSnapshot(e);
                return null;
              });
    }
  }

  /** The following thread has been given all that is durable, and nothing else, when it encodes. */
  private Void begin(CompletableFuture<Void> done) throws Exception {
    Begun begun = new Begun(logCommits, logBytes);
    commits.beginSnapshot(commits.version());
    boolean open =
        following(
            () -> {
              try {
                encode(begun, done);
              } catch (IOException e) {
                // Closed: the next leader removes what was begun.
                done.complete(null);
              } catch (RuntimeException e) {
                done.completeExceptionally(e);
              }
            });
    if (!open) {
      done.complete(null);
    }
    return null;
  }

  private Void end(Begun begun, long bytes, CompletableFuture<Void> done) throws Exception {
    commits.endSnapshot();
    logCommits -= begun.logCommits();
    logBytes -= begun.logBytes();
    snapshotBytes = bytes;
    damaged = false;
    CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
    for (List<Write> leftovers : commits.leftovers()) {
      last = write(leftovers);
    }
    last.whenComplete(
        (removed, e) -> {
          if (e == null) {
            done.complete(null);
          } else {
            fail(done, e);
          }
        });
    return null;
  }

  private void write() {
    try {
      take();
    } finally {
      // However this thread ends, nobody waits for it.
      if (failure == null) {
        failure = new StoreException("The store is closed");
      }
      List<Work> left = new ArrayList<>();
      queue.drainTo(left);
      left.forEach(this::refuse);
    }
  }

  private void refuse(Work work) {
    if (work instanceof Commit commit) {
      commit.done.completeExceptionally(failure);
    } else if (work instanceof Step step) {
      step.done().completeExceptionally(failure);
    }
  }

  private void take() {
    ArrayDeque<Commit> waiting = new ArrayDeque<>();
    ArrayDeque<Step> steps = new ArrayDeque<>();
    List<Work> taken = new ArrayList<>();
    boolean ending = false;
    while (true) {
      taken.clear();
      if (!ending) {
        snapshotIfDue();
      }
      if (waiting.isEmpty() && steps.isEmpty() && queue.isEmpty()) {
        if (ending) {
          return;
        }
        try {
          taken.add(queue.take());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
      queue.drainTo(taken);
      for (Work work : taken) {
        if (work instanceof Commit commit) {
          waiting.add(commit);
        } else if (work instanceof Step step) {
          steps.add(step);
        } else {
          ending = true;
        }
      }
      if (!waiting.isEmpty()) {
        run(batch(waiting));
      }
      if (!steps.isEmpty()) {
        Step step = steps.remove();
        attempt(List.of(step.done()), step.call());
      }
    }
  }

  /** The commits in front, as many as one multi takes; at least one. */
  private List<Commit> batch(ArrayDeque<Commit> waiting) {
    List<Commit> batch = new ArrayList<>();
    int room = commits.room();
    while (!waiting.isEmpty()) {
      try {
        room -= commits.bytes(waiting.peek().entry());
      } catch (StoreException e) {
        failure = e;
      }
      if (room < 0 && !batch.isEmpty()) {
        break;
      }
      batch.add(waiting.remove());
    }
    return batch;
  }

  private void run(List<Commit> batch) {
    attempt(
        batch.stream().map(commit -> commit.done).toList(),
        () -> {
          long next = commits.version() + 1;
          if (batch.get(0).version != next) {
            throw new StoreException(
                "Commit " + batch.get(0).version + " was given, " + next + " is next");
          }
          List<byte[]> entries = batch.stream().map(Commit::entry).toList();
          commits.append(entries);
          logCommits += entries.size();
          logBytes += entries.stream().mapToInt(entry -> entry.length).sum();
          batch.forEach(commit -> follow(commit.changes));
          return null;
        });
  }

  /** After the first failure nothing is written any more: what is durable must stay a prefix. */
  private void attempt(List<CompletableFuture<Void>> done, Curated.Call<Void> call) {
    if (failure == null) {
      try {
        Curated.get("write the state", call);
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
