package io.springtide.harness.demo;

/** Where the demo shows itself. */
interface Screen {

  /** A line that stays: a step done, or something to know. */
  void say(String line);

  /** The cluster as it is now; what is shown of it may be replaced by the next. */
  void show(Snapshot snapshot);
}
