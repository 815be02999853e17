package io.springtide.server.thread;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** A thread that does not keep the process from ending. */
public final class Daemon {
  private Daemon() {}

  /** One that does one thing after another, some of them later; whoever asks for it ends it. */
  public static ScheduledExecutorService named(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        work -> {
          Thread thread = new Thread(work, name);
          thread.setDaemon(true);
          return thread;
        });
  }
}
