package io.springtide.server.store;

import io.springtide.scheduler.Change;
import io.springtide.scheduler.StateStore;
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

/**
 * The state on ZooKeeper, see {@link CommitLog}. One thread writes; commits that wait while one is
 * under way go together in the next. A snapshot is put into words by a thread of its own and
 * written in pieces, one after each batch of commits: no commit waits for more than one piece.
 */
public final class ZooKeeperStateStore implements StateStore {
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
  private final ExecutorService encoder =
      Executors.newSingleThreadExecutor(task -> daemon(task, "store-snapshot"));
  private final Semaphore ahead = new Semaphore(PIECES_AHEAD);
  private volatile RuntimeException failure;

  // How long the log is beside the newest snapshot. The writing thread says it, others ask.
  private volatile long logCommits;
  private volatile long logBytes;
  private volatile long snapshotBytes;
  private volatile boolean damaged;

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
    writer.start();
    return new Loaded(contents.version(), changes);
  }

  @Override
  public CompletionStage<Void> commit(long version, List<Change> changes) {
    Commit commit = new Commit(version, changes);
    add(commit);
    return commit.done;
  }

  @Override
  public boolean snapshotDue() {
    return damaged
        || logCommits >= MOST_COMMITS
        || logBytes >= Math.max(SHORT_BYTES, snapshotBytes);
  }

  /** Given up if this store is closed before it is whole. */
  @Override
  public CompletionStage<Void> snapshot(long version, List<Change> state) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    try {
      encoder.execute(
          () -> {
            try {
              encode(version, state, done);
            } catch (IOException e) {
              // Closed: the next leader removes what was begun.
              done.complete(null);
            } catch (RuntimeException e) {
              done.completeExceptionally(e);
            }
          });
    } catch (RejectedExecutionException e) {
      // Closed too.
      done.complete(null);
    }
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
    encoder.shutdownNow();
    queue.add(new End());
    try {
      writer.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- The encoding thread.

  private void encode(long version, List<Change> state, CompletableFuture<Void> done)
      throws IOException {
    long[] before = new long[2];
    long[] bytes = new long[1];
    step(
        () -> {
          before[0] = logCommits - (commits.version() - version);
          before[1] = logBytes;
          commits.beginSnapshot(version);
          return null;
        });
    try (OutputStream out =
        Entry.packing(
            new Pieces(
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
      ChangeCodec.write(state, out);
    }
    step(() -> end(before, bytes[0], done)).exceptionally(e -> fail(done, e));
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

  private Void end(long[] before, long bytes, CompletableFuture<Void> done) throws Exception {
    commits.endSnapshot();
    logCommits -= before[0];
    logBytes -= before[1];
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
