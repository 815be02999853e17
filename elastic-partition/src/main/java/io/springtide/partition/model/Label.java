package io.springtide.partition.model;

import io.springtide.partition.Engine;

/**
 * Why an allocation may be where it is: said when it is admitted, and changed only where its
 * group's guarantee moves ({@link Engine#promote}, {@link Engine#demote}).
 */
public enum Label {
  /** Wholly inside its group's guarantee in an owned or prepaid pool; never reclaimed. */
  GUARANTEED,
  /** Above the guarantee in an owned or prepaid pool; only reclaimable work; may be reclaimed. */
  BORROWED,
  /** In an on-demand pool; never a reclaim victim, given back by shrinking. */
  BURST
}
