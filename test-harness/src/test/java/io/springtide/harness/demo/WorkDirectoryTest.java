package io.springtide.harness.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkDirectoryTest {
  @TempDir Path scratch;

  @Test
  void theNextDemoFindsItEmptyAndLearnsWhoseContainersMayBeLeft() throws Exception {
    Path path = scratch.resolve("deep/demo");
    try (WorkDirectory first = WorkDirectory.take(path)) {
      assertThat(first.lastFramework()).isEmpty();
      first.remember("framework-1");
      Files.createDirectories(first.path().resolve("mesos/slave"));
      Files.writeString(first.path().resolve("mesos/slave/log"), "text");
    }

    try (WorkDirectory next = WorkDirectory.take(path)) {
      assertThat(next.lastFramework()).contains("framework-1");
      assertThat(next.path().resolve("mesos")).doesNotExist();
      next.forget();
    }

    try (WorkDirectory last = WorkDirectory.take(path)) {
      assertThat(last.lastFramework()).isEmpty();
    }
  }

  @Test
  void aDirectoryThatIsInUseIsNotTaken() throws Exception {
    try (WorkDirectory first = WorkDirectory.take(scratch)) {
      assertThatThrownBy(() -> WorkDirectory.take(first.path()))
          .isInstanceOfAny(DemoFailure.class, OverlappingFileLockException.class);
    }
  }

  @Test
  void aDirectoryWithSomebodysFilesIsLeftAlone() throws Exception {
    Path treasure = Files.writeString(scratch.resolve("thesis.tex"), "text");

    assertThatThrownBy(() -> WorkDirectory.take(scratch))
        .isInstanceOf(DemoFailure.class)
        .hasMessageContaining("--work-dir");
    assertThat(treasure).exists();
  }
}
