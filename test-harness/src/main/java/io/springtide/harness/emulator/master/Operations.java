package io.springtide.harness.emulator.master;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.resources.Bag;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos.Offer.Operation;
import org.apache.mesos.v1.Protos.OperationID;
import org.apache.mesos.v1.Protos.OperationState;
import org.apache.mesos.v1.Protos.OperationStatus;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** RESERVE and UNRESERVE: they change what an agent has, and report when they carry an id. */
final class Operations {

  private final MasterState state;

  Operations(MasterState state) {
    this.state = state;
  }

  /** Carries out an operation on offered resources and gives them as they are afterwards. */
  Bag apply(Framework framework, Agent agent, Operation operation, Bag offered) {
    List<Resource> after;
    Bag before;
    switch (operation.getType()) {
      case RESERVE:
        after = operation.getReserve().getResourcesList();
        before = Bag.of(after.stream().map(Operations::popped).toList());
        break;
      case UNRESERVE:
        before = Bag.of(operation.getUnreserve().getResourcesList());
        after =
            operation.getUnreserve().getResourcesList().stream().map(Operations::popped).toList();
        break;
      default:
        fail(framework, operation, "Unsupported operation");
        return offered;
    }
    Optional<String> missing =
        offered.contains(before)
            ? Optional.empty()
            : Optional.of(offered + " does not contain " + before);
    if (missing.isPresent()) {
      fail(framework, operation, missing.get());
      return offered;
    }
    agent.total(agent.total.minus(before.unallocated()).plus(Bag.of(after).unallocated()));
    if (operation.hasId()) {
      OperationStatus.Builder status =
          OperationStatus.newBuilder()
              .setOperationId(operation.getId())
              .setState(OperationState.OPERATION_FINISHED)
              .setAgentId(Events.agent(agent.id));
      ByteString uuid = state.ids.bytes();
      status.getUuidBuilder().setValue(uuid);
      send(framework, status);
    }
    return offered.minus(before).plus(Bag.of(after));
  }

  private static Resource popped(Resource resource) {
    return resource.getReservationsCount() == 0
        ? resource
        : resource.toBuilder().removeReservations(resource.getReservationsCount() - 1).build();
  }

  void fail(Framework framework, Operation operation, String message) {
    if (operation.hasId()) {
      send(
          framework,
          OperationStatus.newBuilder()
              .setOperationId(operation.getId())
              .setState(OperationState.OPERATION_ERROR)
              .setMessage(message));
    }
  }

  /** RECONCILE_OPERATIONS: reservations are done at once, so none is ever pending. */
  void reconcile(Framework framework, List<Call.ReconcileOperations.Operation> asked) {
    for (Call.ReconcileOperations.Operation operation : asked) {
      OperationID id = operation.getOperationId();
      OperationStatus.Builder status =
          OperationStatus.newBuilder()
              .setOperationId(id)
              .setState(OperationState.OPERATION_UNKNOWN);
      if (operation.hasAgentId()) {
        status
            .setAgentId(operation.getAgentId())
            .setMessage("Reconciliation: Operation is unknown");
      } else {
        status.setMessage("Reconciliation: Operation is unknown and no 'agent_id' was provided");
      }
      send(framework, status);
    }
  }

  private static void send(Framework framework, OperationStatus.Builder status) {
    Event.Builder event = Event.newBuilder().setType(Event.Type.UPDATE_OPERATION_STATUS);
    event.getUpdateOperationStatusBuilder().setStatus(status);
    framework.send(event.build());
  }
}
