package io.springtide.partition.answer;

import static java.util.Objects.requireNonNull;

/**
 * An instance that its job's newest version would not have where it is.
 *
 * @param instance the instance's id
 * @param rule what it breaks: {@link Reason#NO_POOL}, or the reason of a hard constraint
 * @param host where it is
 * @param pool the host's
 * @param movable whether a trial found a place for it elsewhere
 */
public record Breach(String instance, Reason rule, String host, String pool, boolean movable) {
  public Breach {
    requireNonNull(instance);
    requireNonNull(rule);
    requireNonNull(host);
    requireNonNull(pool);
  }

  /** The rule in words. */
  public String detail() {
    return rule == Reason.NO_POOL
        ? "pool " + pool + " is not one that the job may use any more"
        : "host " + host + " breaks the job's hard constraint " + rule;
  }
}
