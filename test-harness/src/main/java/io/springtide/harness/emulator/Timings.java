package io.springtide.harness.emulator;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * The durations that are Mesos' own, with the defaults of the flags they are named after. What a
 * framework says itself (refuse_seconds, failover_timeout, kill grace) is never scaled.
 *
 * @param allocationInterval {@code --allocation_interval}: time between batch allocations
 * @param offerTimeout {@code --offer_timeout}: an offer is rescinded after it; zero means never
 * @param heartbeat interval of HEARTBEAT events to schedulers
 * @param agentPingTimeout {@code --agent_ping_timeout}
 * @param maxAgentPingTimeouts {@code --max_agent_ping_timeouts}: so many missed pings make an agent
 *     unreachable
 * @param agentReregisterTimeout {@code --agent_reregister_timeout}: after a master failover, an
 *     agent that is not back by then is unreachable
 * @param registrationBackoff {@code --registration_backoff_factor} of the agent: delay before it
 *     registers
 * @param executorRegistrationTimeout {@code --executor_registration_timeout}
 * @param executorReregistrationTimeout {@code --executor_reregistration_timeout}: how long a
 *     recovering agent waits for its executors
 * @param executorShutdownGrace {@code --executor_shutdown_grace_period}
 * @param updateRetryMin first repetition of an unacknowledged status update
 * @param updateRetryMax the longest pause between two repetitions, which double
 */
public record Timings(
    Duration allocationInterval,
    Duration offerTimeout,
    Duration heartbeat,
    Duration agentPingTimeout,
    int maxAgentPingTimeouts,
    Duration agentReregisterTimeout,
    Duration registrationBackoff,
    Duration executorRegistrationTimeout,
    Duration executorReregistrationTimeout,
    Duration executorShutdownGrace,
    Duration updateRetryMin,
    Duration updateRetryMax) {

  /** The defaults of Mesos 1.11. */
  public static Timings ofMesos() {
    return new Timings(
        Duration.ofSeconds(1),
        Duration.ZERO,
        Duration.ofSeconds(15),
        Duration.ofSeconds(15),
        5,
        Duration.ofMinutes(10),
        Duration.ofMillis(100),
        Duration.ofMinutes(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofMinutes(10));
  }

  /** Each duration divided by {@code factor} (above 0), so that a test waits less. */
  public Timings fasterBy(double factor) {
    if (!(factor > 0)) {
      throw new IllegalArgumentException("factor must be above 0, was " + factor);
    }
    return new Timings(
        faster(allocationInterval, factor),
        faster(offerTimeout, factor),
        faster(heartbeat, factor),
        faster(agentPingTimeout, factor),
        maxAgentPingTimeouts,
        faster(agentReregisterTimeout, factor),
        faster(registrationBackoff, factor),
        faster(executorRegistrationTimeout, factor),
        faster(executorReregistrationTimeout, factor),
        faster(executorShutdownGrace, factor),
        faster(updateRetryMin, factor),
        faster(updateRetryMax, factor));
  }

  /** A copy with another {@link #allocationInterval}. */
  public Timings withAllocationInterval(Duration interval) {
    return with(next -> next.allocationInterval = interval);
  }

  /** A copy with another {@link #offerTimeout}; zero means never. */
  public Timings withOfferTimeout(Duration timeout) {
    return with(next -> next.offerTimeout = timeout);
  }

  /** A copy in which an agent is unreachable after {@code count} pings of {@code timeout} each. */
  public Timings withAgentPing(Duration timeout, int count) {
    return with(
        next -> {
          next.agentPingTimeout = timeout;
          next.maxAgentPingTimeouts = count;
        });
  }

  /** A copy with other waits for executors: to register, to come back, to shut down. */
  public Timings withExecutors(
      Duration registration, Duration reregistration, Duration shutdownGrace) {
    return with(
        next -> {
          next.executorRegistrationTimeout = registration;
          next.executorReregistrationTimeout = reregistration;
          next.executorShutdownGrace = shutdownGrace;
        });
  }

  /** A copy in which unacknowledged updates come again after other pauses. */
  public Timings withUpdateRetry(Duration first, Duration longest) {
    return with(
        next -> {
          next.updateRetryMin = first;
          next.updateRetryMax = longest;
        });
  }

  private static Duration faster(Duration duration, double factor) {
    return Duration.ofNanos((long) (duration.toNanos() / factor));
  }

  private Timings with(Consumer<Draft> change) {
    Draft next = new Draft(this);
    change.accept(next);
    return next.made();
  }

  /** A copy while it is being made. */
  private static final class Draft {
    private Duration allocationInterval;
    private Duration offerTimeout;
    private Duration heartbeat;
    private Duration agentPingTimeout;
    private int maxAgentPingTimeouts;
    private Duration agentReregisterTimeout;
    private Duration registrationBackoff;
    private Duration executorRegistrationTimeout;
    private Duration executorReregistrationTimeout;
    private Duration executorShutdownGrace;
    private Duration updateRetryMin;
    private Duration updateRetryMax;

    private Draft(Timings of) {
      allocationInterval = of.allocationInterval;
      offerTimeout = of.offerTimeout;
      heartbeat = of.heartbeat;
      agentPingTimeout = of.agentPingTimeout;
      maxAgentPingTimeouts = of.maxAgentPingTimeouts;
      agentReregisterTimeout = of.agentReregisterTimeout;
      registrationBackoff = of.registrationBackoff;
      executorRegistrationTimeout = of.executorRegistrationTimeout;
      executorReregistrationTimeout = of.executorReregistrationTimeout;
      executorShutdownGrace = of.executorShutdownGrace;
      updateRetryMin = of.updateRetryMin;
      updateRetryMax = of.updateRetryMax;
    }

    private Timings made() {
      return new Timings(
          allocationInterval,
          offerTimeout,
          heartbeat,
          agentPingTimeout,
          maxAgentPingTimeouts,
          agentReregisterTimeout,
          registrationBackoff,
          executorRegistrationTimeout,
          executorReregistrationTimeout,
          executorShutdownGrace,
          updateRetryMin,
          updateRetryMax);
    }
  }
}
