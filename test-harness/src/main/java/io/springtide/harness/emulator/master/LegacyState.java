package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.resources.ReservationFormat;
import io.springtide.harness.emulator.wire.LegacyTasks;
import io.springtide.harness.emulator.wire.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.quota.Protos.QuotaConfig;

/** The master's books as the endpoints from before the v1 APIs show them. */
public final class LegacyState {

  private static final List<TaskState> COUNTED =
      List.of(
          TaskState.TASK_STAGING,
          TaskState.TASK_STARTING,
          TaskState.TASK_RUNNING,
          TaskState.TASK_KILLING,
          TaskState.TASK_FINISHED,
          TaskState.TASK_KILLED,
          TaskState.TASK_FAILED,
          TaskState.TASK_LOST,
          TaskState.TASK_ERROR,
          TaskState.TASK_UNREACHABLE);

  private final MasterState state;

  public LegacyState(Master master) {
    this.state = master.state();
  }

  /** The document of an endpoint, a tree for {@code PlainJson}; nothing for an unknown one. */
  public Optional<Object> of(String path) {
    return Optional.ofNullable(
        switch (path) {
          case "/state" -> state();
          case "/state-summary" -> summary();
          case "/slaves" -> slaves();
          case "/tasks" -> Map.of("tasks", allTasks());
          case "/frameworks" -> frameworks();
          case "/roles" -> Map.of("roles", roles());
          case "/flags" -> Map.of("flags", state.config.flags());
          default -> null;
        });
  }

  private Map<String, Object> state() {
    Map<String, Object> out = Version.fields();
    out.put("start_time", LegacyTasks.seconds(state.started));
    out.put("elected_time", LegacyTasks.seconds(state.started));
    out.put("id", state.config.info().getId());
    out.put("pid", state.config.info().getPid());
    out.put("hostname", state.config.info().getHostname());
    out.put(
        "capabilities",
        state.config.info().getCapabilitiesList().stream().map(c -> c.getType().name()).toList());
    double active = state.agents.values().stream().filter(a -> a.active).count();
    out.put("activated_slaves", active);
    out.put("deactivated_slaves", state.agents.size() - active);
    out.put("unreachable_slaves", (double) state.registry.unreachable.size());
    out.put("leader", state.config.info().getPid());
    out.put("leader_info", state.config.info());
    out.put("flags", state.config.flags());
    out.put("slaves", state.agents.values().stream().map(this::slave).toList());
    out.put("recovered_slaves", state.recoveredAgents.values());
    out.putAll(frameworks());
    out.put("orphan_tasks", List.of());
    return out;
  }

