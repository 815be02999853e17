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
   * @param offers asking for offers, keeping them, giving them back
   * @param tasks starting, ending and asking after tasks
   * @param hosts what is expected of hosts
   * @param clouds talking with clouds
   */
  public record Times(Offers offers, Tasks tasks, Hosts hosts, Clouds clouds) {
    public static final Times DEFAULT =
        new Times(Offers.DEFAULT, Tasks.DEFAULT, Hosts.DEFAULT, Clouds.DEFAULT);

    /** The same, with other times for offers. */
    public Times with(Offers other) {
      return new Times(other, tasks, hosts, clouds);
    }

    /** The same, with other times for hosts. */
    public Times with(Hosts other) {
      return new Times(offers, tasks, other, clouds);
    }
  }

  /**
   * How long it takes with offers.
   *
   * @param hold how long an offer that others could use is kept for work that waits
   * @param declineFilter refusal filter of an offer that was held for {@code hold}
   * @param uselessFilter refusal filter of an offer that nothing can use
   * @param batch how long matching waits for more to match; the first goes at once
   * @param reviveSoon how long after a revive another may follow for what has come to be wanted
   *     since
   * @param revive how long after a revive another may follow, while nothing arrives
   * @param suppressAfter how long nothing must have been wanted before offers are suppressed
   * @param lookAround how long offers stay suppressed before we look for new hosts
   */
  public record Offers(
      Duration hold,
      Duration declineFilter,
      Duration uselessFilter,
      Duration batch,
      Duration reviveSoon,
      BackOff revive,
      Duration suppressAfter,
      Duration lookAround) {
    public static final Offers DEFAULT =
        new Offers(
            Duration.ofSeconds(60),
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            Duration.ofMillis(50),
            Duration.ofSeconds(1),
            new BackOff(Duration.ofSeconds(5), Duration.ofMinutes(2)),
            Duration.ofMinutes(10),
            Duration.ofMinutes(5));

    /**
     * The same, with what a configuration may say.
     *
     * @param held instead of {@code hold}
     * @param quiet instead of {@code suppressAfter}
     * @param look instead of {@code lookAround}
     */
    public Offers configured(Duration held, Duration quiet, Duration look) {
      return new Offers(held, declineFilter, uselessFilter, batch, reviveSoon, revive, quiet, look);
    }
  }

  /**
   * How long it takes with tasks.
   *
   * @param reconcile how long an explicit reconciliation waits for its answers
   * @param reconcileEvery from one whole reconciliation to the next
   * @param launchDoubt how long a launch may stay unanswered before its task is reconciled
   * @param kill how long after its grace a kill is repeated
   * @param returnWithin how long an instance waits for its return to a host whose executor died
   */
  public record Tasks(
      BackOff reconcile,
      Duration reconcileEvery,
      Duration launchDoubt,
      BackOff kill,
      Duration returnWithin) {
    public static final Tasks DEFAULT =
        new Tasks(
            new BackOff(Duration.ofSeconds(10), Duration.ofMinutes(5)),
            Duration.ofMinutes(15),
            Duration.ofSeconds(30),
            new BackOff(Duration.ofSeconds(10), Duration.ofMinutes(5)),
            Duration.ofMinutes(2));
  }

  /**
   * How long it takes with hosts.
   *
   * @param warden wait after a warden has ended
   * @param bootWithin how long an ordered host may take until its warden runs; then it is given
   *     back
   * @param maintenanceLead how long before its machine is announced to go away a host is emptied
   * @param lostAfter how long an ordered host may be lost before it is given back
   * @param rememberGone how long a host that went is remembered after it was last heard of
   */
  public record Hosts(
      BackOff warden,
      Duration bootWithin,
      Duration maintenanceLead,
      Duration lostAfter,
      Duration rememberGone) {
    public static final Hosts DEFAULT =
        new Hosts(
            new BackOff(Duration.ofSeconds(1), Duration.ofMinutes(1)),
            Duration.ofMinutes(15),
            Duration.ofHours(1),
            Duration.ofMinutes(15),
            Duration.ofHours(6));

    /** The same, emptied so long before a machine goes away. */
    public Hosts withLead(Duration lead) {
      return new Hosts(warden, bootWithin, lead, lostAfter, rememberGone);
    }
  }

  /**
   * How long it takes with clouds.
   *
   * @param growEvery the least time between two looks at growing and shrinking
   * @param order how long an order or a release waits for its answer before it is sent again
   * @param listEvery from one listing of a pool's cloud hosts to the next
   */
  public record Clouds(Duration growEvery, BackOff order, Duration listEvery) {
    public static final Clouds DEFAULT =
        new Clouds(
            Duration.ofSeconds(1),
            new BackOff(Duration.ofSeconds(30), Duration.ofMinutes(5)),
            Duration.ofMinutes(1));
  }
}
