package io.springtide.mesos;

import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.mesos.v1.scheduler.Protos.Call;

/**
 * A scheduler's calls: from any thread to the event loop, and on over the pipe of the subscription,
 * in the order of {@link #send}, at most once. Counted until they are answered, so that no more
 * wait than may. Only {@code send} may come from any thread.
 *
 * <p>Remembers a TEARDOWN that has gone out: then it is no loss when the subscription ends.
 */
final class SchedulerCalls {

  /** The owner. */
  interface Listener {
    /** A SUBSCRIBE, in its place among the calls. */
    void subscribe(Call call);

    /** By its answer to a call, the other side does not lead or does not know the subscription. */
    void stale(String reason);

    /** The connection is gone, and nobody can tell which of its calls arrived. */
    void lost(String reason);
  }

  private final ClientThreads threads;
  private final WireOptions options;
  private final String path;
  private final CallListener<Call> told;
  private final Listener listener;

  /** Calls on their way from {@link #send} to the event loop. */
  private final Queue<Call> inbox = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean drainScheduled = new AtomicBoolean();
  private final AtomicInteger outstanding = new AtomicInteger();

  private CallPipe<Call> pipe;
  private boolean open;
  private boolean tornDown;

  /**
   * @param told hears, on the thread of the callbacks, what became of the calls
   */
  SchedulerCalls(
      ClientThreads threads,
      WireOptions options,
      String path,
      CallListener<Call> told,
      Listener listener) {
    this.threads = threads;
    this.options = options;
    this.path = path;
    this.told = told;
    this.listener = listener;
  }

  void send(Call call) {
    if (outstanding.incrementAndGet() > options.maxCallsQueued()) {
      outstanding.decrementAndGet();
      fail(
          call,
          CallListener.Fate.NOT_SENT,
          options.maxCallsQueued() + " calls wait already; the master does not keep up");
      return;
    }
    inbox.add(call);
    if (drainScheduled.compareAndSet(false, true)) {
      threads.run(this::drain);
    }
  }

  private void drain() {
    drainScheduled.set(false);
    for (Call call = inbox.poll(); call != null; call = inbox.poll()) {
      if (call.getType() == Call.Type.SUBSCRIBE) {
        outstanding.decrementAndGet();
        listener.subscribe(call);
      } else if (!open) {
        outstanding.decrementAndGet();
        fail(call, CallListener.Fate.NOT_SENT, "there is no subscription");
      } else {
        tornDown |= call.getType() == Call.Type.TEARDOWN;
        pipe.offer(call);
      }
    }
    if (open) {
      pipe.pump();
    }
  }

  /** There is a subscription: calls may go out. */
  void open(Endpoint master, String streamId) {
    open = true;
    pipe =
        new CallPipe<>(
            threads.wire(),
            threads.timer(),
            master,
            Request.to(master, path, options.credential(), Optional.of(streamId)),
            options.maxCallsInFlight(),
            options.answerTimeout(),
            new Answers());
  }

  /** No call goes out any more, and those under way are reported as failed. */
  void close() {
    open = false;
    if (pipe == null) {
      return;
    }
    CallPipe<Call> closed = pipe;
    pipe = null;
    closed.close(
        (call, fate) -> {
          outstanding.decrementAndGet();
          boolean sent = fate == CallListener.Fate.UNKNOWN;
          fail(call, fate, "the subscription ended" + (sent ? " before an answer came" : ""));
        });
  }

  /** As {@link #close}, but a TEARDOWN that is under way may still be answered. */
  void finish() {
    if (tornDown && pipe != null && !pipe.isIdle()) {
      open = false;
    } else {
      close();
    }
  }

  /** Whether a TEARDOWN has gone out, and was not refused. */
  boolean isTornDown() {
    return tornDown;
  }

  /** It is begun anew: an earlier TEARDOWN means nothing any more. */
  void forgetTeardown() {
    tornDown = false;
  }

  void fail(Call call, CallListener.Fate fate, String reason) {
    threads.notice(() -> told.failed(call, fate, reason));
  }

  private final class Answers implements CallPipe.Listener<Call> {
    @Override
    public void answered(Call call, int status, String body) {
      outstanding.decrementAndGet();
      if (isAccepted(call, status)) {
        if (!open && pipe != null && pipe.isIdle()) {
          close();
        }
        return;
      }
      if (call.getType() == Call.Type.TEARDOWN) {
        tornDown = false;
      }
      threads.notice(() -> told.refused(call, status, body));
      if (status / 100 == 3 || status == 403 || status == 503) {
        // It does not lead, or does not know that we are subscribed: our stream is stale.
        listener.stale("a call was answered " + status + " " + body);
      }
    }

    @Override
    public void lost(String reason) {
      listener.lost(reason);
    }
  }

  /** 202, but for the two calls that Mesos answers with a body. */
  private static boolean isAccepted(Call call, int status) {
    return status == 202
        || (status == 200
            && (call.getType() == Call.Type.UPDATE_FRAMEWORK
                || call.getType() == Call.Type.RECONCILE_OPERATIONS));
  }
}
