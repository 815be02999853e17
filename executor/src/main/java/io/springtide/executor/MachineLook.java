package io.springtide.executor;

import io.springtide.executor.contract.WardenReport.Machine;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks at the machine that this executor is on. */
final class MachineLook {
  private static final Path MEMORY = Path.of("/proc/meminfo");
  private static final int SHIFT = 20;

  private MachineLook() {}

  /**
   * What the machine is and has left; what cannot be read is 0.
   *
   * @param sandbox on the file system that is meant
   * @param clockMillis the machine's clock, since the epoch
   */
  static Machine at(Path sandbox, long clockMillis) {
    long size = 0;
    long free = 0;
    try {
      FileStore store = Files.getFileStore(sandbox);
      size = store.getTotalSpace() >> SHIFT;
      free = store.getUsableSpace() >> SHIFT;
    } catch (IOException e) {
      // A report without it is still a report.
    }
    return new Machine(
        Runtime.getRuntime().availableProcessors(), memoryMiB(), size, free, clockMillis);
  }

  /** The machine's: the JVM would say what the executor's own container may use. */
  private static long memoryMiB() {
    try (var lines = Files.lines(MEMORY)) {
      return lines
          .filter(line -> line.startsWith("MemTotal:"))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .mapToLong(Long::parseLong)
          .map(kib -> kib >> 10)
          .findFirst()
          .orElse(0);
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }
}
