package io.springtide.server.store;

/**
 * How long the log is beside the newest snapshot, and whether that asks for another: writing
 * snapshots is to cost no more than writing the log, and a start is to read no more log than state.
 * The writing thread's.
 */
final class LogLength {
  /** A log that is shorter is no reason for a snapshot, however small the state is. */
  private static final long SHORT_BYTES = 4 << 20;

  /** Nor is a log that has more commits ever short: each costs its reading. */
  private static final long MOST_COMMITS = 10_000;

  private long commits;
  private long bytes;
  private long snapshotBytes;
  private boolean damaged;

  /**
   * @param commits after the newest snapshot that is whole
   * @param bytes their length
   * @param damaged whether a newer snapshot is not whole
   */
  LogLength(long commits, long bytes, long snapshotBytes, boolean damaged) {
    this.commits = commits;
    this.bytes = bytes;
    this.snapshotBytes = snapshotBytes;
    this.damaged = damaged;
  }

  static LogLength of(CommitLog.Contents contents) {
    return new LogLength(
        contents.entries().size(),
        contents.logBytes(),
        contents.snapshotBytes(),
        contents.damaged());
  }

  boolean asksForSnapshot() {
    return damaged || commits >= MOST_COMMITS || bytes >= Math.max(SHORT_BYTES, snapshotBytes);
  }

  /** One more commit is in the log. */
  void grow(int entryBytes) {
    commits++;
    bytes += entryBytes;
  }

  /** How long the log was when a snapshot began: what it stands for. */
  record Begun(long commits, long bytes) {}

  Begun begun() {
    return new Begun(commits, bytes);
  }

  /** A snapshot of so many bytes stands for the log as it was when that began. */
  void replaced(Begun begun, long by) {
    commits -= begun.commits();
    bytes -= begun.bytes();
    snapshotBytes = by;
    damaged = false;
  }
}
