package io.springtide.executor.runtime;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what a container says into the sandbox. The sandbox itself is never mounted into a
 * container: it is removed some time after its executor's death, and the container may live longer.
 *
 * <p>It is attached to before its start, so that the container's own pipe is read, and a container
 * that says more than can be copied waits, as it would for any pipe. The engine's log would lose
 * what was said too fast: it is bounded, and slower to read than to write. Only where attaching
 * came to an end before the container did (its engine was restarted, a tool was), the log is read
 * from there.
 */
final class DockerOutput {
  private static final Logger log = LoggerFactory.getLogger(DockerOutput.class);
  private static final Duration ATTACH = Duration.ofSeconds(30);

  /** After the container's end, a stream that is silent for so long has nothing more to say. */
  private static final Duration QUIET = Duration.ofSeconds(10);

  /** So long and so many bytes are waited for after the end, while they come. */
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private static final long MOST_BYTES = 256L << 20;

  /** What the engine had logged so long before it broke off may not have come here. */
  private static final Duration ON_ITS_WAY = Duration.ofSeconds(1);

  private static final long LOOK_MILLIS = 200;
  private static final long AGAIN_MILLIS = 500;
  private static final long AGAIN_MAX_MILLIS = 10_000;

  private enum Life {
    LIVES,
    RESTARTED, // since its last life, in which it said all that it had to say
    ENDED,
    UNKNOWN
  }

  private final DockerEngine engine;
  private final ScheduledExecutorService timer;
  private final String container;
  private final OutputFiles files;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private volatile AutoCloseable stream;
  private volatile long bytes;
  private volatile long lastByte = System.nanoTime();
  private volatile Instant lastHeard = Instant.now();
  private volatile Instant at; // of the log's last entry that is copied; null: none is
  private volatile int copied; // of the entries of that time
  private volatile boolean broken; // something may have been missed
  private volatile boolean doubted; // it lives on without its output, or its end is not noted yet
  private volatile long restarts;
  private volatile Instant started = Instant.MAX; // its present life, once it is a later one
  private volatile long pause = AGAIN_MILLIS;

  private DockerOutput(
      DockerEngine engine, ScheduledExecutorService timer, String container, OutputFiles files) {
    this.engine = engine;
    this.timer = timer;
    this.container = container;
    this.files = files;
  }

  /**
   * Attaches to a container that is not started yet.
   *
   * @param timer runs what blocks, too
   */
  static DockerOutput attach(
      DockerEngine engine, ScheduledExecutorService timer, String container, OutputFiles files) {
    var output = new DockerOutput(engine, timer, container, files);
    var attached = output.new Attached();
    output.stream = attached;
    engine
        .streams()
        .attachContainerCmd(container)
        .withStdOut(true)
        .withStdErr(true)
        .withFollowStream(true)
        .exec(attached);
    try {
      if (!attached.awaitStarted(ATTACH.toMillis(), TimeUnit.MILLISECONDS)) {
        output.close();
        throw new RuntimeFailure("the engine does not hand out its output");
      }
    } catch (InterruptedException e) {
      output.close();
      Thread.currentThread().interrupt();
      throw new RuntimeFailure("interrupted", e);
    }
    return output;
  }

  /**
   * Call when the container has ended: completes when all it said has been copied, or when no more
   * comes. Then the file says so. Never fails.
   */
  CompletionStage<Void> drained() {
    long now = System.nanoTime();
    await(now, now, bytes);
    return done;
  }

  private void await(long since, long quietSince, long bytesBefore) {
    if (done.isDone()) {
      return;
    }
    long now = System.nanoTime();
    long silent = now - Math.max(quietSince, lastByte);
    if (silent > QUIET.toNanos()) {
      giveUp("its engine gave no more of it for " + QUIET.toSeconds() + " s");
    } else if (now - since > LONGEST.toNanos()) {
      giveUp("it still came " + LONGEST.toSeconds() + " s after the container's end");
    } else if (bytes - bytesBefore > MOST_BYTES) {
      giveUp("more than " + (MOST_BYTES >> 20) + " MiB came after the container's end");
    } else {
      later(LOOK_MILLIS, () -> await(since, quietSince, bytesBefore));
    }
  }

  private void giveUp(String why) {
    files.say("the end of this output is missing: " + why);
    log.warn("output of {}: {}", container, why);
    close();
  }

