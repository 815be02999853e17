package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.resources.ReservationFormat;
import io.springtide.harness.emulator.wire.AgentPeer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.Filters;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/** ACCEPT and DECLINE: offers are used up, operations carried out in order, the rest given back. */
final class Acceptance {

  private final MasterState state;
  private final Allocator allocator;
  private final Offers offers;
  private final Tasks tasks;
  private final Operations operations;

  Acceptance(MasterState state, Allocator allocator, Offers offers, Tasks tasks) {
    this.state = state;
    this.allocator = allocator;
    this.offers = offers;
    this.tasks = tasks;
    this.operations = new Operations(state);
  }

  void decline(Framework framework, List<OfferID> ids, Filters filters) {
    for (OfferID id : ids) {
      Offer offer = framework.offers.get(id.getValue());
      if (offer != null) {
        offers.remove(offer);
        offers.decline(offer, offer.resources, seconds(filters));
      }
    }
  }

  void accept(
      Framework framework,
      List<OfferID> ids,
      List<org.apache.mesos.v1.Protos.Offer.Operation> asked,
      Filters filters) {
    Optional<String> error = invalid(framework, ids);
    List<Offer> used = new ArrayList<>();
    for (OfferID id : ids) {
      Offer offer = framework.offers.get(id.getValue());
      if (offer != null) {
        used.add(offer);
        offers.remove(offer);
      }
    }
    if (error.isPresent()) {
      used.forEach(offers::recover);
      asked.forEach(operation -> refuse(framework, operation, error.get()));
      return;
    }
    Offer first = used.get(0);
    Bag offered = used.stream().map(offer -> offer.resources).reduce(Bag.EMPTY, Bag::plus);
    Agent agent = state.agents.get(first.agentId);
    Bag left = offered;
    for (org.apache.mesos.v1.Protos.Offer.Operation operation : asked) {
      left = apply(framework, agent, normal(operation, first.role), first.role, left);
    }
    offers.decline(first, left, seconds(filters));
  }

  private static double seconds(Filters filters) {
    return filters.getRefuseSeconds();
  }

  private Optional<String> invalid(Framework framework, List<OfferID> ids) {
    if (ids.isEmpty()) {
      return Optional.of("No offers specified");
    }
    Set<String> seen = new LinkedHashSet<>();
    for (OfferID id : ids) {
      if (!seen.add(id.getValue())) {
        return Optional.of("Duplicate offer " + id.getValue() + " in offer list");
      }
    }
    Offer first = null;
    for (OfferID id : ids) {
      Offer offer = framework.offers.get(id.getValue());
      if (offer == null) {
        return Optional.of("Offer " + id.getValue() + " is no longer valid");
      }
      if (first != null && !first.agentId.equals(offer.agentId)) {
        return Optional.of(
            "Aggregated offers must belong to one single agent. Offer "
                + offer.id
                + " uses agent "
                + offer.agentId
                + " and agent "
                + first.agentId);
      }
      if (first != null && !first.role.equals(offer.role)) {
        return Optional.of(
            "Aggregated offers must be allocated to the same role. Offer "
                + offer.id
                + " uses role '"
                + offer.role
                + "' but another is using role '"
                + first.role
                + "'");
      }
      first = first == null ? offer : first;
    }
    return Optional.empty();
  }

  private void refuse(
      Framework framework, org.apache.mesos.v1.Protos.Offer.Operation operation, String error) {
    List<TaskInfo> wanted =
        operation.getType() == org.apache.mesos.v1.Protos.Offer.Operation.Type.LAUNCH_GROUP
            ? operation.getLaunchGroup().getTaskGroup().getTasksList()
            : operation.getLaunch().getTaskInfosList();
    for (TaskInfo task : wanted) {
      tasks.tell(
          framework,
          tasks.status(
              task.getTaskId().getValue(),
              task.getAgentId().getValue(),
              framework.partitionAware() ? TaskState.TASK_DROPPED : TaskState.TASK_LOST,
              TaskStatus.Reason.REASON_INVALID_OFFERS,
              "Task launched with invalid offers: " + error));
    }
    if (wanted.isEmpty()) {
      operations.fail(framework, operation, "Operation attempted with invalid offers: " + error);
    }
  }

  /** Carries out one operation and gives what is left of the offered resources. */
  private Bag apply(
      Framework framework,
      Agent agent,
      org.apache.mesos.v1.Protos.Offer.Operation operation,
      String role,
      Bag left) {
    return switch (operation.getType()) {
      case LAUNCH -> launch(framework, agent, operation, left);
      case LAUNCH_GROUP -> launchGroup(framework, agent, operation, left);
      default -> {
        Bag after = operations.apply(framework, agent, operation, left);
        if (!left.equals(after)) {
          allocator.freed(framework.id, role, left);
          allocator.allocated(framework.id, role, after);
        }
        yield after;
      }
    };
  }

