package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The v1 executor API over HTTP.
 *
 * <p>The client subscribes by itself, as soon as it is started and whenever the subscription has
 * ended, telling the agent each time which tasks and updates it has not acknowledged. It gives up,
 * and tells its {@link Executor}, when the agent does not come back within MESOS_RECOVERY_TIMEOUT
 * (without checkpointing: at once), or says that it does not know this executor.
 *
 * <p>An update is kept until the agent has acknowledged it. Calls go one at a time: an agent that
 * recovers answers 503 to all but SUBSCRIBE, and a later update that was already on its way could
 * overtake the one that must be sent again. MESSAGE and HEARTBEAT are sent at most once, and fail
 * while there is no subscription.
 *
 * <p>Thread-safe. Small: two threads, one of them for callbacks.
 */
public final class HttpExecutor implements ExecutorMesos, AutoCloseable {
  static {
    ProtobufGencode.allow();
  }

  private static final Logger log = LoggerFactory.getLogger(HttpExecutor.class);
  private static final String PATH = "/api/v1/executor";
  private static final int UUID_BYTES = 16;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  /** What the client is about. */
  private enum State {
    NEW,
    /** A SUBSCRIBE is on its way to the agent, or waits for its next try. */
    SUBSCRIBING,
    SUBSCRIBED,
    GAVE_UP,
    CLOSED
  }

  private final ExecutorEnvironment environment;
  private final WireOptions options;
  private final Executor executor;
  private final CallListener<Call> listener;
  private final Wire wire;
  private final Timer timer;
  private final EventQueue queue;
  private final AtomicBoolean closing = new AtomicBoolean();

  // All that follows is touched on the event loop only.
  private final UnacknowledgedWork work = new UnacknowledgedWork();
  private final Duration longestPause;
  private final Backoff subscribePauses;
  private State state = State.NEW;
  private EventStream stream;
  private CallLine line;
  private boolean paused;
  private Timer.Cancel pause = Timer.Cancel.NOTHING;
  private Timer.Cancel patience = Timer.Cancel.NOTHING;

  /** Prepares a client; {@link #start()} begins. */
  public HttpExecutor(
      ExecutorEnvironment environment,
      WireOptions options,
      Executor executor,
      CallListener<Call> listener) {
    this(environment, options, executor, listener, Timer::on);
  }

  HttpExecutor(
      ExecutorEnvironment environment,
      WireOptions options,
      Executor executor,
      CallListener<Call> listener,
      Function<EventLoop, Timer> timer) {
    this.environment = requireNonNull(environment, "environment");
    this.options = requireNonNull(options, "options");
    this.executor = requireNonNull(executor, "executor");
    this.listener = requireNonNull(listener, "listener");
    wire = new Wire("mesos-executor-io", options.connectTimeout());
    this.timer = timer.apply(wire.loop());
    // A quarter of what the agent allows: by default it waits 2 s for its executors after a
    // restart, and the allowed pause is 2 s as well.
    longestPause = environment.subscriptionBackoffMax().dividedBy(4);
    subscribePauses = pauses();
    queue =
        new EventQueue(
            "mesos-executor-events",
            options.maxEventsBuffered(),
            options.maxBytesBuffered(),
            () -> wire.run(this::roomAgain),
            this::close);
  }

  private Backoff pauses() {
    Duration first = longestPause.compareTo(FIRST_PAUSE) < 0 ? longestPause : FIRST_PAUSE;
    return new Backoff(first, longestPause, ThreadLocalRandom.current());
  }

  /** Subscribes; {@code connected} follows when the agent has answered. */
  public void start() {
    wire.run(
        () -> {
          if (state == State.NEW) {
            waitForAgent();
            trySubscribe();
          }
        });
  }

  @Override
  public void send(Call call) {
    requireNonNull(call, "call");
    if (call.getType() == Call.Type.SUBSCRIBE || call.getType() == Call.Type.UNKNOWN) {
      throw new IllegalArgumentException(
          "type is " + call.getType() + "; send UPDATE, MESSAGE or HEARTBEAT");
    }
    if (call.getType() == Call.Type.UPDATE
        && call.getUpdate().getStatus().getUuid().size() != UUID_BYTES) {
      throw new IllegalArgumentException(
          "the update's uuid must be 16 bytes; ExecutorEnvironment.update() sets one");
    }
    if (!closing.get()) {
      wire.run(() -> sendOnLoop(call));
    }
  }

  @Override
  public void reconnect() {
    wire.run(
        () -> {
          if (state == State.SUBSCRIBED) {
            endSubscription("reconnect was asked for");
            waitForAgent();
            trySubscribe();
          } else if (state == State.SUBSCRIBING) {
            closeStream();
            pause.cancel();
            trySubscribe();
          }
        });
  }

