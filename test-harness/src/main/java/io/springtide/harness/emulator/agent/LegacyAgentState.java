package io.springtide.harness.emulator.agent;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.resources.ReservationFormat;
import io.springtide.harness.emulator.wire.LegacyTasks;
import io.springtide.harness.emulator.wire.TaskRecords;
import io.springtide.harness.emulator.wire.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Task;

/** An agent's books as its {@code /state} shows them, which tools still read. */
public final class LegacyAgentState {

  private final Agent agent;

  public LegacyAgentState(Agent agent) {
    this.agent = agent;
  }

  /** The document, a tree for {@code PlainJson}. */
  public Map<String, Object> state() {
    Bag total = Bag.of(agent.config.info().getResourcesList());
    Bag unreserved = total.filter(resource -> !ReservationFormat.reserved(resource));
    Map<String, Object> out = Version.fields();
    out.put("start_time", LegacyTasks.seconds(agent.started));
    out.put("id", agent.disk.agentId);
    out.put("pid", agent.config.pid());
    out.put("hostname", agent.config.info().getHostname());
    out.put("capabilities", List.of("MULTI_ROLE"));
    out.put("resources", LegacyTasks.resources(total));
    out.put("reserved_resources", byRole(total, false));
    out.put("unreserved_resources", LegacyTasks.resources(unreserved));
    out.put("reserved_resources_full", byRole(total, true));
    out.put("unreserved_resources_full", full(unreserved));
    out.put("reserved_resources_allocated", byRole(used(), false));
    out.put("unreserved_resources_allocated", LegacyTasks.resources(unreserved(used())));
    out.put("resource_providers", List.of());
    out.put("attributes", LegacyTasks.attributes(agent.config.info()));
    out.put("master_hostname", "localhost");
    out.put("flags", Map.of("work_dir", agent.config.workDir().toString()));
    out.put("frameworks", agent.disk.frameworks.values().stream().map(this::framework).toList());
    out.put("completed_frameworks", List.of());
    return out;
  }

  private Map<String, Object> framework(FrameworkInfo info) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("id", info.getId().getValue());
    out.put("name", info.getName());
    out.put("user", info.getUser());
    out.put("failover_timeout", info.getFailoverTimeout());
    out.put("checkpoint", info.getCheckpoint());
    out.put("hostname", info.getHostname());
    out.put("roles", info.getRolesList());
    List<Object> live = new ArrayList<>();
    List<Object> completed = new ArrayList<>();
    for (ExecutorRun run : agent.disk.runs) {
      if (run.frameworkId.equals(info.getId().getValue())) {
        (run.state == ExecutorRun.State.TERMINATED ? completed : live).add(executor(run));
      }
    }
    out.put("executors", live);
    out.put("completed_executors", completed);
    return out;
  }

  @SuppressWarnings("deprecation") // The source of an executor is still shown.
  private static Map<String, Object> executor(ExecutorRun run) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("id", run.id());
    out.put("name", run.info.getName());
    out.put("source", run.info.getSource());
    out.put("container", run.containerId);
    out.put("directory", run.sandbox.toString());
    out.put("resources", LegacyTasks.resources(used(run)));
    out.put("role", LegacyTasks.role(used(run).toList()));
    if (run.info.hasLabels()) {
      out.put("labels", run.info.getLabels().getLabelsList());
    }
    out.put("type", run.info.getType().name());
    out.put("tasks", tasks(run.launched.values()));
    List<Object> queued = new ArrayList<>();
    run.queued.forEach(
        entry ->
            entry
                .tasks()
                .forEach(
                    task ->
                        queued.add(
                            LegacyTasks.task(TaskRecords.created(run.frameworkId, task).build()))));
    out.put("queued_tasks", queued);
    List<Object> completed = new ArrayList<>(tasks(run.terminated.values()));
    run.completed.forEach(task -> completed.add(LegacyTasks.task(task)));
    out.put("completed_tasks", completed);
    return out;
  }

  private static List<Object> tasks(Iterable<Task.Builder> tasks) {
    List<Object> out = new ArrayList<>();
    tasks.forEach(task -> out.add(LegacyTasks.task(task.build())));
    return out;
  }

  /** What an executor and its living tasks take. */
  private static Bag used(ExecutorRun run) {
    List<Resource> all = new ArrayList<>(run.info.getResourcesList());
    run.launched.values().forEach(task -> all.addAll(task.getResourcesList()));
    return Bag.of(all);
  }

  private Bag used() {
    return agent.disk.runs.stream()
        .filter(run -> run.state != ExecutorRun.State.TERMINATED)
        .map(LegacyAgentState::used)
        .reduce(Bag.EMPTY, Bag::plus);
  }

  private static Bag unreserved(Bag bag) {
    return bag.filter(resource -> !ReservationFormat.reserved(resource));
  }

  private static Object full(Bag bag) {
    return bag.toList().stream().map(ReservationFormat::both).toList();
  }

  private static Map<String, Object> byRole(Bag bag, boolean full) {
    Map<String, Object> out = new LinkedHashMap<>();
    for (Resource resource : bag.filter(ReservationFormat::reserved).toList()) {
      out.computeIfAbsent(
          ReservationFormat.role(resource),
          role -> {
            Bag mine =
                bag.filter(
                    r -> ReservationFormat.reserved(r) && ReservationFormat.role(r).equals(role));
            return full ? full(mine) : LegacyTasks.resources(mine);
          });
    }
    return out;
  }
}
