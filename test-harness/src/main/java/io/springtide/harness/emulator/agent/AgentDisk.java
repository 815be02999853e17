package io.springtide.harness.emulator.agent;

import io.springtide.harness.emulator.AgentView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.FrameworkInfo;

/** What an agent finds again in its work directory after a restart. */
public final class AgentDisk {
  String agentId = "";
  final Map<String, FrameworkInfo> frameworks = new LinkedHashMap<>();
  final List<ExecutorRun> runs = new ArrayList<>();
  final UpdateStreams updates = new UpdateStreams();

  /** The id that the master gave the agent; empty before it registered first. */
  public String agentId() {
    return agentId;
  }

  /** The live executors, for tests. */
  public List<AgentView.ExecutorView> executorViews() {
    return runs.stream()
        .filter(run -> run.state != ExecutorRun.State.TERMINATED)
        .map(
            run ->
                new AgentView.ExecutorView(
                    run.frameworkId,
                    run.id(),
                    run.containerId,
                    run.pid,
                    run.sandbox,
                    run.stream != null))
        .toList();
  }
}
