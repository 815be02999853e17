package io.springtide.scheduler.event;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.answer.Reason;
import io.springtide.partition.answer.Refusal;

/**
 * One reason why an instance waits.
 *
 * @param reason its name, such as {@code QUOTA_LIMIT}
 * @param hosts how many hosts refuse it for that reason; 0: it is not about hosts
 * @param detail in words, with figures
 * @param freedBy what would free it; empty: not known
 */
public record Waiting(String reason, int hosts, String detail, String freedBy) {
  /** The reason of an instance that is condemned and waits for its restart. */
  public static final String CONDEMNED = "CONDEMNED";

  /** The reason of an instance that is to be replaced as soon as its job's budget allows it. */
  public static final String UPDATE_BUDGET = "UPDATE_BUDGET";

  /** The reason of instances that come once what their job comes after has finished. */
  public static final String AFTER = "AFTER";

  /** The reason of instances that come once others of their batch job are done. */
  public static final String PARALLELISM = "PARALLELISM";

  /** The reason of an instance that failed, and whose next attempt is not due yet. */
  public static final String BACK_OFF = "BACK_OFF";

  /** The reason of hosts that the job keeps away from since its attempts failed there. */
  public static final String AVOIDED = Reason.AVOIDED.name();

  public static Waiting of(Refusal refusal) {
    return new Waiting(
        refusal.reason().name(), refusal.hosts(), refusal.detail(), refusal.freedBy());
  }

  public Waiting {
    requireNonNull(reason);
    requireNonNull(detail);
    requireNonNull(freedBy);
  }
}
