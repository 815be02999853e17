package io.springtide.harness.bench.executor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The processor time that a process has taken since this began, thread by thread: to the nanosecond
 * by schedstat (proc(5)), where a whole process's is rounded to 10 ms. A thread that ends takes its
 * count with it, so what it took since the last {@link #look} is not seen: look often.
 */
final class ProcessorTime {
  private final Path threads;
  private final Map<Path, Long> last = new HashMap<>();
  private long nanos;

  /** {@code process}: its directory below {@code /proc}. */
  ProcessorTime(Path process) throws IOException {
    threads = process.resolve("task");
    look();
    nanos = 0;
  }

  /** Returns the nanoseconds taken so far. */
  long look() throws IOException {
    try (Stream<Path> all = Files.list(threads)) {
      for (Path thread : all.toList()) {
        long now = taken(thread);
        nanos += Math.max(0, now - last.getOrDefault(thread, 0L));
        last.put(thread, now);
      }
    }
    return nanos;
  }

  private static long taken(Path thread) throws IOException {
    try {
      return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ", 2)[0]);
    } catch (IOException e) {
      return 0; // it has ended since it was listed
    }
  }
}
