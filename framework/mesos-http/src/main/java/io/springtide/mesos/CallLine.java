package io.springtide.mesos;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.mesos.v1.executor.Protos.Call;

/**
 * The calls of one subscription of an executor: the next goes when the last is answered. An agent
 * that recovers answers 503 to all but SUBSCRIBE; the call stays at the head of the line and is
 * tried again after a pause, for what is behind it must not overtake.
 */
final class CallLine {

  /** The owner. */
  interface Listener {
    /** The agent has answered a call; 202 means that it took it. */
    void answered(Call call, int status, String body);

    /** The agent does not know of the subscription, or the connection is gone: the line is dead. */
    void lost(String reason);
  }

  private final Timer timer;
  private final Backoff pauses;
  private final Listener listener;
  private final CallPipe<Call> pipe;
  private final Queue<Call> line = new ArrayDeque<>();
  private boolean inFlight;
  private boolean refusedForNow;
  private Timer.Cancel pause = Timer.Cancel.NOTHING;

  /**
   * @param open makes the pipe that carries one call at a time
   */
  CallLine(
      Timer timer,
      Backoff pauses,
      Function<CallPipe.Listener<Call>, CallPipe<Call>> open,
      Listener listener) {
    this.timer = timer;
    this.pauses = pauses;
    this.listener = listener;
    this.pipe = open.apply(new Answers());
  }

  int size() {
    return line.size();
  }

  /** Puts a call at the end of the line, which {@link #sendNext} sets going. */
  void add(Call call) {
    line.add(call);
  }

  void sendNext() {
    if (!inFlight && !line.isEmpty()) {
      inFlight = true;
      pipe.offer(line.element());
      pipe.pump();
    }
  }

  /** Ends it; says of each call left whether it may have arrived. */
  void close(BiConsumer<Call, CallListener.Fate> leftover) {
    pause.cancel();
    pipe.close();
    boolean sent = inFlight && !refusedForNow;
    for (Call call = line.poll(); call != null; call = line.poll()) {
      leftover.accept(call, sent ? CallListener.Fate.UNKNOWN : CallListener.Fate.NOT_SENT);
      sent = false;
    }
  }

  private final class Answers implements CallPipe.Listener<Call> {
    @Override
    public void answered(Call call, int status, String body) {
      if (status == 503) {
        refusedForNow = true;
        pause =
            timer.after(
                pauses.next(),
                () -> {
                  refusedForNow = false;
                  inFlight = false;
                  sendNext();
                });
        return;
      }
      if (status == 401 || status == 403) {
        listener.lost("a call was answered " + status + " " + body);
        return;
      }
      pauses.reset();
      inFlight = false;
      line.remove();
      listener.answered(call, status, body);
      sendNext();
    }

    @Override
    public void lost(String reason) {
      listener.lost("the connection for calls was lost: " + reason);
    }
  }
}
