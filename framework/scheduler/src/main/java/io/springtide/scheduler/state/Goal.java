package io.springtide.scheduler.state;

/** What is to become of an instance. */
public enum Goal {
  /** Runs. */
  RUN,
  /** Its task ends, and another attempt follows. */
  REPLACE,
  /** Its task ends, and the instance has failed; of batch jobs only. */
  FAIL,
  /** Its task ends, and the instance with it. */
  LEAVE
}
