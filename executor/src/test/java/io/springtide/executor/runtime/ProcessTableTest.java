package io.springtide.executor.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTableTest {
  @TempDir Path proc;

  @Test
  void aLeaderUsesWhatItsSessionAndItsDescendantsUse() throws IOException {
    process(1, "init", 0, 1, 5, 100);
    process(10, "main (a) b", 1, 10, 3, 20);
    process(11, "child", 10, 10, 4, 30);
    process(12, "of a session of its own", 11, 12, 5, 40);
    process(13, "orphan of the session", 1, 10, 6, 50);
    process(20, "another", 1, 20, 7, 60);
    Files.createDirectories(proc.resolve("30")); // has just ended
    var table = ProcessTable.read(proc);
    assertThat(table.of(10)).contains(new Usage((3 + 4 + 5 + 6) * 10, (20 + 30 + 40 + 50) * 4096L));
    assertThat(table.of(20)).contains(new Usage(70, 60 * 4096L));
    assertThat(table.of(30)).isEmpty();
  }

  /** The ticks are half the user's, half the system's, as near as may be. */
  private void process(int pid, String name, int parent, int session, int ticks, int pages)
      throws IOException {
    Path directory = Files.createDirectories(proc.resolve(Integer.toString(pid)));
    Files.writeString(
        directory.resolve("stat"),
        "%d (%s) S %d %d %d 0 -1 0 0 0 0 0 %d %d 0 0 20 0 1 0 99 1000 %d 18446744073709551615\n"
            .formatted(pid, name, parent, session, session, ticks / 2, ticks - ticks / 2, pages));
  }
}
