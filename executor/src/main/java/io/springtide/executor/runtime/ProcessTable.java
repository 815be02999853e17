package io.springtide.executor.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * All processes of the host at one moment, from proc(5). One look serves all containers: to look
 * for the descendants of each anew was most of what an idle executor did.
 */
final class ProcessTable {
  private static final long PAGE_BYTES = 4096;
  private static final long TICK_MILLIS = 10; // USER_HZ is 100 on every Linux that Java runs on
  private static final int DEEPEST = 1000;

  private record Entry(long parent, long session, long ticks, long pages) {}

  private final Map<Long, Entry> processes = new HashMap<>();

  private ProcessTable() {}

  static ProcessTable read() {
    return read(Path.of("/proc"));
  }

  static ProcessTable read(Path proc) {
    var table = new ProcessTable();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path entry : entries) {
        table.add(entry);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return table;
  }

  private void add(Path directory) {
    try {
      // ISO-8859-1 reads any name; the second field is one, in parentheses, and may hold spaces.
      String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 23);
      processes.put(
          Long.parseLong(directory.getFileName().toString()),
          new Entry(
              Long.parseLong(fields[1]),
              Long.parseLong(fields[3]),
              Long.parseLong(fields[11]) + Long.parseLong(fields[12]),
              Long.parseLong(fields[21])));
    } catch (IOException ended) {
      return;
    }
  }

  /**
   * What a process uses with all that descends from it or shares the session that it leads. Empty
   * where it has ended.
   */
  Optional<Usage> of(long leader) {
    long ticks = 0;
    long pages = 0;
    for (var process : processes.entrySet()) {
      if (process.getValue().session() == leader || descends(process.getKey(), leader)) {
        ticks += process.getValue().ticks();
        pages += process.getValue().pages();
      }
    }
    return pages == 0
        ? Optional.empty()
        : Optional.of(new Usage(ticks * TICK_MILLIS, pages * PAGE_BYTES));
  }

  private boolean descends(long process, long leader) {
    long at = process;
    for (int depth = 0; depth < DEEPEST; depth++) {
      if (at == leader) {
        return true;
      }
      Entry entry = processes.get(at);
      if (entry == null) {
        return false;
      }
      at = entry.parent();
    }
    return false; // processes that came and went while they were read
  }
}
