package io.springtide.registry.peer;

import io.netty.channel.EventLoop;
import io.springtide.registry.store.Digest;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one fetch: all that it does, and all that it hears, runs here one after the other,
 * until it is over.
 */
@SuppressWarnings("FutureReturnValueIgnored") // What is not run any more is the end of the fetch.
abstract class FetchLoop {
  private static final Logger log = LoggerFactory.getLogger(FetchLoop.class);

  private final Digest digest;
  private final EventLoop loop;
  private volatile boolean over;

  FetchLoop(Digest digest, EventLoop loop) {
    this.digest = digest;
    this.loop = loop;
  }

  /** Asks for what is wanted next, and hands on what is there. On the loop. */
  abstract void pump();

  /** The swarm does not bring it: whoever waits for it is told. On the loop. */
  abstract void giveUp(IOException why);

  /** Ends it; nobody is told. On the loop. */
  abstract void close();

  boolean isOver() {
    return over;
  }

  /** Nothing runs any more. */
  void end() {
    over = true;
  }

  boolean isHere() {
    return loop.inEventLoop();
  }

  /** Runs {@code action} on the loop, if the fetch is still at it. Any thread. */
  void post(Runnable action) {
    try {
      loop.execute(() -> guarded(action));
    } catch (RejectedExecutionException e) {
      over = true; // the peer stops
    }
  }

  /** As {@link #post}, {@code millis} from now. */
  void later(long millis, Runnable action) {
    loop.schedule(() -> guarded(action), millis, TimeUnit.MILLISECONDS);
  }

  /** As {@link #post}, again and again. */
  ScheduledFuture<?> every(long millis, Runnable action) {
    return loop.scheduleWithFixedDelay(
        () -> guarded(action), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** A defect of ours must cost this fetch, not leave its clients waiting for ever. */
  private void guarded(Runnable action) {
    if (over) {
      return;
    }
    try {
      action.run();
    } catch (RejectedExecutionException e) {
      close(); // the peer stops
    } catch (RuntimeException e) {
      log.error("{} from a swarm was given up", digest, e);
      giveUp(new IOException("the swarm failed", e));
    }
  }
}
