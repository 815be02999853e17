package io.springtide.harness.emulator.script;

import io.springtide.harness.emulator.agent.Agent;
import io.springtide.harness.emulator.agent.ExecutorLauncher;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.Ids;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** Executors without processes, played by a script. Everything happens on the loop. */
public final class ScriptedExecutors implements ExecutorLauncher {

  private final Loop loop;
  private final Ids ids;
  private final ExecutorScript script;
  private final Duration start;
  private final Map<String, Run> runs = new LinkedHashMap<>();
  private Function<String, Optional<Agent>> agents = name -> Optional.empty();
  private long nextPid = 100_000;

  /** One run; whom it tells changes when its agent comes back. */
  private static final class Run {
    final ScriptedExecutor executor;
    final long pid;
    Listener listener;

    Run(ScriptedExecutor executor, Listener listener, long pid) {
      this.executor = executor;
      this.listener = listener;
      this.pid = pid;
    }
  }

  /**
   * @param start from the launch of an executor to its subscription
   */
  public ScriptedExecutors(Loop loop, Ids ids, ExecutorScript script, Duration start) {
    this.loop = loop;
    this.ids = ids;
    this.script = script;
    this.start = start;
  }

  /** Where the processes of agents are found, by name. */
  public void agents(Function<String, Optional<Agent>> processes) {
    agents = processes;
  }

  @Override
  public void launch(Launch launch, Listener listener) {
    ScriptedExecutor executor = new ScriptedExecutor(this, launch);
    Run run = new Run(executor, listener, nextPid++);
    runs.put(launch.containerId(), run);
    loop.execute(() -> listener.started(run.pid));
    executor.after(start, executor::subscribe);
  }

  @Override
  public OptionalLong attach(String containerId, Listener listener) {
    Run run = runs.get(containerId);
    if (run == null) {
      return OptionalLong.empty();
    }
    run.listener = listener;
    return OptionalLong.of(run.pid);
  }

  @Override
  public void kill(String containerId) {
    ended(containerId, 9);
  }

  /** Ends a run with a raw wait status. */
  void ended(String containerId, int status) {
    Run run = runs.remove(containerId);
    if (run != null) {
      run.executor.end();
      loop.execute(() -> run.listener.exited(status));
    }
  }

  /** Tells the executors of an agent that its process is gone. */
  public void agentGone(String agent) {
    for (Run run : List.copyOf(runs.values())) {
      if (run.executor.agent().equals(agent)) {
        run.executor.agentGone();
      }
    }
  }

  /** The living executors. */
  public List<ScriptedExecutor> living() {
    return runs.values().stream().map(run -> run.executor).toList();
  }

  Optional<Agent> agent(String name) {
    return agents.apply(name);
  }

  Loop loop() {
    return loop;
  }

  Ids ids() {
    return ids;
  }

  ExecutorScript script() {
    return script;
  }
}