  private Map<String, Object> frameworks() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("frameworks", state.frameworks.values().stream().map(this::framework).toList());
    out.put(
        "completed_frameworks",
        state.completedFrameworks.values().stream().map(this::framework).toList());
    out.put("unregistered_frameworks", List.of());
    return out;
  }

  private Map<String, Object> summary() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("hostname", state.config.info().getHostname());
    List<Object> slaves = new ArrayList<>();
    for (Agent agent : state.agents.values()) {
      Map<String, Object> one = slave(agent);
      List<Task> here = known(task -> task.getAgentId().getValue().equals(agent.id));
      count(here, one);
      one.put(
          "framework_ids",
          here.stream().map(t -> t.getFrameworkId().getValue()).distinct().toList());
      slaves.add(one);
    }
    out.put("slaves", slaves);
    List<Object> all = new ArrayList<>();
    for (Framework framework : state.frameworks.values()) {
      Map<String, Object> one = frameworkSummary(framework);
      List<Task> mine = known(task -> task.getFrameworkId().getValue().equals(framework.id));
      count(mine, one);
      one.put("slave_ids", mine.stream().map(t -> t.getAgentId().getValue()).distinct().toList());
      all.add(one);
    }
    out.put("frameworks", all);
    return out;
  }

  private List<Task> known(java.util.function.Predicate<Task> which) {
    List<Task> out = new ArrayList<>();
    for (Framework framework : state.frameworks.values()) {
      framework.tasks.values().stream().map(t -> t.task.build()).filter(which).forEach(out::add);
      framework.unreachable.values().stream().filter(which).forEach(out::add);
      framework.completed.stream().filter(which).forEach(out::add);
    }
    return out;
  }

  private static void count(List<Task> tasks, Map<String, Object> out) {
    for (TaskState counted : COUNTED) {
      out.put(counted.name(), (int) tasks.stream().filter(t -> t.getState() == counted).count());
    }
  }

  private List<Object> allTasks() {
    return known(task -> true).stream().map(task -> (Object) LegacyTasks.task(task)).toList();
  }

  private Map<String, Object> slaves() {
    List<Object> slaves = new ArrayList<>();
    for (Agent agent : state.agents.values()) {
      Map<String, Object> one = slave(agent);
      one.put("reserved_resources_full", Map.of());
      one.put("unreserved_resources_full", full(unreserved(agent.total)));
      one.put("used_resources_full", full(agent.used()));
      one.put("offered_resources_full", full(agent.offered()));
      slaves.add(one);
    }
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("slaves", slaves);
    out.put("recovered_slaves", state.recoveredAgents.values());
    return out;
  }

  private static Object full(Bag bag) {
    return bag.toList().stream().map(ReservationFormat::both).toList();
  }

  private static Bag unreserved(Bag bag) {
    return bag.filter(resource -> !ReservationFormat.reserved(resource));
  }

  private Map<String, Object> slave(Agent agent) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("id", agent.id);
    out.put("hostname", agent.info.getHostname());
    out.put("port", agent.info.getPort());
    out.put("attributes", LegacyTasks.attributes(agent.info));
    out.put("pid", agent.pid);
    out.put("registered_time", LegacyTasks.seconds(agent.registered));
    if (agent.reregistered != null) {
      out.put("reregistered_time", LegacyTasks.seconds(agent.reregistered));
    }
    out.put("resources", LegacyTasks.resources(agent.total));
    out.put("used_resources", LegacyTasks.resources(agent.used()));
    out.put("offered_resources", LegacyTasks.resources(agent.offered()));
    Map<String, Object> reserved = new LinkedHashMap<>();
    agent
        .total
        .filter(ReservationFormat::reserved)
        .toList()
        .forEach(
            resource ->
                reserved.computeIfAbsent(
                    ReservationFormat.role(resource),
                    role ->
                        LegacyTasks.resources(
                            agent.total.filter(r -> ReservationFormat.role(r).equals(role)))));
    out.put("reserved_resources", reserved);
    out.put("unreserved_resources", LegacyTasks.resources(unreserved(agent.total)));
    out.put("active", agent.active);
    out.put("deactivated", agent.deactivated);
    out.put("version", Version.NUMBER);
    out.put(
        "capabilities",
        OperatorViews.CAPABILITIES.stream().map(capability -> capability.name()).toList());
    return out;
  }

  private Map<String, Object> frameworkSummary(Framework framework) {
    Map<String, Object> out = new LinkedHashMap<>();
    Bag offered =
        framework.offers.values().stream().map(o -> o.resources).reduce(Bag.EMPTY, Bag::plus);
    out.put("id", framework.id);
    out.put("name", framework.info.getName());
    out.put("used_resources", LegacyTasks.resources(framework.used(state.agents.values())));
    out.put("offered_resources", LegacyTasks.resources(offered));
    out.put(
        "capabilities",
        framework.info.getCapabilitiesList().stream().map(c -> c.getType().name()).toList());
    out.put("hostname", framework.info.getHostname());
    out.put("webui_url", framework.info.getWebuiUrl());
    out.put("active", framework.active);
    out.put("connected", framework.connected);
    out.put("recovered", framework.recovered);
    return out;
  }

  private Map<String, Object> framework(Framework framework) {
    Map<String, Object> out = frameworkSummary(framework);
    out.put("user", framework.info.getUser());
    out.put("failover_timeout", framework.info.getFailoverTimeout());
    out.put("checkpoint", framework.info.getCheckpoint());
    out.put("registered_time", LegacyTasks.seconds(framework.registered));
    out.put(
        "unregistered_time",
        framework.unregistered == null ? 0.0 : LegacyTasks.seconds(framework.unregistered));
    Bag held = framework.used(state.agents.values());
    for (Offer offer : framework.offers.values()) {
      held = held.plus(offer.resources);
    }
    out.put("resources", LegacyTasks.resources(held));
    out.put("roles", framework.roles());
    out.put(
        "tasks",
        framework.tasks.values().stream().map(t -> LegacyTasks.task(t.task.build())).toList());
    out.put(
        "unreachable_tasks",
        framework.unreachable.values().stream().map(LegacyTasks::task).toList());
    out.put("completed_tasks", framework.completed.stream().map(LegacyTasks::task).toList());
    out.put("offers", framework.offers.values().stream().map(LegacyState::offer).toList());
    List<Object> executors = new ArrayList<>();
    for (Agent agent : state.agents.values()) {
      agent
          .executors
          .getOrDefault(framework.id, Map.of())
          .values()
          .forEach(
              executor -> executors.add(LegacyTasks.executor(framework.id, agent.id, executor)));
    }
    out.put("executors", executors);
    out.put("offer_constraints", framework.constraints);
    return out;
  }

  private static Map<String, Object> offer(Offer offer) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("id", offer.id);
    out.put("framework_id", offer.frameworkId);
    out.put("allocation_info", Map.of("role", offer.role));
    out.put("slave_id", offer.agentId);
    out.put("resources", LegacyTasks.resources(offer.resources));
    return out;
  }

  private List<Object> roles() {
    List<Object> out = new ArrayList<>();
    for (var role : OperatorViews.roles(state).getRolesList()) {
      Bag used = Bag.EMPTY;
      Bag offered = Bag.EMPTY;
      for (Agent agent : state.agents.values()) {
        used = used.plus(in(role.getName(), agent.used()));
        offered = offered.plus(in(role.getName(), agent.offered()));
      }
      Map<String, Object> quota = new LinkedHashMap<>();
      quota.put("role", role.getName());
      QuotaConfig config =
          state.registry.quotas.getOrDefault(role.getName(), QuotaConfig.getDefaultInstance());
      quota.put("guarantee", plain(config.getGuaranteesMap()));
      quota.put("limit", plain(config.getLimitsMap()));
      quota.put("consumed", LegacyTasks.quantities(used));
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", role.getName());
      one.put("weight", role.getWeight());
      one.put("quota", quota);
      one.put("resources", LegacyTasks.quantities(used.plus(offered)));
      one.put("allocated", LegacyTasks.quantities(used));
      one.put("offered", LegacyTasks.quantities(offered));
      one.put("reserved", Map.of());
      one.put("frameworks", role.getFrameworksList().stream().map(id -> id.getValue()).toList());
      out.add(one);
    }
    return out;
  }

  private static Map<String, Object> plain(Map<String, Value.Scalar> amounts) {
    Map<String, Object> out = new TreeMap<>();
    amounts.forEach((name, amount) -> out.put(name, amount.getValue()));
    return out;
  }

  private static Bag in(String role, Bag bag) {
    return bag.filter(r -> r.getAllocationInfo().getRole().equals(role)).unallocated();
  }
}
