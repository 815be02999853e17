package io.springtide.mesos;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscription at whichever master leads: finds the master, follows redirects, waits out one
 * that recovers, tries again with growing pauses, and watches for silence on either side. When an
 * open stream has ended, its owner says what next.
 */
final class MasterStream {
  private static final Logger log = LoggerFactory.getLogger(MasterStream.class);

  /** What Mesos sends unless it says otherwise. */
  private static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(15);

  /**
   * A failover takes some ten seconds, and a framework without a master neither starts anything nor
   * hears of what ends: so many tries are made with pauses of at most this; only a longer outage is
   * waited out with the long ones.
   */
  private static final int FAILOVER_TRIES = 60;

  private static final Duration FAILOVER_PAUSE = Duration.ofSeconds(1);

  /** The owner. */
  interface Listener {
    /** A master is known; {@link #subscribe} is expected. */
    void found();

    /** The master answered 200. */
    void opened(Endpoint master, HttpHeaders headers);

    /**
     * The next record.
     *
     * @return whether the owner wants no more for now; {@link #resume} goes on
     */
    boolean record(ByteBuf record) throws RecordIo.MalformedException;

    /** The subscription was refused, and asking again would not help. */
    void refused(int status, String body);

    /** A try has failed; the next one is scheduled. */
    void failedTry(String reason);

    /** The open stream has ended; nothing is scheduled. */
    void ended(String reason);
  }

  private enum Phase {
    IDLE,
    SEEKING,
    FOUND,
    TRYING,
    OPEN
  }

  private final ClientThreads threads;
  private final Timer timer;
  private final WireOptions options;
  private final MasterDetector detector;
  private final String path;
  private final Listener listener;
  private final Backoff backoff;

  /** Who did not take us since we were last subscribed. */
  private final Set<Endpoint> tried = new HashSet<>();

  private Phase phase = Phase.IDLE;
  private MessageLite subscribe;
  private Endpoint master;
  private EventStream stream;
  private Duration heartbeat = DEFAULT_HEARTBEAT;
  private int silentIntervals;
  private boolean heard;
  private Timer.Cancel pause = Timer.Cancel.NOTHING;
  private Timer.Cancel watchdog = Timer.Cancel.NOTHING;
  private Timer.Cancel settled = Timer.Cancel.NOTHING;

  MasterStream(
      ClientThreads threads,
      WireOptions options,
      MasterDetector detector,
      String path,
      Listener listener) {
    this.threads = threads;
    this.timer = threads.timer();
    this.options = options;
    this.detector = detector;
    this.path = path;
    this.listener = listener;
    backoff = new Backoff(options.backoffMin(), options.backoffMax(), ThreadLocalRandom.current());
  }

  void start() {
    detector.start(() -> threads.run(this::masterChanged));
    seek();
  }

  /** Looks for a master now. */
  void seek() {
    close();
    phase = Phase.SEEKING;
    Optional<Endpoint> candidate = detector.candidate(backoff.failures());
    if (candidate.isEmpty()) {
      log.info("no leading master is known yet");
      return;
    }
    master = candidate.get();
    phase = Phase.FOUND;
    listener.found();
  }

  /** Looks for a master after a pause. */
  void seekLater() {
    close();
    phase = Phase.SEEKING;
    Duration delay = pauseAfterFailure();
    log.info("looking for a master again in {} ms", delay.toMillis());
    pause = timer.after(delay, this::seek);
  }

  /** Forgets earlier failures: somebody knows that things have changed. */
  void forgive() {
    backoff.reset();
  }

  /** Takes {@code subscribe} to the master, until it is answered for good. */
  void subscribe(MessageLite subscribe) {
    this.subscribe = subscribe;
    attempt();
  }

  /** Tries again after a pause, with the same message. */
  void retry(String reason) {
    closeStream();
    phase = Phase.TRYING;
    tried.add(master);
    Duration delay = pauseAfterFailure();
    log.info("not subscribed at {}: {}; next try in {} ms", master, reason, delay.toMillis());
    pause =
        timer.after(
            delay,
            () -> {
              detector.candidate(backoff.failures()).ifPresent(c -> master = c);
              attempt();
            });
    listener.failedTry(reason);
  }

