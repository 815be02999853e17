package io.springtide.executor.runtime;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.Statistics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** A main container and its tools. */
final class DockerContainer implements Container {
  private static final int KILLED = 137;
  private static final int TOOL_GRACE_SECONDS = 2;
  private static final long EXIT_LOOK_MILLIS = 100;

  private final DockerEngine engine;
  private final ScheduledExecutorService workers;
  private final String id;
  private final ContainerSetup setup;
  private final List<String> tools = new ArrayList<>(); // guarded by itself
  private final List<DockerOutput> outputs = new ArrayList<>(); // guarded by itself; main first
  private final CompletableFuture<Exit> exited = new CompletableFuture<>();
  private volatile String stopSignal = "SIGTERM";
  private volatile Optional<String> address = Optional.empty();

  DockerContainer(
      DockerEngine engine, ScheduledExecutorService workers, String id, ContainerSetup setup) {
    this.engine = engine;
    this.workers = workers;
    this.id = id;
    this.setup = setup;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public CompletionStage<Exit> exited() {
    return exited;
  }

  /** Hears all that the main container says, if called before its start. */
  void listen() throws IOException {
    follow(id, "");
  }

  /** It has been started: reads what is known of running containers only. */
  void started() {
    var state = engine.calls().inspectContainerCmd(id).exec();
    var config = state.getConfig();
    if (config != null && config.getRawValues().get("StopSignal") instanceof String signal) {
      stopSignal = signal;
    }
    address = ownAddress(state);
  }

  /** Detaches; its output until now is in its files. */
  void close() {
    outputs().forEach(DockerOutput::close);
  }

  private List<DockerOutput> outputs() {
    synchronized (outputs) {
      return List.copyOf(outputs);
    }
  }

  /** Call before the tool's start. */
  void addTool(String toolId, String name) throws IOException {
    synchronized (tools) {
      tools.add(toolId);
    }
    follow(toolId, name + ".");
  }

  private void follow(String container, String prefix) throws IOException {
    var files = OutputFiles.open(workers, setup.directory(), prefix);
    var output = DockerOutput.attach(engine, workers, container, files);
    synchronized (outputs) {
      outputs.add(output);
    }
  }

  private Optional<String> ownAddress(InspectContainerResponse state) {
    if (!(setup.network() instanceof ContainerSetup.Network.Named named)
        || state.getNetworkSettings() == null) {
      return Optional.empty();
    }
    var network = state.getNetworkSettings().getNetworks().get(named.name());
    return Optional.ofNullable(network).map(it -> it.getIpAddress()).filter(it -> !it.isEmpty());
  }

  /** Asks the engine whether it has ended. The engine's events come here, but so do doubts. */
  void look() {
    try {
      var state = engine.calls().inspectContainerCmd(id).exec().getState();
      boolean created = "created".equals(state.getStatus());
      if (!Boolean.TRUE.equals(state.getRunning()) && !created) {
        Long code = state.getExitCodeLong();
        exited.complete(
            new Exit(
                code == null ? KILLED : code.intValue(),
                Boolean.TRUE.equals(state.getOOMKilled())));
      }
    } catch (NotFoundException removedByOthers) {
      exited.complete(new Exit(KILLED, false));
    }
  }

  @Override
  public CompletionStage<Void> terminate() {
    return signal(stopSignal);
  }

  @Override
  public CompletionStage<Void> kill() {
    return signal("SIGKILL");
  }

  private CompletionStage<Void> signal(String signal) {
    return call(
        "signal",
        () -> {
          try {
            engine.calls().killContainerCmd(id).withSignal(signal).exec();
          } catch (NotFoundException | ConflictException ended) {
            look();
          }
          return null;
        });
  }

  /** All output is read first: removing a container removes it. */
  @Override
  public CompletionStage<Void> remove() {
    List<String> all;
    synchronized (tools) {
      all = new ArrayList<>(tools);
    }
    return stopTools(all)
        .thenCompose(
            stopped ->
                CompletableFuture.allOf(
                    outputs().stream()
                        .map(output -> output.drained().toCompletableFuture())
                        .toArray(CompletableFuture[]::new)))
        .thenCompose(
            said ->
                call(
                    "remove",
                    () -> {
                      all.forEach(tool -> remove(engine, tool));
                      remove(engine, id);
                      return null;
                    }));
  }

  /** A tool is asked to end too: it may have to write or send on what the main container said. */
  private CompletableFuture<Void> stopTools(List<String> all) {
    return CompletableFuture.allOf(
            all.stream()
                .map(
                    tool ->
                        CompletableFuture.runAsync(
                            () -> {
                              try {
                                engine
                                    .calls()
                                    .stopContainerCmd(tool)
                                    .withTimeout(TOOL_GRACE_SECONDS)
                                    .exec();
                              } catch (NotModifiedException | NotFoundException ended) {
                                return;
                              }
                            },
                            workers))
                .toArray(CompletableFuture[]::new))
        .exceptionally(engineAway -> null); // the removal says what there is to say
  }

  static void remove(DockerEngine engine, String container) {
    try {
      engine.calls().removeContainerCmd(container).withForce(true).withRemoveVolumes(true).exec();
    } catch (NotFoundException | NotModifiedException gone) {
      return;
    } catch (ConflictException beingRemoved) {
      return;
    }
  }

  @Override
  public CompletionStage<Integer> exec(List<String> command, Duration timeout) {
    long since = System.nanoTime();
    return call(
            "exec",
            () ->
                engine
                    .calls()
                    .execCreateCmd(id)
                    .withCmd(command.toArray(String[]::new))
                    .withAttachStdout(true)
                    .withAttachStderr(true)
                    .exec()
                    .getId())
        .thenCompose(
            exec -> {
              var ended = new CompletableFuture<Void>();
              var callback = ending(ended);
              engine.streams().execStartCmd(exec).exec(callback);
              return ended
                  .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                  .whenComplete((nothing, late) -> close(callback))
                  .thenCompose(nothing -> exitCode(exec, since, timeout));
            });
  }

  /**
   * The end of a command's output is not its own end: it may have closed it, the engine may have
   * broken it off, and takes note of an end later.
   */
  private CompletionStage<Integer> exitCode(String exec, long since, Duration timeout) {
    return call(
            "exec",
            () -> Optional.ofNullable(engine.calls().inspectExecCmd(exec).exec().getExitCodeLong()))
        .thenCompose(
            code -> {
              if (code.isPresent()) {
                return CompletableFuture.completedFuture(code.get().intValue());
              }
              if (System.nanoTime() - since > timeout.toNanos()) {
                return CompletableFuture.failedFuture(new TimeoutException("exec"));
              }
              return CompletableFuture.supplyAsync(
                      () -> exitCode(exec, since, timeout),
                      CompletableFuture.delayedExecutor(
                          EXIT_LOOK_MILLIS, TimeUnit.MILLISECONDS, workers))
                  .thenCompose(later -> later);
            });
  }

  private static ResultCallback.Adapter<Frame> ending(CompletableFuture<Void> ended) {
    return new ResultCallback.Adapter<>() {
      @Override
      public void onComplete() {
        super.onComplete();
        ended.complete(null);
      }

      @Override
      public void onError(Throwable error) {
        super.onError(error);
        ended.completeExceptionally(error);
      }
    };
  }

  @Override
  public Optional<String> address() {
    return address;
  }

  @Override
  public CompletionStage<Optional<Usage>> usage() {
    var answer = new CompletableFuture<Optional<Usage>>();
    var callback =
        new ResultCallback.Adapter<Statistics>() {
          @Override
          public void onNext(Statistics now) {
            answer.complete(usageOf(now));
          }

          @Override
          public void onError(Throwable error) {
            answer.complete(Optional.empty());
          }

          @Override
          public void onComplete() {
            super.onComplete();
            answer.complete(Optional.empty());
          }
        };
    workers.execute(() -> engine.streams().statsCmd(id).withNoStream(true).exec(callback));
    return answer
        .completeOnTimeout(Optional.empty(), 10, TimeUnit.SECONDS)
        .whenComplete((usage, error) -> close(callback));
  }

  private static Optional<Usage> usageOf(Statistics now) {
    var cpu = now.getCpuStats().getCpuUsage();
    var memory = now.getMemoryStats();
    if (cpu == null || cpu.getTotalUsage() == null || memory == null || memory.getUsage() == null) {
      return Optional.empty();
    }
    Long cache = memory.getStats() == null ? null : memory.getStats().getTotalInactiveFile();
    return Optional.of(
        new Usage(
            cpu.getTotalUsage() / 1_000_000, memory.getUsage() - (cache == null ? 0 : cache)));
  }

  private static void close(ResultCallback.Adapter<?> callback) {
    try {
      callback.close();
    } catch (IOException alreadyClosed) {
      return;
    }
  }

  private <T> CompletionStage<T> call(String what, Supplier<T> request) {
    return CompletableFuture.supplyAsync(request, workers)
        .exceptionallyCompose(
            error ->
                CompletableFuture.failedFuture(
                    new RuntimeFailure(
                        "cannot " + what + " container: " + DockerEngine.message(error), error)));
  }
}
