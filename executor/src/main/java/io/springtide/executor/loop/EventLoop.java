package io.springtide.executor.loop;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loop in real time. */
public final class EventLoop implements Loop, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

  private final ScheduledThreadPoolExecutor thread;

  public EventLoop() {
    thread =
        new ScheduledThreadPoolExecutor(
            1,
            step -> {
              var it = new Thread(step, "loop");
              it.setDaemon(true);
              return it;
            },
            // After close() there is nobody left who would want the step.
            new ThreadPoolExecutor.DiscardPolicy());
    thread.setRemoveOnCancelPolicy(true);
    thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public void execute(Runnable step) {
    thread.execute(() -> run(step));
  }

  @Override
  public Timer after(Duration delay, Runnable step) {
    Future<?> coming = thread.schedule(() -> run(step), delay.toNanos(), TimeUnit.NANOSECONDS);
    return () -> coming.cancel(false);
  }

  @Override
  public Duration now() {
    return Duration.ofNanos(System.nanoTime());
  }

  /**
   * A fault in one task's step must not take a hundred others along: it is logged, and that is it.
   */
  private static void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException fault) {
      log.error("a step failed; this is a defect", fault);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
  }
}