  /**
   * Closes all connections and ends all threads. Updates that the agent has not acknowledged are
   * forgotten: wait for the ACKNOWLEDGED events of the last ones first.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    queue.close();
    wire.run(
        () -> {
          state = State.CLOSED;
          dropConnections();
          pause.cancel();
          patience.cancel();
        });
    wire.close();
  }

  // --- subscribing

  private void trySubscribe() {
    state = State.SUBSCRIBING;
    Call subscribe = environment.call(Call.Type.SUBSCRIBE).setSubscribe(work.subscribe()).build();
    stream =
        EventStream.open(
            wire,
            environment.agent(),
            Request.to(environment.agent(), PATH, environment.credential(), Optional.empty()),
            subscribe,
            options.maxRecordBytes(),
            new Subscription(subscribe.getSubscribe()));
    pause =
        timer.after(
            options.answerTimeout(),
            () -> {
              closeStream();
              retrySubscribe("no answer for " + options.answerTimeout().toMillis() + " ms");
            });
  }

  private void retrySubscribe(String reason) {
    pause.cancel();
    queue.notice(() -> listener.subscriptionLost(reason));
    Duration delay = subscribePauses.next();
    log.info(
        "not subscribed at agent {}: {}; next try in {} ms",
        environment.agent(),
        reason,
        delay.toMillis());
    pause = timer.after(delay, this::trySubscribe);
  }

  private final class Subscription implements EventStream.Listener {
    private final Call.Subscribe told;

    Subscription(Call.Subscribe told) {
      this.told = told;
    }

    @Override
    public void opened(HttpHeaders headers) {
      subscribed(told);
    }

    @Override
    public void record(ByteBuf record) throws RecordIo.MalformedException {
      int size = record.readableBytes();
      Event event = RecordIo.parse(record, Event.parser());
      work.received(event);
      boolean full = queue.event(() -> executor.received(HttpExecutor.this, event), size);
      if (full && !paused) {
        paused = true;
        stream.pause();
      }
    }

    @Override
    public void refused(int status, HttpHeaders headers, String body) {
      stream = null;
      if (status == 404 || status >= 500) {
        // 503: the agent recovers; 404: it starts, its routes are not there yet.
        retrySubscribe("answered " + status + " " + body);
      } else {
        giveUp("the agent refuses this executor: " + status + " " + body);
      }
    }

    @Override
    public void ended(String reason) {
      stream = null;
      if (state == State.SUBSCRIBING) {
        retrySubscribe(reason);
      } else {
        dropAndSubscribe(reason);
      }
    }
  }

  private void subscribed(Call.Subscribe told) {
    state = State.SUBSCRIBED;
    pause.cancel();
    patience.cancel();
    subscribePauses.reset();
    line = new CallLine(timer, pauses(), this::pipe, new Answers());
    log.info("subscribed at agent {}", environment.agent());
    queue.notice(() -> executor.connected(this));
    // What came in while the SUBSCRIBE was on its way was not in it.
    Set<Call.Update> sent = new HashSet<>(told.getUnacknowledgedUpdatesList());
    for (Call.Update update : work.updates()) {
      if (!sent.contains(update)) {
        line.add(environment.call(Call.Type.UPDATE).setUpdate(update).build());
      }
    }
    line.sendNext();
  }

  private CallPipe<Call> pipe(CallPipe.Listener<Call> answers) {
    return new CallPipe<>(
        wire,
        timer,
        environment.agent(),
        Request.to(environment.agent(), PATH, environment.credential(), Optional.empty()),
        1,
        options.answerTimeout(),
        answers);
  }

  // --- calls

  private void sendOnLoop(Call call) {
    if (state == State.GAVE_UP || state == State.CLOSED) {
      fail(call, CallListener.Fate.NOT_SENT, "the agent is lost");
      return;
    }
    boolean update = call.getType() == Call.Type.UPDATE;
    if (!update && line == null) {
      fail(call, CallListener.Fate.NOT_SENT, "there is no subscription");
      return;
    }
    if (!update && line.size() >= options.maxCallsQueued()) {
      fail(call, CallListener.Fate.NOT_SENT, line.size() + " calls wait already");
      return;
    }
    if (update) {
      work.sent(call.getUpdate());
    }
    if (line != null) {
      line.add(call);
      line.sendNext();
    }
  }

  private final class Answers implements CallLine.Listener {
    @Override
    public void answered(Call call, int status, String body) {
      if (status == 202) {
        return;
      }
      if (call.getType() == Call.Type.UPDATE) {
        work.refused(call.getUpdate());
      }
      queue.notice(() -> listener.refused(call, status, body));
    }

    @Override
    public void lost(String reason) {
      // A lost update goes along with the next SUBSCRIBE.
      dropAndSubscribe(reason);
    }
  }

  private void fail(Call call, CallListener.Fate fate, String reason) {
    queue.notice(() -> listener.failed(call, fate, reason));
  }

  // --- endings

  private void dropAndSubscribe(String reason) {
    log.warn("subscription at agent {} lost: {}", environment.agent(), reason);
    endSubscription(reason);
    if (!environment.checkpoint()) {
      giveUp("the agent is gone, and without checkpointing it kills its executors: " + reason);
      return;
    }
    waitForAgent();
    state = State.SUBSCRIBING;
    pause = timer.after(subscribePauses.next(), this::trySubscribe);
  }

  private void endSubscription(String reason) {
    dropConnections();
    queue.notice(
        () -> {
          listener.subscriptionLost(reason);
          executor.disconnected(this);
        });
  }

  /** Starts the time within which the agent must answer; a subscription stops it. */
  private void waitForAgent() {
    patience.cancel();
    patience =
        timer.after(
            environment.recoveryTimeout(),
            () ->
                giveUp(
                    "the agent did not answer for "
                        + environment.recoveryTimeout().toSeconds()
                        + " s"));
  }

  private void giveUp(String reason) {
    log.error("gave up on agent {}: {}", environment.agent(), reason);
    dropConnections();
    pause.cancel();
    patience.cancel();
    state = State.GAVE_UP;
    queue.notice(() -> executor.gaveUp(this, reason));
  }

  private void dropConnections() {
    closeStream();
    if (line == null) {
      return;
    }
    CallLine ended = line;
    line = null;
    ended.close(
        (call, fate) -> {
          if (call.getType() != Call.Type.UPDATE) {
            fail(call, fate, "the subscription ended");
          }
        });
  }

  private void closeStream() {
    paused = false;
    if (stream != null) {
      stream.close();
      stream = null;
    }
  }

  private void roomAgain() {
    if (paused) {
      paused = false;
      stream.resume();
    }
  }
}
