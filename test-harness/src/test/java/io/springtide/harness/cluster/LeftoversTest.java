package io.springtide.harness.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
  @TempDir Path directory;

  @Test
  void processesBelowADirectoryAreFoundAndKilledAndNoOthers() throws Exception {
    Path sandbox = Files.createDirectories(directory.resolve("a/sandbox"));
    Path elsewhere = Files.createDirectories(directory.resolve("ab"));
    Process inside = sleep(sandbox);
    Process outside = sleep(elsewhere);
    try {
      Leftovers found = Leftovers.below(directory.resolve("a"));
      assertThat(found.processes()).extracting(ProcessHandle::pid).containsExactly(inside.pid());

      found.kill();

      assertThat(inside.isAlive()).isFalse();
      assertThat(outside.isAlive()).isTrue();
      assertThat(Leftovers.below(directory.resolve("a")).processes()).isEmpty();
    } finally {
      inside.destroyForcibly();
      outside.destroyForcibly().waitFor();
    }
  }

  private static Process sleep(Path directory) throws Exception {
    return new ProcessBuilder("sleep", "60").directory(directory.toFile()).start();
  }
}
