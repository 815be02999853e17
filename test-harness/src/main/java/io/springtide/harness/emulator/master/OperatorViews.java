package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.resources.ReservationFormat;
import io.springtide.harness.emulator.wire.Version;
import java.util.List;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.master.Protos.Response;

/** The master's books as the operator API shows them. */
final class OperatorViews {

  static final List<AgentInfo.Capability.Type> CAPABILITIES =
      List.of(
          AgentInfo.Capability.Type.MULTI_ROLE,
          AgentInfo.Capability.Type.HIERARCHICAL_ROLE,
          AgentInfo.Capability.Type.RESERVATION_REFINEMENT,
          AgentInfo.Capability.Type.RESOURCE_PROVIDER,
          AgentInfo.Capability.Type.RESIZE_VOLUME,
          AgentInfo.Capability.Type.AGENT_OPERATION_FEEDBACK,
          AgentInfo.Capability.Type.AGENT_DRAINING,
          AgentInfo.Capability.Type.TASK_RESOURCE_LIMITS);

  private OperatorViews() {}

  static Task task(Task task) {
    return task;
  }

  private static List<Resource> shown(Bag bag) {
    return bag.toList().stream().map(ReservationFormat::both).toList();
  }

  private static Response.GetAgents.Agent.Builder base(Agent agent) {
    Response.GetAgents.Agent.Builder out =
        Response.GetAgents.Agent.newBuilder()
            .setAgentInfo(agent.info)
            .setActive(agent.active)
            .setDeactivated(agent.deactivated)
            .setVersion(Version.NUMBER)
            .setPid(agent.pid)
            .setRegisteredTime(Events.time(agent.registered))
            .addAllTotalResources(shown(agent.total));
    for (AgentInfo.Capability.Type capability : CAPABILITIES) {
      out.addCapabilitiesBuilder().setType(capability);
    }
    if (agent.reregistered != null) {
      out.setReregisteredTime(Events.time(agent.reregistered));
    }
    if (agent.drain != null) {
      out.setDrainInfo(agent.drain);
    }
    if (agent.drainStart != null) {
      out.setEstimatedDrainStartTime(Events.time(agent.drainStart));
    }
    return out;
  }

  static Response.GetAgents.Agent agent(Agent agent) {
    return base(agent)
        .addAllAllocatedResources(shown(agent.used()))
        .addAllOfferedResources(shown(agent.offered()))
        .build();
  }

  static Response.GetAgents agents(MasterState state) {
    Response.GetAgents.Builder out = Response.GetAgents.newBuilder();
    state.agents.values().forEach(agent -> out.addAgents(agent(agent)));
    state.recoveredAgents.values().forEach(out::addRecoveredAgents);
    return out.build();
  }

  static Response.GetFrameworks.Framework added(MasterState state, Framework framework) {
    return base(framework).setUnregisteredTime(zero(framework.unregistered)).build();
  }

  private static org.apache.mesos.v1.Protos.TimeInfo zero(java.time.Instant time) {
    return time == null
        ? org.apache.mesos.v1.Protos.TimeInfo.newBuilder().setNanoseconds(0).build()
        : Events.time(time);
  }

  private static Response.GetFrameworks.Framework.Builder base(Framework framework) {
    return Response.GetFrameworks.Framework.newBuilder()
        .setFrameworkInfo(framework.info)
        .setActive(framework.active)
        .setConnected(framework.connected)
        .setRecovered(framework.recovered)
        .setRegisteredTime(Events.time(framework.registered))
        .setReregisteredTime(Events.time(framework.reregistered));
  }

  static Response.GetFrameworks.Framework framework(MasterState state, Framework framework) {
    Response.GetFrameworks.Framework.Builder out = base(framework);
    if (framework.unregistered != null) {
      out.setUnregisteredTime(Events.time(framework.unregistered));
    }
    Bag offered = Bag.EMPTY;
    for (Offer offer : framework.offers.values()) {
      out.addOffers(offer.message);
      offered = offered.plus(offer.resources);
    }
    return out.addAllAllocatedResources(shown(framework.used(state.agents.values())))
        .addAllOfferedResources(shown(offered))
        .setOfferConstraints(framework.constraints)
        .build();
  }

  static Response.GetFrameworks frameworks(MasterState state) {
    Response.GetFrameworks.Builder out = Response.GetFrameworks.newBuilder();
    state.frameworks.values().forEach(f -> out.addFrameworks(framework(state, f)));
    state
        .completedFrameworks
        .values()
        .forEach(f -> out.addCompletedFrameworks(framework(state, f)));
    return out.build();
  }

  static Response.GetExecutors executors(MasterState state) {
    Response.GetExecutors.Builder out = Response.GetExecutors.newBuilder();
    for (Agent agent : state.agents.values()) {
      agent
          .executors
          .values()
          .forEach(
              executors ->
                  executors
                      .values()
                      .forEach(
                          executor ->
                              out.addExecutorsBuilder()
                                  .setExecutorInfo(executor)
                                  .setAgentId(Events.agent(agent.id))));
    }
    return out.build();
  }

  static Response.GetTasks tasks(MasterState state) {
    Response.GetTasks.Builder out = Response.GetTasks.newBuilder();
    List<Framework> all = new java.util.ArrayList<>(state.frameworks.values());
    all.addAll(state.completedFrameworks.values());
    for (Framework framework : all) {
      framework.tasks.values().forEach(task -> out.addTasks(task.task));
      framework.unreachable.values().forEach(out::addUnreachableTasks);
      framework.completed.forEach(out::addCompletedTasks);
    }
    return out.build();
  }

  static Response.GetState state(MasterState state) {
    return Response.GetState.newBuilder()
        .setGetTasks(tasks(state))
        .setGetExecutors(executors(state))
        .setGetFrameworks(frameworks(state))
        .setGetAgents(agents(state))
        .build();
  }

  static Response.GetRoles roles(MasterState state) {
    Response.GetRoles.Builder out = Response.GetRoles.newBuilder();
    java.util.Set<String> names = new java.util.TreeSet<>();
    state.frameworks.values().forEach(f -> names.addAll(f.roles()));
    for (String name : names) {
      Bag held = Bag.EMPTY;
      var role =
          out.addRolesBuilder()
              .setName(name)
              .setWeight(state.registry.weights.getOrDefault(name, 1.0));
      for (Framework framework : state.frameworks.values()) {
        if (framework.roles().contains(name)) {
          role.addFrameworks(Events.framework(framework.id));
        }
        Bag all = framework.used(state.agents.values());
        for (Offer offer : framework.offers.values()) {
          all = all.plus(offer.resources);
        }
        held =
            held.plus(all.filter(r -> r.getAllocationInfo().getRole().equals(name)).unallocated());
      }
      held
          .filter(r -> r.getType() == org.apache.mesos.v1.Protos.Value.Type.SCALAR)
          .toList()
          .stream()
          .sorted(java.util.Comparator.comparing(Resource::getName))
          .forEach(role::addResources);
    }
    return out.build();
  }
}
