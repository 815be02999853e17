package io.springtide.server.store;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.ObjIntConsumer;

/**
 * The one thread that writes, each thing in its turn: commits that wait while one is under way go
 * together in the next, and after each such batch goes one step of something else, so that no
 * commit waits for more than one step. After the first failure nothing is written any more: what is
 * durable must stay a prefix.
 */
final class StoreWriter {
  private static final Duration CLOSING = Duration.ofSeconds(10);

  private final CommitLog commits;
  private final Runnable between;
  private final ObjIntConsumer<List<Change>> durable;
  private final BlockingQueue<Work> queue = new LinkedBlockingQueue<>();
  private final Thread thread = new Thread(this::run, "store");
  private volatile RuntimeException failure;

  // The thread's: what was taken from the queue, and waits for its turn.
  private final ArrayDeque<Appending> waiting = new ArrayDeque<>();
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private boolean ending;

  /** Something to do. */
  private interface Work {
    /** Waits for its turn, among its like. */
    void lineUp();

    /** Nothing is written any more. */
    void refuse();
  }

  /** A commit, put into words when its turn has come. */
  private final class Appending implements Work {
    private final Commit commit;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private byte[] entry;

    Appending(Commit commit) {
      this.commit = commit;
    }

    byte[] entry() {
      if (entry == null) {
        entry = Entry.of(ChangeCodec.toBytes(commit));
      }
      return entry;
    }

    @Override
    public void lineUp() {
      waiting.add(this);
    }

    @Override
    public void refuse() {
      done.completeExceptionally(failure);
    }
  }

  /** Something else to write. */
  private final class Step implements Work {
    private final Curated.Call<Void> call;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Step(Curated.Call<Void> call) {
      this.call = call;
    }

    @Override
    public void lineUp() {
      steps.add(this);
    }

    @Override
    public void refuse() {
      done.completeExceptionally(failure);
    }
  }

  /** What was given before it is done, and then no more. */
  private final class End implements Work {
    @Override
    public void lineUp() {
      ending = true;
    }

    @Override
    public void refuse() {}
  }

  /**
   * @param between is called before each turn, on the thread that writes
   * @param durable is told on that thread of each commit that is durable, in order, with the bytes
   *     of its entry
   */
  StoreWriter(CommitLog commits, Runnable between, ObjIntConsumer<List<Change>> durable) {
    this.commits = commits;
    this.between = between;
    this.durable = durable;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Makes a commit durable, after all that were given before. */
  CompletableFuture<Void> commit(Commit commit) {
    Appending appending = new Appending(commit);
    add(appending);
    return appending.done;
  }

  /** Does something that is no commit, after all such that was given before. */
  CompletableFuture<Void> step(Curated.Call<Void> call) {
    Step step = new Step(call);
    add(step);
    return step.done;
  }

  /** Writes something that is no commit. */
  CompletableFuture<Void> write(List<Write> writes) {
    return step(
        () -> {
          commits.write(writes);
          return null;
        });
  }

  boolean hasFailed() {
    return failure != null;
  }

  /** From now on nothing is written, for this reason if there is none yet. */
  void fail(RuntimeException reason) {
    if (failure == null) {
      failure = reason;
    }
  }

  /** Waits for what was given to be durable, for a while. */
  void close() {
    queue.add(new End());
    try {
      thread.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void add(Work work) {
    queue.add(work);
    if (thread.getState() == Thread.State.TERMINATED && queue.remove(work)) {
      work.refuse();
    }
  }

  // ---- On the thread.

  private void run() {
    try {
      takeTurns();
    } finally {
      // However this thread ends, nobody waits for it.
      fail(new StoreException("The store is closed"));
      List<Work> left = new ArrayList<>();
      queue.drainTo(left);
      left.forEach(Work::refuse);
    }
  }

  private void takeTurns() {
    List<Work> taken = new ArrayList<>();
    while (true) {
      taken.clear();
      if (!ending) {
        between.run();
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
      taken.forEach(Work::lineUp);
      if (!waiting.isEmpty()) {
        append(batch());
      }
      if (!steps.isEmpty()) {
        Step step = steps.remove();
        attempt(List.of(step.done), step.call);
      }
    }
  }

  /** The commits in front, as many as one multi takes; at least one. */
  private List<Appending> batch() {
    List<Appending> batch = new ArrayList<>();
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

  private void append(List<Appending> batch) {
    attempt(
        batch.stream().map(appending -> appending.done).toList(),
        () -> {
          long next = commits.version() + 1;
          long given = batch.get(0).commit.version();
          if (given != next) {
            throw new StoreException("Commit " + given + " was given, " + next + " is next");
          }
          commits.append(batch.stream().map(Appending::entry).toList());
          batch.forEach(one -> durable.accept(one.commit.changes(), one.entry().length));
          return null;
        });
  }

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
