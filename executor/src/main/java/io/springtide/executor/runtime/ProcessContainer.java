package io.springtide.executor.runtime;

import io.springtide.mesos.Why;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A process group led by the main process. */
final class ProcessContainer implements Container {
  private final Process main;
  private final ContainerSetup setup;
  private final Map<String, String> env;
  private final Keeper keeper;
  private final Executor worker;
  private final Supplier<ProcessTable> table;
  private final CompletionStage<Exit> exited;

  /**
   * @param table a recent look at the host's processes; asked on {@code worker}
   */
  ProcessContainer(
      Process main,
      ContainerSetup setup,
      Map<String, String> env,
      Keeper keeper,
      Executor worker,
      Supplier<ProcessTable> table) {
    this.main = main;
    this.setup = setup;
    this.env = env;
    this.keeper = keeper;
    this.worker = worker;
    this.table = table;
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
    var builder = new ProcessBuilder(command).directory(setup.directory().toFile());
    builder.environment().clear();
    builder.environment().putAll(env);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return CompletableFuture.supplyAsync(
            () -> {
              try {
                return builder.start();
              } catch (IOException e) {
                throw new RuntimeFailure("cannot run " + command.get(0) + ": " + Why.of(e), e);
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
    return CompletableFuture.supplyAsync(() -> table.get().of(main.pid()), worker);
  }
}
