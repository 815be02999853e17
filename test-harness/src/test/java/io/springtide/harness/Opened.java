package io.springtide.harness;

import java.util.ArrayDeque;
import java.util.Deque;

/** What a test opened, closed in the reverse order: each of it, also where one cannot be closed. */
public final class Opened implements AutoCloseable {
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  public <T extends AutoCloseable> T add(T part) {
    parts.push(part);
    return part;
  }

  @Override
  public void close() throws Exception {
    if (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } finally {
        close();
      }
    }
  }
}
