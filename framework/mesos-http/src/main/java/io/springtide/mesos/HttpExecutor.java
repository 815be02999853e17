package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.HashSet;
import java.util.Set;
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
  private static final int UUID_BYTES = 16;

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
  private final ClientThreads threads;

  // All that follows is touched on the event loop only.
  private final UnacknowledgedWork work = new UnacknowledgedWork();
  private final AgentStream stream;
  private State state = State.NEW;
  private CallLine line;

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
    threads =
        new ClientThreads(
            "mesos-executor-io",
            "mesos-executor-events",
            options,
            timer,
            this::roomAgain,
            this::close);
    stream = new AgentStream(threads, options, environment, new Subscription());
  }

  private void roomAgain() {
    stream.resume();
  }

  /** Subscribes; {@code connected} follows when the agent has answered. */
  public void start() {
    threads.run(
        () -> {
          if (state == State.NEW) {
            state = State.SUBSCRIBING;
            stream.subscribe();
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
    if (!threads.isClosing()) {
      threads.run(() -> sendOnLoop(call));
    }
  }

  @Override
  public void reconnect() {
    threads.run(
        () -> {
          if (state == State.SUBSCRIBED) {
            endSubscription("reconnect was asked for");
            state = State.SUBSCRIBING;
            stream.subscribe();
          } else if (state == State.SUBSCRIBING) {
            stream.tryNow();
          }
        });
  }

  /**
   * Closes all connections and ends all threads. Updates that the agent has not acknowledged are
   * forgotten: wait for the ACKNOWLEDGED events of the last ones first.
   */
  @Override
  public void close() {
    threads.close(
        () -> {
          state = State.CLOSED;
          stream.close();
          closeLine();
        },
        () -> {});
  }

  private final class Subscription implements AgentStream.Listener {
    @Override
    public Call.Subscribe subscribe() {
      return work.subscribe();
    }

    @Override
    public void opened(Call.Subscribe told) {
      subscribed(told);
    }

    @Override
    public boolean record(ByteBuf record) throws RecordIo.MalformedException {
      int size = record.readableBytes();
      Event event = RecordIo.parse(record, Event.parser());
      work.received(event);
      return threads.event(() -> executor.received(HttpExecutor.this, event), size);
    }

    @Override
    public void failedTry(String reason) {
      threads.notice(() -> listener.subscriptionLost(reason));
    }

    @Override
    public void ended(String reason) {
      dropAndSubscribe(reason);
    }

    @Override
    public void gaveUp(String reason) {
      giveUp(reason);
    }
  }

  private void subscribed(Call.Subscribe told) {
    state = State.SUBSCRIBED;
    line =
        new CallLine(threads.timer(), AgentStream.pauses(environment), this::pipe, new Answers());
    log.info("subscribed at agent {}", environment.agent());
    threads.notice(() -> executor.connected(this));
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
        threads.wire(),
        threads.timer(),
        environment.agent(),
        AgentStream.request(environment),
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
      threads.notice(() -> listener.refused(call, status, body));
    }

    @Override
    public void lost(String reason) {
      // A lost update goes along with the next SUBSCRIBE.
      dropAndSubscribe(reason);
    }
  }

  private void fail(Call call, CallListener.Fate fate, String reason) {
    threads.notice(() -> listener.failed(call, fate, reason));
  }

  // --- endings

  private void dropAndSubscribe(String reason) {
    log.warn("subscription at agent {} lost: {}", environment.agent(), reason);
    endSubscription(reason);
    if (!environment.checkpoint()) {
      giveUp("the agent is gone, and without checkpointing it kills its executors: " + reason);
      return;
    }
    state = State.SUBSCRIBING;
    stream.subscribeLater();
  }

  private void endSubscription(String reason) {
    stream.close();
    closeLine();
    threads.notice(
        () -> {
          listener.subscriptionLost(reason);
          executor.disconnected(this);
        });
  }

  private void giveUp(String reason) {
    log.error("gave up on agent {}: {}", environment.agent(), reason);
    state = State.GAVE_UP;
    threads.notice(() -> executor.gaveUp(this, reason));
  }

  private void closeLine() {
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
}
