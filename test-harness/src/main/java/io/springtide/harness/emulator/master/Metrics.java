package io.springtide.harness.emulator.master;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos.TaskState;

/** The master's metrics, those that people look at. */
final class Metrics {

  private Metrics() {}

  static Map<String, Double> of(MasterState state) {
    Map<String, Double> out = new TreeMap<>();
    double cpus = 0;
    double used = 0;
    double mem = 0;
    double active = 0;
    for (Agent agent : state.agents.values()) {
      cpus += agent.total.milli("cpus") / 1000.0;
      mem += agent.total.milli("mem") / 1000.0;
      used += agent.used().milli("cpus") / 1000.0;
      active += agent.active ? 1 : 0;
    }
    out.put("master/cpus_total", cpus);
    out.put("master/cpus_used", used);
    out.put("master/mem_total", mem);
    out.put("master/slaves_active", active);
    out.put("master/slaves_unreachable", (double) state.registry.unreachable.size());
    out.put("master/elected", 1.0);
    out.put(
        "master/frameworks_active",
        (double) state.frameworks.values().stream().filter(f -> f.active).count());
    out.put("master/outstanding_offers", (double) state.offers.size());
    out.put(
        "master/tasks_running",
        (double)
            state.frameworks.values().stream()
                .flatMap(f -> f.tasks.values().stream())
                .filter(task -> task.task.getState() == TaskState.TASK_RUNNING)
                .count());
    out.put(
        "master/uptime_secs", Duration.between(state.started, state.loop.now()).toNanos() / 1e9);
    return out;
  }
}
