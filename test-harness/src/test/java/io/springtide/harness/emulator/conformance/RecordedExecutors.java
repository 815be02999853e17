package io.springtide.harness.emulator.conformance;

import io.springtide.harness.emulator.agent.ExecutorLauncher;
import io.springtide.harness.emulator.process.ProcessLauncher;
import io.springtide.harness.emulator.process.Unlaunchable;
import io.springtide.harness.emulator.time.Loop;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Executors whose part the replay plays: nothing is started; they end when the recording says so,
 * when they are killed, or at once where their command would.
 */
final class RecordedExecutors implements ExecutorLauncher {

  /** What it takes Mesos to notice that a process has ended. */
  static final Duration REAP = Duration.ofMillis(90);

  private static final Duration FETCH = Duration.ofMillis(200);

  private final Loop loop;
  private final Map<String, Run> runs = new LinkedHashMap<>();
  private long nextPid = 1000;

  /** One run. */
  static final class Run {
    final Launch launch;
    private Listener listener;
    private final long pid;

    private Run(Launch launch, Listener listener, long pid) {
      this.launch = launch;
      this.listener = listener;
      this.pid = pid;
    }
  }

  RecordedExecutors(Loop loop) {
    this.loop = loop;
  }

  @Override
  public synchronized void launch(Launch launch, Listener listener) {
    Run run = new Run(launch, listener, nextPid++);
    runs.put(launch.containerId(), run);
    Optional<Unlaunchable> refused = Unlaunchable.check(launch);
    if (refused.isPresent()) {
      loop.after(
          refused.get().status() == 256 ? FETCH : Duration.ZERO,
          () -> {
            runs.remove(launch.containerId());
            refused.get().tell(listener);
          });
      return;
    }
    loop.execute(() -> listener.started(run.pid));
    String command = launch.executor().getCommand().getValue();
    if (command.equals("exit 7")) {
      exit(launch.containerId(), 7 << 8);
    } else if (command.equals("/no/such/binary")) {
      exit(launch.containerId(), ProcessLauncher.NO_SUCH_COMMAND);
    }
  }

  /** The run of an executor that the recording names by its id; the newest that lives. */
  synchronized Run find(String executorId) {
    Run found = null;
    for (Run run : runs.values()) {
      if (run.launch.executor().getExecutorId().getValue().equals(executorId)) {
        found = run;
      }
    }
    return found;
  }

  /** The process of a run ends with this wait status. */
  void exit(String containerId, int status) {
    exit(containerId, status, REAP);
  }

  /** The same, noticed after some time. */
  synchronized void exit(String containerId, int status, Duration noticed) {
    Run run = runs.remove(containerId);
    if (run != null) {
      loop.after(
          noticed,
          () -> {
            if (run.listener != null) {
              run.listener.exited(status);
            }
          });
    }
  }

  @Override
  public synchronized OptionalLong attach(String containerId, Listener listener) {
    Run run = runs.get(containerId);
    if (run == null) {
      return OptionalLong.empty();
    }
    run.listener = listener;
    return OptionalLong.of(run.pid);
  }

  @Override
  public void kill(String containerId) {
    exit(containerId, 9);
  }
}
