package io.springtide.executor;

import io.springtide.executor.loop.ExecutorLoop;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How long each step of stopping a task is waited for: the drain, the grace, and what SIGKILL takes
 * until it is sent again. There is one wait at a time, which a later kill may shorten. On the
 * loop's thread.
 */
final class StopClock {
  private static final Duration FORCE_AGAIN = Duration.ofSeconds(5);
  private static final Duration FORCE_AGAIN_MAX = Duration.ofMinutes(1);

  private final ExecutorLoop loop;
  private Duration drain;
  private Duration grace;
  private Duration forceAgain = FORCE_AGAIN;

  private ExecutorLoop.Timer timer = () -> {};
  private Runnable over = () -> {};
  private Duration until = Duration.ZERO;
  private Supplier<Duration> limit = () -> Duration.ZERO;

  StopClock(ExecutorLoop loop, Duration drain, Duration grace) {
    this.loop = loop;
    this.drain = drain;
    this.grace = grace;
  }

  Duration grace() {
    return grace;
  }

  /** Whatever it was, longer or shorter. */
  void setGrace(Duration given) {
    grace = given;
  }

  void shortenGrace(Duration given) {
    grace = shorter(grace, given);
  }

  void shortenDrain(Duration given) {
    drain = shorter(drain, given);
  }

  static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  /**
   * Waits for clients to finish.
   *
   * @param needed false: it is over at once
   */
  void drain(boolean needed, Runnable over) {
    limit = () -> drain;
    start(needed ? drain : Duration.ZERO, over);
  }

  /** Waits for it to end by itself. */
  void grace(Runnable over) {
    limit = () -> grace;
    start(grace, over);
  }

  /** Waits, longer each time, until it must be told again: an engine that hangs may need it. */
  void force(Runnable again) {
    limit = () -> forceAgain;
    start(forceAgain, again);
    forceAgain = shorter(forceAgain.multipliedBy(2), FORCE_AGAIN_MAX);
  }

  /** Lets the wait under way, if there is one, last no longer from now than what it is allowed. */
  void hurry() {
    if (until.compareTo(loop.now().plus(limit.get())) > 0) {
      start(limit.get(), over);
    }
  }

  private void start(Duration wait, Runnable then) {
    timer.cancel();
    over = then;
    until = loop.now().plus(wait);
    timer = loop.after(wait, then);
  }

  /** Nothing is waited for any more. */
  void cancel() {
    timer.cancel();
  }
}
