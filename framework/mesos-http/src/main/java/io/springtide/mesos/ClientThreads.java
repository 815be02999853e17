package io.springtide.mesos;

import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/**
 * A client's two threads: one reads, writes and owns the client's state; on the other the callbacks
 * run, so that one that takes its time stops nothing.
 */
final class ClientThreads {
  private final Wire wire;
  private final Timer timer;
  private final EventQueue queue;
  private final AtomicBoolean closing = new AtomicBoolean();

  /**
   * Starts both.
   *
   * @param io the first one's name
   * @param events the other's name
   * @param roomAgain is called on the first one when an event that found the queue full no longer
   *     would
   * @param died is called when a callback has thrown
   */
  ClientThreads(
      String io,
      String events,
      WireOptions options,
      Function<EventLoop, Timer> timer,
      Runnable roomAgain,
      Runnable died) {
    wire = new Wire(io, options.connectTimeout());
    this.timer = timer.apply(wire.loop());
    queue =
        new EventQueue(
            events,
            options.maxEventsBuffered(),
            options.maxBytesBuffered(),
            () -> run(roomAgain),
            died);
  }

  Wire wire() {
    return wire;
  }

  /** Lets time pass on the first thread. */
  Timer timer() {
    return timer;
  }

  /** Does it on the first thread, at once if this is it; not at all when that has ended. */
  void run(Runnable step) {
    wire.run(step);
  }

  /** Hands an event of so many bytes to the callbacks, see {@link EventQueue#event}. */
  boolean event(Runnable callback, int size) {
    return queue.event(callback, size);
  }

  /** Hands something other than an event to the callbacks, in order with the events. */
  void notice(Runnable callback) {
    queue.notice(callback);
  }

  boolean isClosing() {
    return closing.get();
  }

  /**
   * Ends both threads, unless that was begun before; no callback begins after this.
   *
   * @param last what the first thread does before it ends
   * @param then what is closed here before that thread is waited for
   */
  void close(Runnable last, Runnable then) {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    queue.close();
    wire.run(last);
    then.run();
    wire.close();
  }
}
