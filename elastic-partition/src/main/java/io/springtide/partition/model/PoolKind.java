package io.springtide.partition.model;

/** What a pool's hosts cost and who may be put there. */
public enum PoolKind {
  /** Our own machines: guarantees, lending and reclaim. */
  OWNED,
  /** Machines paid for in advance: the same as owned, and orderable up to what is paid. */
  PREPAID,
  /** Machines bought by the hour: no guarantees, no reclaim; the pool grows instead. */
  ON_DEMAND
}
