package io.springtide.harness.cluster;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Processes that work below a directory. Everything that a local cluster starts does (executors and
 * their instances in their sandboxes, Consul and the framework in the work directory itself), so
 * what a cluster that was killed left behind can be found by it.
 */
public final class Leftovers {
  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<ProcessHandle> processes;

  private Leftovers(List<ProcessHandle> processes) {
    this.processes = processes;
  }

  /** Those of this moment; none where the machine has no {@code /proc}. */
  public static Leftovers below(Path directory) throws IOException {
    List<ProcessHandle> found = new ArrayList<>();
    Path proc = Path.of("/proc");
    if (!Files.isDirectory(proc) || !Files.isDirectory(directory)) {
      return new Leftovers(found);
    }
    Path root = directory.toRealPath();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : all) {
        try {
          if (Files.readSymbolicLink(process.resolve("cwd")).startsWith(root)) {
            ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                .filter(p -> p.pid() != ProcessHandle.current().pid())
                .ifPresent(found::add);
          }
        } catch (IOException e) {
          // It ended meanwhile, or it is another user's, and so none of ours.
        }
      }
    }
    return new Leftovers(found);
  }

  public List<ProcessHandle> processes() {
    return List.copyOf(processes);
  }

  /** Kills them and waits until they are gone. */
  public void kill() throws InterruptedException {
    for (ProcessHandle process : processes) {
      log.warn(
          "killing what was left behind: process {} {}",
          process.pid(),
          process.info().command().orElse(""));
      process.destroyForcibly();
    }
    for (ProcessHandle process : processes) {
      try {
        process.onExit().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        log.error("process {} does not end", process.pid(), e);
      }
    }
  }
}
