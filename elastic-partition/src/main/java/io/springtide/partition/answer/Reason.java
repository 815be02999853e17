package io.springtide.partition.answer;

/** Kinds of reasons why an instance gets no place, those of the quota before those of hosts. */
public enum Reason {
  /** The job names no pool that exists and that its group may use. */
  NO_POOL,
  /** A limit of its group, or of a group above, is reached in the pool or over all pools. */
  QUOTA_LIMIT,
  /** The guarantee is used up, and the job is not reclaimable, so it may not borrow. */
  GUARANTEE_ONLY,
  /** The guarantee is used up, and what is free is not lent by its owners. */
  NOT_LENT,
  /**
   * What is promised to the job's group is held by others, whose guarantees have become smaller
   * than what they hold, with work that is not reclaimable.
   */
  HELD_BY_OTHERS,
  /** The pool's hosts share it, such as the bandwidth of a link, and it is used up. */
  POOL_SHARED,
  /** The pool has no host. */
  NO_HOST,
  /** The host is not ready for new work. */
  HOST_CONDITION,
  /** No offer of the host is held. */
  NO_OFFER,
  CPUS,
  MEMORY,
  DISK,
  GPUS,
  /** A named scalar. */
  SCALAR,
  /** A fixed port is taken, or too few are free. */
  PORTS,
  /** A match or not-match on an attribute. */
  MATCH,
  /** A regular expression on an attribute. */
  LIKE,
  /** The host is, or would have to be, one job's alone. */
  EXCLUSIVE,
  /** Not near the job or label that it must be near to. */
  AFFINITY,
  /** Near a job or label that it must be apart from, or that must be apart from it. */
  ANTI_AFFINITY,
  MAX_PER,
  /** A container of the job that lost its executor may still run there. */
  REMAINS,
  SPREAD,
  /** Attempts of the job failed there again and again, and it keeps away for a while. */
  AVOIDED,
  /** The room is kept for another job's instance, for which it was reclaimed. */
  NOMINATED,
  /** The host is part of the pool's buffer, which is never for borrowed work. */
  BUFFER,
  /** The pool has as many hosts as it may. */
  POOL_MAX,
  /** Another host would exceed the pool's budget. */
  BUDGET,
  /** The pool's cloud has no stock; it is asked again later. */
  OUT_OF_STOCK
}
