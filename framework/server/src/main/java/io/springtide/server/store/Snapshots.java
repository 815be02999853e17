package io.springtide.server.store;

import io.springtide.mesos.Why;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Shadow;
import io.springtide.scheduler.state.StateStore;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a snapshot stand for the log, whenever that has grown as long as the state.
 *
 * <p>A thread of its own has a {@link Shadow} that follows what has become durable. It puts the
 * shadow into words, which the {@link StoreWriter} writes in pieces, one after each batch of
 * commits: no commit waits for more than one piece, and the core for nothing. Meanwhile the shadow
 * stands still; what it has to catch up with is no more than one batch for each piece.
 */
final class Snapshots {
  private static final Logger log = LoggerFactory.getLogger(Snapshots.class);

  /** Of a snapshot: large enough to be few, small enough to be quick. */
  private static final int PIECE_BYTES = 128 * 1024;

  private static final int PIECES_AHEAD = 2;

  private final CommitLog commits;
  private final StoreWriter writer;

  /** Only {@link #following} touches it. */
  private final Shadow shadow = new Shadow();

  /** The version of the shadow; its thread's. */
  private long followed;

  private final ExecutorService following =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "store-snapshot");
            thread.setDaemon(true);
            return thread;
          });
  private final Semaphore ahead = new Semaphore(PIECES_AHEAD);

  /** Once {@link #open} has read it, the writing thread's. */
  private LogLength length;

  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

  Snapshots(CommitLog commits, StoreWriter writer) {
    this.commits = commits;
    this.writer = writer;
  }

  /**
   * Begins with what is durable; before the writer starts.
   *
   * @param log how long the log is
   * @param changes what is durable
   */
  void open(LogLength log, List<Change> changes) {
    length = log;
    followed = commits.version() - 1;
    follow(changes);
  }

  /** What is durable now. */
  CompletableFuture<StateStore.Loaded> current() {
    CompletableFuture<StateStore.Loaded> state = new CompletableFuture<>();
    boolean open =
        following(() -> state.complete(new StateStore.Loaded(followed, shadow.changes())));
    if (!open) {
      state.completeExceptionally(new StoreException("The store is closed"));
    }
    return state;
  }

  /**
   * Lets all that is durable then stand for the log up to it, once the snapshot before is written.
   *
   * @return done when it is written, or given up because this was closed
   */
  synchronized CompletableFuture<Void> snapshot() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    last.whenComplete(
        (written, failed) -> writer.step(() -> begin(done)).exceptionally(e -> fail(done, e)));
    last = done;
    return done;
  }

  void close() {
    following.shutdownNow();
  }

  private static Void fail(CompletableFuture<Void> done, Throwable e) {
    done.completeExceptionally(e);
    return null;
  }

  // ---- On the writing thread.

  /** One more commit is durable. */
  void durable(List<Change> changes, int entryBytes) {
    length.grow(entryBytes);
    follow(changes);
  }

  synchronized void snapshotIfDue() {
    boolean may = last.isDone() && !writer.hasFailed() && !following.isShutdown();
    if (may && length.asksForSnapshot()) {
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
    LogLength.Begun begun = length.begun();
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

  private Void end(LogLength.Begun begun, long bytes, CompletableFuture<Void> done)
      throws Exception {
    commits.endSnapshot();
    length.replaced(begun, bytes);
    CompletableFuture<Void> removed = CompletableFuture.completedFuture(null);
    for (List<Write> leftovers : commits.leftovers()) {
      removed = writer.write(leftovers);
    }
    removed.whenComplete(
        (none, e) -> {
          if (e == null) {
            done.complete(null);
          } else {
            fail(done, e);
          }
        });
    return null;
  }

  // ---- The following thread.

  private void follow(List<Change> changes) {
    following(
        () -> {
          try {
            shadow.follow(changes);
            followed++;
          } catch (RuntimeException e) {
            // What it says from now on would be wrong, and must not take the log's place.
            cannotSnapshot(e);
          }
        });
  }

  private void encode(LogLength.Begun begun, CompletableFuture<Void> done) throws IOException {
    long[] bytes = new long[1];
    try (OutputStream out =
        Entry.packing(
            new PieceOutputStream(
                PIECE_BYTES,
                piece -> {
                  ahead.acquire();
                  bytes[0] += piece.length;
                  writer
                      .step(
                          () -> {
                            commits.continueSnapshot(piece);
                            return null;
                          })
                      .whenComplete((written, e) -> ahead.release());
                }))) {
      ChangeCodec.write(shadow.changes(), out);
    }
    writer.step(() -> end(begun, bytes[0], done)).exceptionally(e -> fail(done, e));
  }

  /** Has it done on that thread; false if this is closed, when nobody needs it any more. */
  private boolean following(Runnable task) {
    try {
      following.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void cannotSnapshot(Throwable e) {
    if (!writer.hasFailed()) {
      log.error("No snapshot can be written", e);
      writer.fail(new StoreException("no snapshot can be written: " + Why.of(e), e));
    }
  }
}
