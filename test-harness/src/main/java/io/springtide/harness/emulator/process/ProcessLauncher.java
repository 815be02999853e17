package io.springtide.harness.emulator.process;

import io.springtide.harness.emulator.agent.ExecutorLauncher;
import io.springtide.harness.emulator.time.Loop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executors as child processes, each the leader of a session of its own ({@code setsid}), with
 * stdout and stderr in its sandbox and nothing of our environment. When one ends, whatever it left
 * behind is killed.
 */
public final class ProcessLauncher implements ExecutorLauncher, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ProcessLauncher.class);

  /** What Mesos' containerizer reports when it cannot execute a command. */
  public static final int NO_SUCH_COMMAND = 1001 << 8;

  /** The executor that an agent names for tasks with a command of their own. */
  private static final String COMMAND_EXECUTOR = "mesos-executor";

  /** Our own in its place: small, and quick to start rather than to run. */
  private static final List<String> COMMAND_EXECUTOR_PROGRAM =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-Xshare:auto",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Xmx64m",
          "-cp",
          System.getProperty("java.class.path"),
          CommandExecutor.class.getName());

  private final Loop loop;
  private final Fetcher fetcher;
  private final ExecutorService workers =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "emulator-launcher");
            thread.setDaemon(true);
            return thread;
          });
  private final Map<String, Run> runs = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** One run; its fields belong to the loop but for the process. */
  private static final class Run {
    private Listener listener;
    private Process process;
    private ProcessTree tree;
    private boolean killed;
  }

  /**
   * @param cache directory for fetched files
   */
  public ProcessLauncher(Loop loop, Path cache) {
    this.loop = loop;
    this.fetcher = new Fetcher(cache);
  }

  @Override
  public void launch(Launch launch, Listener listener) {
    Run run = new Run();
    run.listener = listener;
    runs.put(launch.containerId(), run);
    workers.execute(() -> start(launch, run));
  }

  private void start(Launch launch, Run run) {
    String container = launch.containerId();
    Optional<Unlaunchable> refused = Unlaunchable.check(launch);
    if (refused.isPresent()) {
      fail(container, run, refused.get());
      return;
    }
    CommandInfo command = launch.executor().getCommand();
    try {
      Files.createDirectories(launch.sandbox());
      fetcher.fetch(launch.agent(), command, launch.sandbox());
    } catch (IOException e) {
      log.info("executor of {}: {}", launch.agent(), e.toString());
      fail(container, run, Unlaunchable.fetch(container));
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    spawn(launch, run, command);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The exit of a process is told to its listener.
  private void spawn(Launch launch, Run run, CommandInfo command) {
    List<String> arguments = new ArrayList<>(List.of("setsid"));
    boolean ours =
        launch.executor().getType() == ExecutorInfo.Type.DEFAULT
            || (!command.getShell() && command.getValue().equals(COMMAND_EXECUTOR));
    if (ours) {
      arguments.addAll(COMMAND_EXECUTOR_PROGRAM);
    } else {
      arguments.addAll(CommandExecutor.arguments(command));
    }
    ProcessBuilder builder =
        new ProcessBuilder(arguments)
            .directory(launch.sandbox().toFile())
            .redirectOutput(launch.sandbox().resolve("stdout").toFile())
            .redirectError(launch.sandbox().resolve("stderr").toFile());
    builder.environment().clear();
    builder.environment().putAll(launch.environment());
    synchronized (run) {
      if (run.killed || closed) {
        loop.execute(() -> exited(launch.containerId(), run, 9));
        return;
      }
      try {
        run.process = builder.start();
        run.process.getOutputStream().close();
      } catch (IOException e) {
        log.info("executor of {} does not start: {}", launch.agent(), e.toString());
        loop.execute(() -> exited(launch.containerId(), run, 256));
        return;
      }
      run.tree = new ProcessTree(run.process.pid(), launch.containerId());
    }
    long pid = run.process.pid();
    loop.execute(() -> run.listener.started(pid));
    run.process
        .onExit()
        .thenAcceptAsync(
            process -> {
              run.tree.kill();
              int code = process.exitValue();
              // Java reports death by signal n as 128 + n; Mesos reports the raw wait status.
              int status = code > 128 && code < 160 ? code - 128 : code << 8;
              if (!command.getShell() && code == 127) {
                status = NO_SUCH_COMMAND;
              }
              int raw = status;
              loop.execute(() -> exited(launch.containerId(), run, raw));
            },
            workers);
  }

  private void fail(String container, Run run, Unlaunchable why) {
    loop.execute(
        () -> {
          if (runs.remove(container, run)) {
            why.tell(run.listener);
          }
        });
  }

  private void exited(String container, Run run, int status) {
    if (runs.remove(container, run)) {
      run.listener.exited(status);
    }
  }

  @Override
  public OptionalLong attach(String containerId, Listener listener) {
    Run run = runs.get(containerId);
    if (run == null) {
      return OptionalLong.empty();
    }
    run.listener = listener;
    synchronized (run) {
      return run.process == null ? OptionalLong.of(0) : OptionalLong.of(run.process.pid());
    }
  }

  @Override
  public void kill(String containerId) {
    Run run = runs.get(containerId);
    if (run != null) {
      kill(run);
    }
  }

  private static void kill(Run run) {
    synchronized (run) {
      run.killed = true;
      if (run.process != null) {
        run.process.destroyForcibly();
      }
    }
  }

  /** Kills every tree and waits until they are gone. */
  @Override
  public void close() {
    closed = true;
    for (Run run : runs.values()) {
      kill(run);
      Process process;
      ProcessTree tree;
      synchronized (run) {
        process = run.process;
        tree = run.tree;
      }
      if (tree != null) {
        tree.kill();
        process.onExit().orTimeout(5, TimeUnit.SECONDS).exceptionally(late -> null).join();
      }
    }
    workers.shutdown();
    try {
      if (!workers.awaitTermination(10, TimeUnit.SECONDS)) {
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
