package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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

  private final WireOptions options;
  private final Scheduler scheduler;
  private final CallListener<Call> listener;
  private final MasterDetector detector;
  private final Wire wire;
  private final Timer timer;
  private final EventQueue queue;

  /** Calls on their way from {@code send} to the event loop. */
  private final Queue<Call> inbox = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean drainScheduled = new AtomicBoolean();
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicBoolean closing = new AtomicBoolean();

  // All that follows is touched on the event loop only.
  private final MasterStream stream;
  private State state = State.NEW;
  private Call subscribe;
  private Endpoint master;
  private String streamId = "";
  private CallPipe<Call> pipe;
  private boolean tornDown;

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
    this.options = requireNonNull(options, "options");
    this.scheduler = requireNonNull(scheduler, "scheduler");
    this.listener = requireNonNull(listener, "listener");
    wire = new Wire("mesos-scheduler-io", options.connectTimeout());
    this.timer = timer.apply(wire.loop());
    stream = new MasterStream(wire, this.timer, options, detector, PATH, new Subscription());
    queue =
        new EventQueue(
            "mesos-scheduler-events",
            options.maxEventsBuffered(),
            options.maxBytesBuffered(),
            () -> wire.run(stream::resume),
            this::close);
  }

  /** Looks for a master; {@code connected} follows. */
  public void start() {
    wire.run(
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
    if (closing.get()) {
      return;
    }
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
      wire.run(this::drain);
    }
  }

  /** Drops the subscription, if there is one, and begins again with {@code connected}. */
  @Override
  public void reconnect() {
    wire.run(
        () -> {
          if (state != State.NEW && state != State.CLOSED) {
            lost("reconnect was asked for");
            tornDown = false;
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
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    queue.close();
    wire.run(
        () -> {
          state = State.CLOSED;
          stream.close();
          closePipe();
        });
    detector.close();
    wire.close();
  }

  private final class Subscription implements MasterStream.Listener {
    @Override
    public void found() {
      state = State.CONNECTED;
      queue.notice(() -> scheduler.connected(HttpMesos.this));
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
      boolean full = queue.event(() -> scheduler.received(HttpMesos.this, event), size);
      if (event.getType() == Event.Type.ERROR) {
        stop("the master said ERROR: " + event.getError().getMessage());
      }
      return full;
    }

    @Override
    public void refused(int status, String body) {
      Call refused = subscribe;
      state = State.CONNECTED;
      queue.notice(() -> listener.refused(refused, status, body));
    }

    @Override
    public void failedTry(String reason) {
      queue.notice(() -> listener.subscriptionLost(reason));
    }

    @Override
    public void ended(String reason) {
      if (tornDown) {
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
    pipe =
        new CallPipe<>(
            wire,
            timer,
            master,
            Request.to(master, PATH, options.credential(), Optional.of(streamId)),
            options.maxCallsInFlight(),
            options.answerTimeout(),
            new Answers());
    log.info("subscribed at {}", master);
  }

  // --- calls

  private void drain() {
    drainScheduled.set(false);
    for (Call call = inbox.poll(); call != null; call = inbox.poll()) {
      if (call.getType() == Call.Type.SUBSCRIBE) {
        outstanding.decrementAndGet();
        subscribe(call);
      } else if (state != State.SUBSCRIBED) {
        outstanding.decrementAndGet();
        fail(call, CallListener.Fate.NOT_SENT, "there is no subscription");
      } else {
        tornDown |= call.getType() == Call.Type.TEARDOWN;
        pipe.offer(call);
      }
    }
    if (state == State.SUBSCRIBED) {
      pipe.pump();
    }
  }

  private void subscribe(Call call) {
    if (state == State.CONNECTED) {
      state = State.SUBSCRIBING;
      subscribe = call;
      stream.subscribe(call);
    } else {
      fail(
          call,
          CallListener.Fate.NOT_SENT,
          state == State.SUBSCRIBED || state == State.SUBSCRIBING
              ? "subscribed already; UPDATE_FRAMEWORK changes a subscription"
              : "not connected to a master");
    }
  }

  private final class Answers implements CallPipe.Listener<Call> {
    @Override
    public void answered(Call call, int status, String body) {
      outstanding.decrementAndGet();
      if (isAccepted(call, status)) {
        if (state == State.STOPPED && pipe != null && pipe.isIdle()) {
          closePipe();
        }
        return;
      }
      if (call.getType() == Call.Type.TEARDOWN) {
        tornDown = false;
      }
      queue.notice(() -> listener.refused(call, status, body));
      if (status / 100 == 3 || status == 403 || status == 503) {
        // It does not lead, or does not know that we are subscribed: our stream is stale.
        dropAndSeek("a call was answered " + status + " " + body);
      }
    }

    @Override
    public void lost(String reason) {
      if (tornDown) {
        closePipe();
        stop(reason);
      } else {
        dropAndSeek("the connection for calls was lost: " + reason);
      }
    }
  }

  /** 202, but for the two calls that Mesos answers with a body. */
  private static boolean isAccepted(Call call, int status) {
    return status == 202
        || (status == 200
            && (call.getType() == Call.Type.UPDATE_FRAMEWORK
                || call.getType() == Call.Type.RECONCILE_OPERATIONS));
  }

  private void fail(Call call, CallListener.Fate fate, String reason) {
    queue.notice(() -> listener.failed(call, fate, reason));
  }

  // --- endings

  private void dropAndSeek(String reason) {
    if (state == State.SUBSCRIBED || state == State.SUBSCRIBING) {
      lost(reason);
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
    CallPipe<Call> last = tornDown && pipe != null && !pipe.isIdle() ? pipe : null;
    if (last != null) {
      pipe = null;
    }
    lost(reason);
    pipe = last;
    state = State.STOPPED;
  }

  private void lost(String reason) {
    boolean told = state == State.SUBSCRIBED || state == State.SUBSCRIBING;
    stream.close();
    closePipe();
    if (told) {
      queue.notice(
          () -> {
            listener.subscriptionLost(reason);
            scheduler.disconnected(this);
          });
    }
  }

  private void closePipe() {
    if (pipe == null) {
      return;
    }
    CallPipe<Call> closed = pipe;
    pipe = null;
    closed.close();
    for (Call call : closed.takeInFlight()) {
      outstanding.decrementAndGet();
      fail(call, CallListener.Fate.UNKNOWN, "the subscription ended before an answer came");
    }
    for (Call call : closed.takeWaiting()) {
      outstanding.decrementAndGet();
      fail(call, CallListener.Fate.NOT_SENT, "the subscription ended");
    }
  }
}
