package io.springtide.scheduler.job;

/** What a job's instances are for, and when they are done. */
public enum JobKind {
  /** Runs until it is removed; an instance that ends is started again. */
  SERVICE,
  /** Each instance runs until it has finished once; one that fails is failed for good. */
  BATCH,
  /** One instance on every matching host. */
  SYSTEM
}
