package io.springtide.harness.bench.registry;

import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A container engine of a test's own, with all that it keeps under one directory. When it is
 * closed, no process, mount or namespace of it is left.
 */
final class Daemon implements AutoCloseable {

  private final Path directory;
  private final Process process;

  private Daemon(Path directory, Process process) {
    this.directory = directory;
    this.process = process;
  }

  /**
   * @param directory where its command puts everything
   * @param question a client's command that works as soon as the engine answers
   */
  static Daemon start(Path directory, List<String> command, List<String> question)
      throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Path log = directory.resolve("log");
    Daemon daemon =
        new Daemon(
            directory,
            new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
    try {
      long deadline = System.nanoTime() + Patience.limit().toNanos();
      while (!Command.run(question).worked()) {
        if (!daemon.process.isAlive() || System.nanoTime() > deadline) {
          throw new IOException(command.get(0) + " does not start:\n" + Files.readString(log));
        }
        LockSupport.parkNanos(50_000_000);
      }
      return daemon;
    } catch (IOException | InterruptedException | RuntimeException e) {
      daemon.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(Patience.seconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    for (ProcessHandle child : children) {
      child.destroyForcibly();
      child.onExit().join();
    }
    unmount();
  }

  /** What an engine that was killed could not take away itself. */
  private void unmount() throws IOException {
    List<String> mounts =
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .map(line -> line.split(" ", -1)[1])
            .filter(point -> Path.of(point).startsWith(directory))
            .sorted(Comparator.reverseOrder())
            .toList();
    for (String mount : mounts) {
      try {
        Command.run(List.of("umount", "--lazy", mount));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
