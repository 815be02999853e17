package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
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
  private static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(15);

  /** What the client is about. */
  private enum State {
    /** Not started. */
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
  private final EventLoop loop;
  private final Timer timer;
  private final EventQueue queue;
  private final Backoff backoff;

  /** Calls on their way from {@code send} to the event loop. */
  private final Queue<Call> inbox = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean drainScheduled = new AtomicBoolean();
  private final AtomicInteger outstanding = new AtomicInteger();
  private final AtomicBoolean closing = new AtomicBoolean();

  // All that follows is touched on the event loop only.
  private State state = State.NEW;
  private Call subscribe;
  private Endpoint master;
  private EventStream stream;
  private String streamId = "";
  private CallPipe<Call> pipe;
  private boolean tornDown;
  private boolean paused;
  private Duration heartbeat = DEFAULT_HEARTBEAT;
  private int silentIntervals;
  private boolean heard;
  private Timer.Cancel pause = Timer.Cancel.NOTHING;
  private Timer.Cancel watchdog = Timer.Cancel.NOTHING;
  private Timer.Cancel settled = Timer.Cancel.NOTHING;

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
    loop = wire.loop();
    this.timer = timer.apply(loop);
    backoff = new Backoff(options.backoffMin(), options.backoffMax(), ThreadLocalRandom.current());
    queue =
        new EventQueue(
            "mesos-scheduler-events",
            options.maxEventsBuffered(),
            options.maxBytesBuffered(),
            () -> onLoop(this::roomAgain),
            this::close);
  }

  /** Looks for a master; {@code connected} follows. */
  public void start() {
    onLoop(
        () -> {
          if (state == State.NEW) {
            state = State.SEEKING;
            detector.start(() -> onLoop(this::masterChanged));
            seek();
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
      onLoop(this::drain);
    }
  }

  /** Drops the subscription, if there is one, and begins again with {@code connected}. */
  @Override
  public void reconnect() {
    onLoop(
        () -> {
          if (state != State.NEW && state != State.CLOSED) {
            tornDown = false;
            lost("reconnect was asked for");
            backoff.reset();
            pause.cancel();
            state = State.SEEKING;
            seek();
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
    onLoop(
        () -> {
          state = State.CLOSED;
          dropConnections();
          pause.cancel();
        });
    detector.close();
    wire.close();
  }

  // --- finding a master

  private void seek() {
    Optional<Endpoint> candidate = detector.candidate(backoff.failures());
    if (candidate.isEmpty()) {
      log.info("no leading master is known yet");
      return;
    }
    master = candidate.get();
    state = State.CONNECTED;
    queue.notice(() -> scheduler.connected(this));
  }

  private void masterChanged() {
    if (state == State.SEEKING) {
      pause.cancel();
      seek();
      return;
    }
    Optional<Endpoint> candidate = detector.candidate(backoff.failures());
    if (candidate.isEmpty() || candidate.get().equals(master)) {
      return;
    }
    if (state == State.CONNECTED) {
      master = candidate.get();
    } else if (state == State.SUBSCRIBING) {
      master = candidate.get();
      closeStream();
      pause.cancel();
      trySubscribe();
    } else if (state == State.SUBSCRIBED) {
      dropAndSeek("another master leads: " + candidate.get());
    }
  }

  // --- subscribing

  private void trySubscribe() {
    state = State.SUBSCRIBING;
    heartbeat = DEFAULT_HEARTBEAT;
    // Mesos-Stream-Id must not be on a SUBSCRIBE: it names a subscription that does not exist yet.
    Request request = Request.to(master, PATH, options.credential(), Optional.empty());
    stream =
        EventStream.open(
            wire, master, request, subscribe, options.maxRecordBytes(), new Subscription());
    watchdog.cancel();
    watchdog =
        timer.after(
            options.answerTimeout(),
            () -> retrySubscribe("no answer for " + options.answerTimeout().toMillis() + " ms"));
  }

  private void retrySubscribe(String reason) {
    closeStream();
    queue.notice(() -> listener.subscriptionLost(reason));
    Duration delay = backoff.next();
    log.info("not subscribed at {}: {}; next try in {} ms", master, reason, delay.toMillis());
    pause =
        timer.after(
            delay,
            () -> {
              detector.candidate(backoff.failures()).ifPresent(c -> master = c);
              trySubscribe();
            });
  }

  private final class Subscription implements EventStream.Listener {
    @Override
    public void opened(HttpHeaders headers) {
      streamId = headers.get("Mesos-Stream-Id", "");
      watch();
    }

    @Override
    public void record(ByteBuf record) throws RecordIo.MalformedException {
      heard = true;
      silentIntervals = 0;
      int size = record.readableBytes();
      Event event = RecordIo.parse(record, Event.parser());
      if (event.getType() == Event.Type.SUBSCRIBED) {
        subscribed(event.getSubscribed());
      }
      boolean full = queue.event(() -> scheduler.received(HttpMesos.this, event), size);
      if (event.getType() == Event.Type.ERROR) {
        stop("the master said ERROR: " + event.getError().getMessage());
      } else if (full && !paused) {
        pauseReading();
      }
    }

    @Override
    public void refused(int status, HttpHeaders headers, String body) {
      stream = null;
      if (status == 307 || status == 308) {
        redirected(headers.get("Location", ""));
      } else if (status == 503 || status == 404 || status == 500 || status == 502) {
        // 503: recovering, or no leader; 404: starting, its routes are not there yet.
        retrySubscribe("answered " + status + " " + body);
      } else {
        refusedForGood(status, body);
      }
    }

    @Override
    public void ended(String reason) {
      stream = null;
      if (state == State.SUBSCRIBING) {
        retrySubscribe(reason);
      } else if (tornDown) {
        stop(reason);
      } else {
        dropAndSeek(reason);
      }
    }
  }

  private void subscribed(Event.Subscribed subscribed) {
    if (subscribed.hasHeartbeatIntervalSeconds() && subscribed.getHeartbeatIntervalSeconds() > 0) {
      heartbeat = Duration.ofNanos((long) (subscribed.getHeartbeatIntervalSeconds() * 1e9));
      watch();
    }
    if (state != State.SUBSCRIBING) {
      return;
    }
    state = State.SUBSCRIBED;
    Request request = Request.to(master, PATH, options.credential(), Optional.of(streamId));
    pipe =
        new CallPipe<>(
            wire,
            timer,
            master,
            request,
            options.maxCallsInFlight(),
            options.answerTimeout(),
            new Answers());
    // A master that accepts and drops us at once is still one to be spared.
    settled = timer.after(options.backoffMax(), backoff::reset);
    log.info("subscribed at {}", master);
  }

  private void redirected(String location) {
    Optional<Endpoint> leader = master.redirectedTo(location);
    if (leader.isEmpty() || leader.get().equals(master)) {
      retrySubscribe("redirected to \"" + location + "\", which leads nowhere");
      return;
    }
    // The first redirect is followed at once. A circle, or a leader that is dead, is left with
    // pauses: until its ZooKeeper session ends, the others still point to it.
    boolean first = backoff.failures() == 0;
    Duration delay = backoff.next();
    master = leader.get();
    pause.cancel();
    if (first) {
      trySubscribe();
    } else {
      pause = timer.after(delay, this::trySubscribe);
    }
  }

  private void refusedForGood(int status, String body) {
    closeStream();
    Call refused = subscribe;
    subscribe = null;
    state = State.CONNECTED;
    log.error("the master refuses to subscribe us: {} {}", status, body);
    queue.notice(() -> listener.refused(refused, status, body));
  }

  // --- silence, on either side

  /** Starts to count silent heartbeat intervals from here. */
  private void watch() {
    watchdog.cancel();
    silentIntervals = 0;
    heard = false;
    watchdog = timer.after(heartbeat, this::tick);
  }

  private void tick() {
    silentIntervals = heard ? 0 : silentIntervals + 1;
    heard = false;
    if (silentIntervals < options.missedHeartbeats()) {
      watchdog = timer.after(heartbeat, this::tick);
      return;
    }
    String reason = "nothing heard for " + silentIntervals + " heartbeat intervals";
    if (state == State.SUBSCRIBING) {
      retrySubscribe(reason);
    } else {
      dropAndSeek(reason);
    }
  }

  /** The scheduler does not keep up: leave the events in the socket, but not for ever. */
  private void pauseReading() {
    paused = true;
    stream.pause();
    watchdog.cancel();
    watchdog =
        timer.after(
            options.stallTimeout(),
            () -> {
              String reason =
                  "the event buffer overflowed: the scheduler took too few events for "
                      + options.stallTimeout().toMillis()
                      + " ms";
              log.error(reason);
              dropAndSeek(reason);
            });
  }

  private void roomAgain() {
    if (paused) {
      paused = false;
      stream.resume();
      watch();
    }
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
      subscribe = call;
      trySubscribe();
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
      queue.notice(() -> listener.refused(call, status, body));
      if (status == 307 || status == 403 || status == 503) {
        // It does not lead, or does not know that we are subscribed: our stream is stale.
        dropAndSeek("a call was answered " + status + " " + body);
      }
    }

    @Override
    public void lost(String reason) {
      if (tornDown) {
        stop(reason);
        closePipe();
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

  /** Ends the subscription and begins to look for a master again, after a pause. */
  private void dropAndSeek(String reason) {
    if (state != State.SUBSCRIBED && state != State.SUBSCRIBING) {
      return;
    }
    lost(reason);
    state = State.SEEKING;
    Duration delay = backoff.next();
    log.warn(
        "subscription at {} lost: {}; seeking again in {} ms", master, reason, delay.toMillis());
    pause = timer.after(delay, this::seek);
  }

  /** Ends the subscription for good; a TEARDOWN in flight may still be answered. */
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
    dropConnections();
    if (told) {
      queue.notice(
          () -> {
            listener.subscriptionLost(reason);
            scheduler.disconnected(this);
          });
    }
  }

  private void dropConnections() {
    closeStream();
    closePipe();
    settled.cancel();
  }

  private void closeStream() {
    watchdog.cancel();
    paused = false;
    if (stream != null) {
      stream.close();
      stream = null;
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

  private void onLoop(Runnable task) {
    try {
      if (loop.inEventLoop()) {
        task.run();
      } else {
        loop.execute(task);
      }
    } catch (RejectedExecutionException closed) {
      log.debug("the client is closed", closed);
    }
  }
}
