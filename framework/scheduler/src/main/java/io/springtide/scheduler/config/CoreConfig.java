package io.springtide.scheduler.config;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Resources;
import io.springtide.partition.model.SharingPolicy;
import java.time.Duration;

/**
 * The core's configuration, fixed for its lifetime.
 *
 * @param executorId of the executor that every host of ours runs
 * @param executor what an executor takes from its host
 * @param warden what a warden takes from its host
 * @param sharing how reclaim is damped
 * @param times how long everything takes
 */
public record CoreConfig(
    String executorId, Resources executor, Resources warden, SharingPolicy sharing, Times times) {
  public CoreConfig {
    requireNonNull(executorId);
    requireNonNull(executor);
    requireNonNull(warden);
    requireNonNull(sharing);
    requireNonNull(times);
  }

  /** A core with everything at its default. */
  public static CoreConfig of(String executorId) {
    return new CoreConfig(
        executorId,
        Resources.of(100, 192, 64),
        Resources.of(10, 16),
        SharingPolicy.DEFAULT,
        Times.DEFAULT);
  }

  /** The same, with other damping of reclaim. */
  public CoreConfig with(SharingPolicy policy) {
    return new CoreConfig(executorId, executor, warden, policy, times);
  }

  /** What executor and warden take together. */
  public Resources overhead() {
    return executor.plus(warden);
  }

  /**
   * How long everything takes.
   *
   * @param holdOffers how long an offer that others could use is kept for work that waits
   * @param declineFilter refusal filter of an offer that was held for {@code holdOffers}
   * @param uselessFilter refusal filter of an offer that nothing can use
   * @param batch how long matching waits for more to match; the first goes at once
   * @param reviveSoon how long after a revive another may follow for what has come to be wanted
   *     since
   * @param reviveAfter how long after a revive another may follow; doubles while nothing arrives
   * @param reviveMost the longest of those waits
   * @param suppressAfter how long nothing must have been wanted before offers are suppressed
   * @param lookAround how long offers stay suppressed before we look for new hosts
   * @param reconcileFirst how long an explicit reconciliation waits for its answers; doubles
   * @param reconcileMost the longest of those waits
   * @param reconcileEvery from one whole reconciliation to the next
   * @param launchDoubt how long a launch may stay unanswered before its task is reconciled
   * @param killAgain how long after its grace a kill is repeated; doubles
   * @param killAgainMost the longest of those waits
   * @param returnWithin how long an instance waits for its return to a host whose executor died
   * @param wardenBackoff wait after a warden has ended; doubles
   * @param wardenBackoffMost the longest of those waits
   * @param growEvery the least time between two looks at growing and shrinking
   * @param orderAgain how long an order or a release waits for its answer before it is sent again
   * @param orderAgainMost the longest of those waits
   * @param listEvery from one listing of a pool's cloud hosts to the next
   * @param bootWithin how long an ordered host may take until its warden runs; then it is given
   *     back
   * @param maintenanceLead how long before its machine is announced to go away a host is emptied
   * @param lostAfter how long an ordered host may be lost before it is given back
   * @param rememberGone how long a host that went is remembered after it was last heard of
   */
  public record Times(
      Duration holdOffers,
      Duration declineFilter,
      Duration uselessFilter,
      Duration batch,
      Duration reviveSoon,
      Duration reviveAfter,
      Duration reviveMost,
      Duration suppressAfter,
      Duration lookAround,
      Duration reconcileFirst,
      Duration reconcileMost,
      Duration reconcileEvery,
      Duration launchDoubt,
      Duration killAgain,
      Duration killAgainMost,
      Duration returnWithin,
      Duration wardenBackoff,
      Duration wardenBackoffMost,
      Duration growEvery,
      Duration orderAgain,
      Duration orderAgainMost,
      Duration listEvery,
      Duration bootWithin,
      Duration maintenanceLead,
      Duration lostAfter,
      Duration rememberGone) {
    /**
     * The same, with what a configuration may say.
     *
     * @param hold instead of {@code holdOffers}
     * @param suppress instead of {@code suppressAfter}
     * @param look instead of {@code lookAround}
     * @param lead instead of {@code maintenanceLead}
     */
    public Times configured(Duration hold, Duration suppress, Duration look, Duration lead) {
      return new Times(
          hold,
          declineFilter,
          uselessFilter,
          batch,
          reviveSoon,
          reviveAfter,
          reviveMost,
          suppress,
          look,
          reconcileFirst,
          reconcileMost,
          reconcileEvery,
          launchDoubt,
          killAgain,
          killAgainMost,
          returnWithin,
          wardenBackoff,
          wardenBackoffMost,
          growEvery,
          orderAgain,
          orderAgainMost,
          listEvery,
          bootWithin,
          lead,
          lostAfter,
          rememberGone);
    }

    public static final Times DEFAULT =
        new Times(
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            Duration.ofMillis(50),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10),
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofMinutes(15),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofMinutes(2),
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(1),
            Duration.ofMinutes(15),
            Duration.ofHours(1),
            Duration.ofMinutes(15),
            Duration.ofHours(6));
  }
}