  /** Detaches from the container; what has come is in the files. */
  void close() {
    if (done.complete(null)) {
      files.close();
      closeQuietly(stream);
    }
  }

  private void take(boolean stderr, byte[] payload, int from) {
    lastByte = System.nanoTime();
    lastHeard = Instant.now();
    bytes += payload.length;
    pause = AGAIN_MILLIS;
    try {
      files.write(stderr, payload, from);
    } catch (IOException e) {
      // A full disk must not stop the container: it would wait for its pipe to be read.
      log.warn("output of {} is no longer copied: {}", container, e.toString());
      close();
    }
  }

  /** A stream has come to its end, for whatever reason. */
  private void over(Throwable error) {
    if (error != null) {
      broken = true;
    }
    later(0, this::goOn);
  }

  private void goOn() {
    if (done.isDone()) {
      return;
    }
    Life life = life();
    if (life == Life.UNKNOWN) {
      broken = true; // with its engine, the stream may have died before its time
      again(this::goOn);
    } else if (life == Life.ENDED && !broken) {
      close();
    } else if (life == Life.LIVES && !broken) {
      broken = doubted;
      doubted = true;
      again(this::goOn);
    } else {
      if (at == null) {
        at = broken ? lastHeard.minus(ON_ITS_WAY) : earlier(lastHeard, started);
        if (broken) {
          files.say(
              "the engine broke this output off; it is read on from the engine's log: lines of one"
                  + " second may come twice");
        }
      }
      broken = false;
      doubted = false;
      again(this::readOn);
    }
  }

  private void again(Runnable step) {
    later(pause, step);
    pause = Math.min(2 * pause, AGAIN_MAX_MILLIS);
  }

  private void readOn() {
    if (done.isDone()) {
      return;
    }
    var reading = engine.followLog(container, at, new FromLog(at, copied));
    stream = reading;
    if (done.isDone()) {
      closeQuietly(reading);
    }
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  private Life life() {
    try {
      var found = engine.calls().inspectContainerCmd(container).exec();
      var state = found.getState();
      if (!Boolean.TRUE.equals(state.getRunning()) && !Boolean.TRUE.equals(state.getRestarting())) {
        return Life.ENDED;
      }
      long before = restarts;
      restarts = found.getRestartCount() == null ? 0 : found.getRestartCount();
      if (restarts > 0 && !Boolean.TRUE.equals(state.getRestarting())) {
        started = Instant.parse(state.getStartedAt());
      }
      return restarts > before ? Life.RESTARTED : Life.LIVES;
    } catch (NotFoundException removed) {
      broken = false; // there is nothing left to read
      return Life.ENDED;
    } catch (RuntimeException engineAway) {
      return Life.UNKNOWN;
    }
  }

  private void later(long millis, Runnable step) {
    try {
      timer.schedule(step, millis, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ending) {
      close();
    }
  }

  private static void closeQuietly(AutoCloseable stream) {
    try {
      if (stream != null) {
        stream.close();
      }
    } catch (Exception alreadyClosed) { // AutoCloseable's own signature
      return;
    }
  }

  /** The container's own pipes. */
  private final class Attached extends ResultCallback.Adapter<Frame> {
    @Override
    public void onNext(Frame frame) {
      take(frame.getStreamType() == StreamType.STDERR, frame.getPayload(), 0);
    }

    @Override
    public void onError(Throwable error) {
      super.onError(error);
      over(error);
    }

    @Override
    public void onComplete() {
      super.onComplete();
      over(null);
    }
  }

  /** Goes on behind what is copied already. */
  private final class FromLog implements DockerLog.Reader {
    private final Instant from;
    private int skip; // of the entries of that time

    FromLog(Instant from, int skip) {
      this.from = from;
      this.skip = skip;
    }

    @Override
    public void entry(boolean stderr, Instant time, byte[] bytes, int text) {
      if (time.equals(from) && skip > 0) {
        skip--;
        return;
      }
      copied = time.equals(at) ? copied + 1 : 1;
      at = time;
      take(stderr, bytes, text);
    }

    @Override
    public void over() {
      DockerOutput.this.over(null);
    }

    @Override
    public void broken(IOException why) {
      DockerOutput.this.over(why);
    }
  }
}
