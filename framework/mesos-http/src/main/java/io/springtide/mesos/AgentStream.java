package io.springtide.mesos;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.mesos.v1.executor.Protos.Call;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription of an executor at its agent: tries with growing pauses, and gives up when the
 * agent has not answered for as long as it may take to come back. When an open stream has ended,
 * its owner says what next.
 */
final class AgentStream {
  private static final Logger log = LoggerFactory.getLogger(AgentStream.class);
  private static final String PATH = "/api/v1/executor";
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  /** The owner. */
  interface Listener {
    /** What to tell the agent; asked before each try. */
    Call.Subscribe subscribe();

    /** The agent answered 200 to what it was told. */
    void opened(Call.Subscribe told);

    /**
     * The next record.
     *
     * @return whether the owner wants no more for now; {@link #resume} goes on
     */
    boolean record(ByteBuf record) throws RecordIo.MalformedException;

    /** A try has failed; the next one is scheduled. */
    void failedTry(String reason);

    /** The open stream has ended; nothing is scheduled. */
    void ended(String reason);

    /** The agent refuses this executor, or did not come back; nothing is scheduled. */
    void gaveUp(String reason);
  }

  private final ClientThreads threads;
  private final WireOptions options;
  private final ExecutorEnvironment environment;
  private final Listener listener;
  private final Backoff backoff;
  private EventStream stream;
  private boolean open;
  private Timer.Cancel pause = Timer.Cancel.NOTHING;
  private Timer.Cancel patience = Timer.Cancel.NOTHING;

  AgentStream(
      ClientThreads threads,
      WireOptions options,
      ExecutorEnvironment environment,
      Listener listener) {
    this.threads = threads;
    this.options = options;
    this.environment = environment;
    this.listener = listener;
    this.backoff = pauses(environment);
  }

  /** Pauses between tries at an agent. */
  static Backoff pauses(ExecutorEnvironment environment) {
    // A quarter of what the agent allows: by default it waits 2 s for its executors after a
    // restart, and the allowed pause is 2 s as well.
    Duration longest = environment.subscriptionBackoffMax().dividedBy(4);
    Duration first = longest.compareTo(FIRST_PAUSE) < 0 ? longest : FIRST_PAUSE;
    return new Backoff(first, longest, ThreadLocalRandom.current());
  }

  /** What goes to the agent, a SUBSCRIBE or another call. */
  static Request request(ExecutorEnvironment environment) {
    return Request.to(environment.agent(), PATH, environment.credential(), Optional.empty());
  }

  /** Subscribes now, and waits for the agent for as long as it may take to come back. */
  void subscribe() {
    waitForAgent();
    attempt();
  }

  /** As {@link #subscribe}, after a pause. */
  void subscribeLater() {
    waitForAgent();
    pause = threads.timer().after(backoff.next(), this::attempt);
  }

  /** Tries now, whatever is under way or waited for; the agent has no more time for that. */
  void tryNow() {
    closeStream();
    pause.cancel();
    attempt();
  }

  /** The owner wants records again. */
  void resume() {
    if (stream != null && stream.isPaused()) {
      stream.resume();
    }
  }

  /** Ends whatever goes on; nothing is scheduled any more. */
  void close() {
    closeStream();
    pause.cancel();
    patience.cancel();
  }

  private void waitForAgent() {
    patience.cancel();
    patience =
        threads
            .timer()
            .after(
                environment.recoveryTimeout(),
                () ->
                    giveUp(
                        "the agent did not answer for "
                            + environment.recoveryTimeout().toSeconds()
                            + " s"));
  }

  private void attempt() {
    Call.Subscribe told = listener.subscribe();
    stream =
        EventStream.open(
            threads,
            options,
            environment.agent(),
            request(environment),
            environment.call(Call.Type.SUBSCRIBE).setSubscribe(told).build(),
            new Subscription(told));
  }

  private void retry(String reason) {
    listener.failedTry(reason);
    Duration delay = backoff.next();
    log.info(
        "not subscribed at agent {}: {}; next try in {} ms",
        environment.agent(),
        reason,
        delay.toMillis());
    pause = threads.timer().after(delay, this::attempt);
  }

  private void giveUp(String reason) {
    close();
    listener.gaveUp(reason);
  }

  private void closeStream() {
    open = false;
    if (stream != null) {
      stream.close();
      stream = null;
    }
  }

  private final class Subscription implements EventStream.Listener {
    private final Call.Subscribe told;

    Subscription(Call.Subscribe told) {
      this.told = told;
    }

    @Override
    public void opened(HttpHeaders headers) {
      open = true;
      patience.cancel();
      backoff.reset();
      listener.opened(told);
    }

    @Override
    public void record(ByteBuf record) throws RecordIo.MalformedException {
      boolean full = listener.record(record);
      if (full && stream != null && !stream.isPaused()) {
        stream.pause();
      }
    }

    @Override
    public void refused(int status, HttpHeaders headers, String body) {
      stream = null;
      giveUp("the agent refuses this executor: " + status + " " + body);
    }

    @Override
    public void ended(String reason) {
      boolean wasOpen = open;
      stream = null;
      open = false;
      if (wasOpen) {
        listener.ended(reason);
      } else {
        retry(reason);
      }
    }
  }
}
