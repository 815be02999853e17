package io.springtide.executor.health;

import static java.util.Objects.requireNonNull;

import io.springtide.executor.loop.ExecutorLoop;
import io.springtide.mesos.Why;
import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * Probes one thing again and again, and says when the answer changes. The rules are those of Mesos'
 * own health checker (docs/health-checks.md): a failure within the grace period does not count
 * before the first success; {@link HealthPolicy#failures} consecutive failures condemn. One
 * addition: until the first verdict it is asked every half second, if the interval is longer.
 *
 * <p>What is due at about the same time is asked at the same moment: a pause of a second or more is
 * cut to a full second of the loop's time, if that is no more than a quarter of one away, and other
 * pauses from half a second on are rounded up to the next quarter.
 *
 * <p>A probe that cannot be judged ({@link Unjudged}) does not count.
 *
 * <p>The watch goes on over what it has condemned: it says so again every minute while that fails
 * on, and that it passes once it does. Whoever ends the task ends the watch.
 *
 * <p>The first failure after a success is told at once: what discovery calls healthy must be so
 * within one interval (promise 5). Patience applies to killing only. Lives on the loop's thread.
 */
public final class HealthWatch {
  /** Is told what changes. */
  public interface Listener {
    /** It is well: the first time, or again. */
    void passed();

    /** It is not well any more, or not yet and the grace is over. */
    void failed(String why);

    /** It has failed too often; said again while that lasts. */
    void condemned(String why);
  }

  private enum Verdict {
    NONE,
    WELL,
    UNWELL
  }

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final long QUARTER = SECOND / 4;
  private static final Duration STARTING = Duration.ofMillis(500);
  private static final Duration CONDEMNED_AGAIN = Duration.ofMinutes(1);

  private final ExecutorLoop loop;
  private final Probe probe;
  private final HealthPolicy policy;
  private final Listener listener;
  private final Runnable ask = this::ask; // made once, not for each probe
  private final BiConsumer<Void, Throwable> answered = (well, unwell) -> answered(unwell);
  private final Duration started;
  private Verdict verdict = Verdict.NONE;
  private int failures;
  private Duration condemnedAgain = Duration.ZERO;
  private boolean ended;
  private ExecutorLoop.Timer next;

  private HealthWatch(ExecutorLoop loop, Probe probe, HealthPolicy policy, Listener listener) {
    this.loop = requireNonNull(loop);
    this.probe = requireNonNull(probe);
    this.policy = requireNonNull(policy);
    this.listener = requireNonNull(listener);
    this.started = loop.now();
  }

  /** Starts to watch; the grace period starts now. */
  public static HealthWatch start(
      ExecutorLoop loop, Probe probe, HealthPolicy policy, Listener listener) {
    var watch = new HealthWatch(loop, probe, policy, listener);
    watch.next = loop.after(policy.delay(), watch.ask);
    return watch;
  }

  /** Ends the watch: the listener is not called again. */
  public void end() {
    ended = true;
    next.cancel();
  }

  private void ask() {
    loop.when(probe.ask(), answered);
  }

  private void answered(Throwable unwell) {
    if (ended) {
      return;
    }
    if (unwell == null) {
      failures = 0;
      if (verdict != Verdict.WELL) {
        verdict = Verdict.WELL;
        listener.passed();
      }
    } else if (unwell instanceof Unjudged unjudged) {
      if (unjudged.seen() && (verdict != Verdict.NONE || graceOver())) {
        unwell(unjudged.getMessage());
      }
    } else if (verdict != Verdict.NONE || graceOver()) {
      failed(Why.of(unwell));
    }
    if (!ended) {
      next = loop.after(aligned(pause()), ask);
    }
  }

  /** So that what is due at about the same time wakes the executor once, not a hundred times. */
  private Duration aligned(Duration pause) {
    if (pause.compareTo(STARTING) < 0) {
      return pause;
    }
    long due = loop.now().plus(pause).toNanos();
    long overSecond = Math.floorMod(due, SECOND);
    if (overSecond <= QUARTER && pause.toNanos() >= SECOND) {
      return pause.minusNanos(overSecond);
    }
    return pause.plusNanos(Math.floorMod(-due, QUARTER));
  }

  /** What starts is asked more often, so that it serves as soon as it can. */
  private Duration pause() {
    boolean starting = verdict == Verdict.NONE;
    return starting && policy.interval().compareTo(STARTING) > 0 ? STARTING : policy.interval();
  }

  private void failed(String why) {
    failures++;
    unwell(why);
    boolean condemned = policy.failures() > 0 && failures >= policy.failures();
    boolean fresh = failures == policy.failures();
    if (!ended && condemned && (fresh || loop.now().compareTo(condemnedAgain) >= 0)) {
      condemnedAgain = loop.now().plus(CONDEMNED_AGAIN);
      listener.condemned(why);
    }
  }

  private void unwell(String why) {
    if (verdict != Verdict.UNWELL) {
      verdict = Verdict.UNWELL;
      listener.failed(why);
    }
  }

  private boolean graceOver() {
    return loop.now().minus(started).compareTo(policy.grace()) >= 0;
  }
}