  /**
   * One bad resource refuses all tasks; else each is judged by itself, against what those before it
   * have left.
   */
  private Bag launch(
      Framework framework,
      Agent agent,
      org.apache.mesos.v1.Protos.Offer.Operation operation,
      Bag left) {
    Bag rest = left;
    Optional<String> ofAll =
        ResourceRules.check(operation)
            .or(
                () ->
                    operation.hasId()
                        ? Optional.of("The `id` field cannot be set on LAUNCH operations")
                        : Optional.empty());
    for (TaskInfo task : operation.getLaunch().getTaskInfosList()) {
      Optional<String> error =
          ofAll.isPresent() ? ofAll : TaskRules.launch(task, framework, agent, rest);
      if (error.isPresent()) {
        error(framework, task, TaskStatus.Reason.REASON_TASK_INVALID, error.get());
      } else {
        rest = rest.minus(run(framework, agent, task.getExecutor(), List.of(task), false));
      }
    }
    return rest;
  }

  private Bag launchGroup(
      Framework framework,
      Agent agent,
      org.apache.mesos.v1.Protos.Offer.Operation operation,
      Bag left) {
    ExecutorInfo executor = operation.getLaunchGroup().getExecutor();
    List<TaskInfo> group = operation.getLaunchGroup().getTaskGroup().getTasksList();
    Optional<String> error =
        ResourceRules.check(operation)
            .or(
                () ->
                    operation.hasId()
                        ? Optional.of("The `id` field cannot be set on LAUNCH_GROUP operations")
                        : TaskRules.group(group, executor, framework, agent, left));
    if (error.isPresent()) {
      group.forEach(
          task -> error(framework, task, TaskStatus.Reason.REASON_TASK_GROUP_INVALID, error.get()));
      return left;
    }
    List<TaskInfo> whole =
        group.stream().map(t -> t.toBuilder().setExecutor(executor).build()).toList();
    return left.minus(run(framework, agent, executor, whole, true));
  }

  private void error(Framework framework, TaskInfo task, TaskStatus.Reason reason, String message) {
    tasks.tell(
        framework,
        tasks.status(
            task.getTaskId().getValue(),
            task.getAgentId().getValue(),
            TaskState.TASK_ERROR,
            reason,
            message));
  }

  private Bag run(
      Framework framework,
      Agent agent,
      ExecutorInfo executor,
      List<TaskInfo> wanted,
      boolean group) {
    Bag used = Bag.EMPTY;
    ExecutorInfo complete = null;
    if (executor.hasExecutorId()) {
      complete = TaskRules.complete(executor, framework.id);
      if (agent.executor(framework.id, complete.getExecutorId().getValue()) == null) {
        agent.addExecutor(framework.id, complete);
        used = used.plus(Bag.of(complete.getResourcesList()));
      }
    }
    List<TaskInfo> sent = new ArrayList<>();
    for (TaskInfo info : wanted) {
      TaskInfo task = complete == null ? info : info.toBuilder().setExecutor(complete).build();
      sent.add(task);
      tasks.add(framework, agent, task);
      used = used.plus(Bag.of(task.getResourcesList()));
    }
    AgentPeer peer = agent.peer;
    peer.run(framework.info, complete, sent, group);
    return used;
  }

  /** The operation with its resources in today's format, allocated to the offer's role. */
  static org.apache.mesos.v1.Protos.Offer.Operation normal(
      org.apache.mesos.v1.Protos.Offer.Operation operation, String role) {
    org.apache.mesos.v1.Protos.Offer.Operation.Builder out = operation.toBuilder();
    if (out.hasLaunch()) {
      for (TaskInfo.Builder task : out.getLaunchBuilder().getTaskInfosBuilderList()) {
        normal(task, role);
      }
    }
    if (out.hasLaunchGroup()) {
      for (TaskInfo.Builder task :
          out.getLaunchGroupBuilder().getTaskGroupBuilder().getTasksBuilderList()) {
        normal(task, role);
      }
      normal(out.getLaunchGroupBuilder().getExecutorBuilder(), role);
    }
    if (out.hasReserve()) {
      for (int i = 0; i < out.getReserve().getResourcesCount(); i++) {
        out.getReserveBuilder().setResources(i, normal(out.getReserve().getResources(i), role));
      }
    }
    if (out.hasUnreserve()) {
      for (int i = 0; i < out.getUnreserve().getResourcesCount(); i++) {
        out.getUnreserveBuilder().setResources(i, normal(out.getUnreserve().getResources(i), role));
      }
    }
    if (out.hasCreate()) {
      for (int i = 0; i < out.getCreate().getVolumesCount(); i++) {
        out.getCreateBuilder().setVolumes(i, normal(out.getCreate().getVolumes(i), role));
      }
    }
    if (out.hasDestroy()) {
      for (int i = 0; i < out.getDestroy().getVolumesCount(); i++) {
        out.getDestroyBuilder().setVolumes(i, normal(out.getDestroy().getVolumes(i), role));
      }
    }
    return out.build();
  }

  private static void normal(TaskInfo.Builder task, String role) {
    for (int i = 0; i < task.getResourcesCount(); i++) {
      task.setResources(i, normal(task.getResources(i), role));
    }
    if (task.hasExecutor()) {
      normal(task.getExecutorBuilder(), role);
    }
  }

  private static void normal(ExecutorInfo.Builder executor, String role) {
    for (int i = 0; i < executor.getResourcesCount(); i++) {
      executor.setResources(i, normal(executor.getResources(i), role));
    }
  }

  private static Resource normal(Resource resource, String role) {
    Resource.Builder out = ReservationFormat.refined(resource).toBuilder();
    if (!out.hasAllocationInfo()) {
      out.getAllocationInfoBuilder().setRole(role);
    }
    return out.build();
  }
}
