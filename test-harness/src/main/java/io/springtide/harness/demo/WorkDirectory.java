package io.springtide.harness.demo;

import io.springtide.harness.cluster.Leftovers;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The one directory that a demo writes to, held by a lock while the demo lives. A demo that was
 * killed leaves its files, processes and containers behind; the next one here finds and ends them.
 */
final class WorkDirectory implements AutoCloseable {
  private static final String LOCK = "lock";
  private static final String FRAMEWORK_ID = "framework-id";

  private final Path path;
  private final FileChannel channel;
  private final Optional<String> lastFramework;

  private WorkDirectory(Path path, FileChannel channel, Optional<String> lastFramework) {
    this.path = path;
    this.channel = channel;
    this.lastFramework = lastFramework;
  }

  /**
   * Takes the directory, ends processes that a killed demo left in it, and empties it.
   *
   * @throws DemoFailure when another demo holds it, or it is not a demo's
   */
  static WorkDirectory take(Path directory) throws IOException, InterruptedException, DemoFailure {
    Path path = directory.toAbsolutePath().normalize();
    if (Files.isDirectory(path) && !Files.exists(path.resolve(LOCK)) && !isEmpty(path)) {
      throw new DemoFailure(
          path + " holds files that no demo wrote; name another directory with --work-dir");
    }
    Files.createDirectories(path);
    FileChannel channel =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      throw new DemoFailure(
          "another demo runs in " + path + "; end it, or name another directory with --work-dir");
    }
    Leftovers.below(path).kill();
    Path id = path.resolve(FRAMEWORK_ID);
    Optional<String> last =
        Files.exists(id) ? Optional.of(Files.readString(id).strip()) : Optional.empty();
    empty(path);
    return new WorkDirectory(path, channel, last);
  }

  Path path() {
    return path;
  }

  /** The framework whose containers a killed demo may have left behind. */
  Optional<String> lastFramework() {
    return lastFramework;
  }

  /** From now on containers may exist that carry this framework's id. */
  void remember(String frameworkId) throws IOException {
    Files.writeString(path.resolve(FRAMEWORK_ID), frameworkId);
  }

  /** Its containers are gone. */
  void forget() throws IOException {
    Files.deleteIfExists(path.resolve(FRAMEWORK_ID));
  }

  /** Lets the directory go; logs and data stay to be looked at, until the next demo. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  private static void empty(Path directory) throws IOException {
    List<Path> all;
    try (Stream<Path> tree = Files.walk(directory)) {
      all = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : all) {
      if (!file.equals(directory) && !file.equals(directory.resolve(LOCK))) {
        Files.deleteIfExists(file);
      }
    }
  }
}
