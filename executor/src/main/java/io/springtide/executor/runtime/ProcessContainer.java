package io.springtide.executor.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** A process group led by the main process. */
final class ProcessContainer implements Container {
  private static final long PAGE_BYTES = 4096;
  private static final long TICK_MILLIS = 10; // USER_HZ is 100 on every Linux that Java runs on

  private final Process main;
  private final ContainerSpec spec;
  private final Map<String, String> env;
  private final Keeper keeper;
  private final Executor worker;
  private final CompletionStage<Exit> exited;

  ProcessContainer(
      Process main, ContainerSpec spec, Map<String, String> env, Keeper keeper, Executor worker) {
    this.main = main;
    this.spec = spec;
    this.env = env;
    this.keeper = keeper;
    this.worker = worker;
    this.exited = main.onExit().thenApply(ended -> new Exit(ended.exitValue(), false));
  }

  @Override
  public String id() {
    return Long.toString(main.pid());
  }

  @Override
  public CompletionStage<Exit> exited() {
    return exited;
  }

  @Override
  public CompletionStage<Void> terminate() {
    return CompletableFuture.runAsync(
        () -> {
          if (main.isAlive()) {
            keeper.terminate(main.pid());
          }
        },
        worker);
  }

  @Override
  public CompletionStage<Void> kill() {
    return CompletableFuture.runAsync(
        () -> {
          if (main.isAlive()) {
            // Those that left the group by a session of their own are found by descent only.
            main.descendants().forEach(ProcessHandle::destroyForcibly);
            keeper.kill(main.pid());
          }
        },
        worker);
  }

  /** The leader has ended; whoever it left in its group ends now. */
  @Override
  public CompletionStage<Void> remove() {
    return CompletableFuture.runAsync(
        () -> {
          keeper.kill(main.pid());
          keeper.forget(main.pid());
        },
        worker);
  }

  @Override
  public CompletionStage<Integer> exec(List<String> command, Duration timeout) {
    try {
      ProcessRuntime.requireWritable(command);
    } catch (RuntimeFailure cannotBeWritten) {
      return CompletableFuture.failedFuture(cannotBeWritten);
    }
    var builder = new ProcessBuilder(command).directory(spec.directory().toFile());
    builder.environment().clear();
    builder.environment().putAll(env);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return CompletableFuture.supplyAsync(
            () -> {
              try {
                return builder.start();
              } catch (IOException e) {
                throw new RuntimeFailure("cannot run " + command.get(0) + ": " + e.getMessage(), e);
              }
            },
            worker)
        .thenCompose(
            process ->
                process
                    .onExit()
                    .thenApply(Process::exitValue)
                    .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .whenComplete(
                        (code, late) -> {
                          process.descendants().forEach(ProcessHandle::destroyForcibly);
                          process.destroyForcibly();
                        }));
  }

  @Override
  public Optional<String> address() {
    return Optional.empty();
  }

  @Override
  public CompletionStage<Optional<Usage>> usage() {
    return CompletableFuture.supplyAsync(
        () -> {
          long cpu = 0;
          long memory = 0;
          var processes =
              java.util.stream.Stream.concat(
                      java.util.stream.Stream.of(main.toHandle()), main.descendants())
                  .toList();
          for (ProcessHandle process : processes) {
            var one = usageOf(process.pid());
            cpu += one.map(Usage::cpuMillis).orElse(0L);
            memory += one.map(Usage::memoryBytes).orElse(0L);
          }
          return memory == 0 ? Optional.empty() : Optional.of(new Usage(cpu, memory));
        },
        worker);
  }

  /** From proc(5): fields 14, 15 (utime, stime in ticks) and 24 (rss in pages) of stat. */
  private static Optional<Usage> usageOf(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      // The second field is the command in parentheses and may hold spaces; count from its end.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      return Optional.of(new Usage(ticks * TICK_MILLIS, Long.parseLong(fields[21]) * PAGE_BYTES));
    } catch (NoSuchFileException ended) {
      return Optional.empty();
    } catch (IOException endedMeanwhile) {
      return Optional.empty();
    }
  }
}
