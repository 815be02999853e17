package io.springtide.executor.runtime;

/**
 * How a main process ended.
 *
 * @param code its exit code; 128 + n when signal n ended it
 * @param outOfMemory whether the kernel killed it for going over its memory limit
 */
public record Exit(int code, boolean outOfMemory) {
  private static final int SIGNALLED = 128;

  /** Whether it ended by itself and well. */
  public boolean good() {
    return code == 0;
  }

  /** A sentence for the task's last status. */
  public String describe() {
    if (outOfMemory) {
      return "killed: out of memory";
    }
    return code > SIGNALLED && code <= SIGNALLED + 64
        ? "ended by signal " + (code - SIGNALLED)
        : "exited with status " + code;
  }
}
