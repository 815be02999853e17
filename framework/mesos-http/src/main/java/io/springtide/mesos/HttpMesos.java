package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.function.Function;
import org.apache.mesos.v1.scheduler.Mesos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The v1 scheduler API over HTTP, in pure Java, behind the bindings' own interface: what {@code
 * V1Mesos} does with a native library.
 *
 * <p>How it goes, as with {@code V1Mesos}:
 *
 * <ol>
 *   <li>{@code connected}: a master is known; send SUBSCRIBE, with the FrameworkID if there is one.
 *   <li>The client takes the SUBSCRIBE to the leading master: it follows redirects, waits out a
 *       master that recovers, and keeps trying with growing pauses. A SUBSCRIBE that is refused for
 *       good (400, 401, 403 and the like) is reported to the listener, and the client waits for
 *       another one.
 *   <li>{@code received(SUBSCRIBED)}, then every event, HEARTBEAT included.
 *   <li>{@code disconnected}: the subscription is gone (missed heartbeats, end of stream, another
 *       leader, an answer that never came). It begins again with {@code connected} by itself. Calls
 *       that were under way are reported as failed first.
 * </ol>
 *
 * <p>After an ERROR event, or when the stream has ended after a TEARDOWN, the client does nothing
 * more until {@link #reconnect()}: subscribing again could only drive out the instance that has
 * taken over.
 *
 * <p>Calls go in the order of {@code send}, over one pipelined connection, at most once. If that
 * connection is lost with calls in flight the subscription is dropped too: the new one has a new
 * stream id, so that nothing of the old connection can take effect any more behind our back.
 *
 * <p>Thread-safe. Callbacks and the listener run on one thread of the client's own; one that throws
 * closes the connections and ends that thread, so that the process does not live on deaf.
 */
public final class HttpMesos implements Mesos, AutoCloseable {
  static {
    ProtobufGencode.allow();
  }

  private static final Logger log = LoggerFactory.getLogger(HttpMesos.class);
  private static final String PATH = "/api/v1/scheduler";

  /** What the client is about. */
  private enum State {
    NEW,
    /** Waiting until a master is known, or for the end of a pause. */
    SEEKING,
    /** The scheduler was told {@code connected}; its SUBSCRIBE is awaited. */
    CONNECTED,
    /** A SUBSCRIBE is on its way to a master, or waits for its next try. */
    SUBSCRIBING,
    /** The master has said SUBSCRIBED: calls may go out. */
    SUBSCRIBED,
    /** An ERROR or a TEARDOWN has ended it. */
    STOPPED,
    CLOSED
  }

  private final Scheduler scheduler;
  private final CallListener<Call> listener;
  private final MasterDetector detector;
  private final ClientThreads threads;
  private final SchedulerCalls calls;

  // All that follows is touched on the event loop only.
  private final MasterStream stream;
  private State state = State.NEW;
  private Call subscribe;
  private Endpoint master;
  private String streamId = "";

  /**
   * Prepares a client; {@link #start()} begins.
   *
   * @param masters where the masters are, see {@link MasterDetector#of(String)}
   * @throws IllegalArgumentException if {@code masters} does not parse
   */
  public HttpMesos(
      String masters, WireOptions options, Scheduler scheduler, CallListener<Call> listener) {
    this(MasterDetector.of(masters), options, scheduler, listener, Timer::on);
  }

  HttpMesos(
      MasterDetector detector,
      WireOptions options,
      Scheduler scheduler,
      CallListener<Call> listener,
      Function<EventLoop, Timer> timer) {
    this.detector = detector;
    requireNonNull(options, "options");
    this.scheduler = requireNonNull(scheduler, "scheduler");
    this.listener = requireNonNull(listener, "listener");
    threads =
        new ClientThreads(
            "mesos-scheduler-io",
            "mesos-scheduler-events",
            options,
            timer,
            this::roomAgain,
            this::close);
    calls = new SchedulerCalls(threads, options, PATH, listener, new Calls());
    stream = new MasterStream(threads, options, detector, PATH, new Subscription());
  }

  private void roomAgain() {
    stream.resume();
  }

  /** Looks for a master; {@code connected} follows. */
  public void start() {
    threads.run(
        () -> {
          if (state == State.NEW) {
            state = State.SEEKING;
            stream.start();
          }
        });
  }

  /**
   * Sends a call, after all calls sent before. Returns at once; what becomes of it is told to the
   * {@link CallListener} unless it was answered 202. A call that is sent while there is no
   * subscription fails: Mesos forgets the offers and the stream of an ended subscription.
   */
  @Override
  public void send(Call call) {
    requireNonNull(call, "call");
    if (!threads.isClosing()) {
      calls.send(call);
    }
  }

  /** Drops the subscription, if there is one, and begins again with {@code connected}. */
  @Override
  public void reconnect() {
    threads.run(
        () -> {
          if (state != State.NEW && state != State.CLOSED) {
            lost("reconnect was asked for", calls::close);
            calls.forgetTeardown();
            state = State.SEEKING;
            stream.forgive();
            stream.seek();
          }
        });
  }

  /**
   * Closes all connections and ends all threads. Calls under way are dropped without a report; no
   * callback begins after this returns. The framework stays registered with the master until its
   * failover timeout; send TEARDOWN, and wait for {@code disconnected}, to remove it.
   */
  @Override
  public void close() {
    threads.close(
        () -> {
          state = State.CLOSED;
          stream.close();
          calls.close();
        },
        detector::close);
  }

  private final class Subscription implements MasterStream.Listener {
    @Override
    public void found() {
      state = State.CONNECTED;
      threads.notice(() -> scheduler.connected(HttpMesos.this));
    }

    @Override
    public void opened(Endpoint at, HttpHeaders headers) {
      master = at;
      streamId = headers.get("Mesos-Stream-Id", "");
    }

    @Override
    public boolean record(ByteBuf record) throws RecordIo.MalformedException {
      int size = record.readableBytes();
      Event event = RecordIo.parse(record, Event.parser());
      if (event.getType() == Event.Type.SUBSCRIBED) {
        subscribed(event.getSubscribed());
      }
      boolean full = threads.event(() -> scheduler.received(HttpMesos.this, event), size);
      if (event.getType() == Event.Type.ERROR) {
        stop("the master said ERROR: " + event.getError().getMessage());
      }
      return full;
    }

    @Override
    public void refused(int status, String body) {
      Call refused = subscribe;
      state = State.CONNECTED;
      threads.notice(() -> listener.refused(refused, status, body));
    }

    @Override
    public void failedTry(String reason) {
      threads.notice(() -> listener.subscriptionLost(reason));
    }

    @Override
    public void ended(String reason) {
      if (calls.isTornDown()) {
        stop(reason);
      } else if (state == State.SUBSCRIBING) {
        stream.retry(reason);
      } else {
        dropAndSeek(reason);
      }
    }
  }

  private void subscribed(Event.Subscribed subscribed) {
    stream.heartbeatEvery(subscribed.getHeartbeatIntervalSeconds());
    if (state != State.SUBSCRIBING) {
      return;
    }
    state = State.SUBSCRIBED;
    calls.open(master, streamId);
    log.info("subscribed at {}", master);
  }

  private final class Calls implements SchedulerCalls.Listener {
    @Override
    public void subscribe(Call call) {
      if (state == State.CONNECTED) {
        state = State.SUBSCRIBING;
        subscribe = call;
        stream.subscribe(call);
      } else {
        calls.fail(
            call,
            CallListener.Fate.NOT_SENT,
            state == State.SUBSCRIBED || state == State.SUBSCRIBING
                ? "subscribed already; UPDATE_FRAMEWORK changes a subscription"
                : "not connected to a master");
      }
    }

    @Override
    public void stale(String reason) {
      dropAndSeek(reason);
    }

    @Override
    public void lost(String reason) {
      if (calls.isTornDown()) {
        calls.close();
        stop(reason);
      } else {
        dropAndSeek("the connection for calls was lost: " + reason);
      }
    }
  }

  // --- endings

  private void dropAndSeek(String reason) {
    if (state == State.SUBSCRIBED || state == State.SUBSCRIBING) {
      lost(reason, calls::close);
      state = State.SEEKING;
      stream.seekLater();
    }
  }

  /** Ends it for good; a TEARDOWN in flight may still be answered. */
  private void stop(String reason) {
    if (state == State.STOPPED) {
      return;
    }
    log.error("stopped: {}", reason);
    lost(reason, calls::finish);
    state = State.STOPPED;
  }

  private void lost(String reason, Runnable endCalls) {
    boolean told = state == State.SUBSCRIBED || state == State.SUBSCRIBING;
    stream.close();
    endCalls.run();
    if (told) {
      threads.notice(
          () -> {
            listener.subscriptionLost(reason);
            scheduler.disconnected(this);
          });
    }
  }
}
