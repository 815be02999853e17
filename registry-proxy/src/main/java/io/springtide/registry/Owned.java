package io.springtide.registry;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a process has opened, and closes in the opposite order. */
final class Owned implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Owned.class);

  private final Deque<Closeable> all = new ArrayDeque<>();

  <T extends Closeable> T add(T one) {
    all.push(one);
    return one;
  }

  /** Threads whose work is given up at the end. */
  ExecutorService thread(String name) {
    return given(Executors.newSingleThreadExecutor(daemon(name)));
  }

  /** As {@link #thread}, for work at a time. */
  ScheduledExecutorService timer(String name) {
    return given(Executors.newSingleThreadScheduledExecutor(daemon(name)));
  }

  private <T extends ExecutorService> T given(T executor) {
    all.push(executor::shutdownNow);
    return executor;
  }

  /** Threads that write to the disk: what they have begun is finished, within reason. */
  ExecutorService disk(String name, int threads) {
    ExecutorService executor = Executors.newFixedThreadPool(threads, daemon(name));
    all.push(() -> finish(executor));
    return executor;
  }

  private static void finish(ExecutorService executor) {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private static ThreadFactory daemon(String name) {
    return action -> {
      Thread thread = new Thread(action, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public void close() {
    while (!all.isEmpty()) {
      Closeable one = all.pop();
      try {
        one.close();
      } catch (IOException e) {
        log.warn("cannot close {}: {}", one, e.toString());
      }
    }
  }
}
