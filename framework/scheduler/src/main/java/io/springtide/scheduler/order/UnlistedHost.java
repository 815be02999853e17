package io.springtide.scheduler.order;

import java.time.Instant;

/**
 * A machine that has an agent and carries an order of ours, and that no cloud lists.
 *
 * @param id of the host
 * @param order the token that its agent carries; empty if it carries none
 * @param agentId its agent's
 * @param hostname its agent's
 * @param givenBack whether its cloud has said that it is given back
 * @param since when an offer of it was first declined, by this process
 */
public record UnlistedHost(
    String id, String order, String agentId, String hostname, boolean givenBack, Instant since) {

  /** What is amiss, and what a person can do about it. */
  public String words() {
    return givenBack
        ? "its cloud has said that it is given back, but its agent is still there: it gets no work"
            + " and may be paid for; end the machine by hand"
        : "it carries our order "
            + order
            + ", but no cloud that is asked lists it: it gets no work and may be paid for; name its"
            + " cloud (driver and settings) in the template of a pool, then it is found there and"
            + " given back, or end the machine by hand";
  }
}