  /** The master says how often it sends something when it has nothing to say. */
  void heartbeatEvery(double seconds) {
    if (seconds > 0) {
      heartbeat = Duration.ofNanos((long) (seconds * 1e9));
    }
    watch();
    // A master that accepts and drops us at once is still one to be spared.
    settled.cancel();
    settled = timer.after(options.backoffMax(), backoff::reset);
  }

  /** The owner wants records again. */
  void resume() {
    if (stream != null && stream.isPaused()) {
      stream.resume();
      watch();
    }
  }

  /** Ends whatever goes on; nothing is scheduled any more. */
  void close() {
    closeStream();
    settled.cancel();
    phase = Phase.IDLE;
  }

  private void attempt() {
    phase = Phase.TRYING;
    heartbeat = DEFAULT_HEARTBEAT;
    // Mesos-Stream-Id must not be on a SUBSCRIBE: it names a subscription that does not exist yet.
    Request request = Request.to(master, path, options.credential(), Optional.empty());
    stream = EventStream.open(threads, options, master, request, subscribe, new Subscription());
  }

  private Duration pauseAfterFailure() {
    Duration grown = backoff.next();
    boolean patient = backoff.failures() > FAILOVER_TRIES;
    return patient || grown.compareTo(FAILOVER_PAUSE) < 0 ? grown : FAILOVER_PAUSE;
  }

  private void masterChanged() {
    Optional<Endpoint> candidate = detector.candidate(backoff.failures());
    if (phase == Phase.SEEKING) {
      seek();
    } else if (phase != Phase.IDLE && candidate.isPresent() && !candidate.get().equals(master)) {
      master = candidate.get();
      // What the one before owes is not this one's debt.
      backoff.reset();
      if (phase == Phase.TRYING) {
        closeStream();
        attempt();
      } else if (phase == Phase.OPEN) {
        end("another master leads: " + master);
      }
    }
  }

  private final class Subscription implements EventStream.Listener {
    @Override
    public void opened(HttpHeaders headers) {
      phase = Phase.OPEN;
      tried.clear();
      watch();
      listener.opened(master, headers);
    }

    @Override
    public void record(ByteBuf record) throws RecordIo.MalformedException {
      heard = true;
      silentIntervals = 0;
      boolean full = listener.record(record);
      if (full && stream != null && !stream.isPaused()) {
        pauseReading();
      }
    }

    @Override
    public void refused(int status, HttpHeaders headers, String body) {
      stream = null;
      if (status >= 301 && status <= 308) {
        redirected(headers.get("Location", ""));
      } else {
        log.error("{} refuses the subscription: {} {}", master, status, body);
        phase = Phase.FOUND;
        listener.refused(status, body);
      }
    }

    @Override
    public void ended(String reason) {
      stream = null;
      if (phase == Phase.OPEN) {
        end(reason);
      } else {
        retry(reason);
      }
    }
  }

  private void redirected(String location) {
    Optional<Endpoint> leader = master.redirectedTo(location);
    if (leader.isEmpty() || leader.get().equals(master)) {
      retry("redirected to \"" + location + "\", which leads nowhere");
      return;
    }
    // A leader that we have not tried yet is tried at once. A circle, or a leader that is dead, is
    // left with pauses: until its ZooKeeper session ends, the others still point to it.
    tried.add(master);
    master = leader.get();
    if (tried.contains(master)) {
      pause = timer.after(pauseAfterFailure(), this::attempt);
    } else {
      backoff.reset();
      attempt();
    }
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
    } else {
      end("nothing heard for " + silentIntervals + " heartbeat intervals");
    }
  }

  /** The owner does not keep up: leave the records in the socket, but not for ever. */
  private void pauseReading() {
    stream.pause();
    watchdog.cancel();
    watchdog =
        timer.after(
            options.stallTimeout(),
            () -> {
              String reason =
                  "the event buffer overflowed: it stayed full for "
                      + options.stallTimeout().toMillis()
                      + " ms, for nobody took the events";
              log.error(reason);
              end(reason);
            });
  }

  private void end(String reason) {
    log.warn("subscription at {} lost: {}", master, reason);
    close();
    listener.ended(reason);
  }

  private void closeStream() {
    pause.cancel();
    watchdog.cancel();
    if (stream != null) {
      stream.close();
      stream = null;
    }
  }
}
