package io.springtide.harness.bench.placement;

import java.io.IOException;
import java.nio.file.Path;

/** A file of hosts or instances that cannot be used: which one, where, why, and how to mend it. */
final class BadTraceException extends IOException {
  private static final long serialVersionUID = 1L;

  /** A complaint about a whole file. */
  BadTraceException(Path file, String problem, String fix) {
    super(file + ": " + problem + "; " + fix);
  }

  /** A complaint about a line, 1 is the header. */
  BadTraceException(Path file, int line, String problem, String fix) {
    super(file + ", line " + line + ": " + problem + "; " + fix);
  }

  /** A complaint about a cell. */
  BadTraceException(Path file, int line, String column, String problem, String fix) {
    super(file + ", line " + line + ", column " + column + ": " + problem + "; " + fix);
  }
}
