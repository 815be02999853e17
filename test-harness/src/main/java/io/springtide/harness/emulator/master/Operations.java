package io.springtide.harness.emulator.master;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.resources.ReservationFormat;
import io.springtide.harness.emulator.resources.ResourceText;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos.Offer.Operation;
import org.apache.mesos.v1.Protos.OperationID;
import org.apache.mesos.v1.Protos.OperationState;
import org.apache.mesos.v1.Protos.OperationStatus;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Volume;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/**
 * RESERVE, UNRESERVE, CREATE and DESTROY: they change what an agent has, and report when they carry
 * an id. Checks and texts are those of Mesos' {@code src/master/validation.cpp}.
 */
final class Operations {

  private final MasterState state;

  Operations(MasterState state) {
    this.state = state;
  }

  /** Carries out an operation on offered resources and gives them as they are afterwards. */
  Bag apply(Framework framework, Agent agent, Operation operation, Bag offered) {
    Optional<String> wrong = wrong(agent, operation);
    if (wrong.isPresent()) {
      fail(framework, operation, wrong.get());
      return offered;
    }
    Bag before = Bag.of(before(operation));
    List<Resource> after = after(operation);
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

  private static Optional<String> wrong(Agent agent, Operation operation) {
    return switch (operation.getType()) {
      case RESERVE, UNRESERVE -> Optional.empty();
      case CREATE -> notVolumes(operation.getCreate().getVolumesList());
      case DESTROY -> {
        List<Resource> volumes = operation.getDestroy().getVolumesList();
        Optional<String> error = notVolumes(volumes);
        boolean there = agent.total.contains(Bag.of(volumes).unallocated());
        yield error.isEmpty() && !there ? Optional.of("Persistent volumes not found") : error;
      }
      default -> Optional.of(unsupported(operation));
    };
  }

  /** What an operation takes. */
  private static List<Resource> before(Operation operation) {
    return switch (operation.getType()) {
      case RESERVE ->
          operation.getReserve().getResourcesList().stream().map(Operations::popped).toList();
      case UNRESERVE -> operation.getUnreserve().getResourcesList();
      case CREATE ->
          operation.getCreate().getVolumesList().stream().map(Operations::withoutVolume).toList();
      default -> operation.getDestroy().getVolumesList();
    };
  }

  /** What it makes of that. */
  private static List<Resource> after(Operation operation) {
    return switch (operation.getType()) {
      case RESERVE -> operation.getReserve().getResourcesList();
      case UNRESERVE ->
          operation.getUnreserve().getResourcesList().stream().map(Operations::popped).toList();
      case CREATE -> operation.getCreate().getVolumesList();
      default ->
          operation.getDestroy().getVolumesList().stream().map(Operations::withoutVolume).toList();
    };
  }

  /** What an agent without resource providers and without RESIZE_VOLUME cannot do. */
  private static String unsupported(Operation operation) {
    return switch (operation.getType()) {
      case GROW_VOLUME ->
          "Volume "
              + ResourceText.format(operation.getGrowVolume().getVolume())
              + " cannot be grown on an agent without RESIZE_VOLUME capability";
      case SHRINK_VOLUME ->
          "Volume "
              + ResourceText.format(operation.getShrinkVolume().getVolume())
              + " cannot be shrunk on an agent without RESIZE_VOLUME capability";
      case CREATE_DISK, DESTROY_DISK -> "'source' is not managed by a resource provider";
      default -> "Unknown operation";
    };
  }

  private static Optional<String> notVolumes(List<Resource> volumes) {
    for (Resource volume : volumes) {
      if (!volume.hasDisk()) {
        return Optional.of(
            "Not a persistent volume: Resource "
                + ResourceText.format(volume)
                + " does not have DiskInfo");
      }
      if (!volume.getDisk().hasPersistence()) {
        return Optional.of("Not a persistent volume: 'persistence' is not set in DiskInfo");
      }
      if (!volume.getDisk().hasVolume()) {
        return Optional.of(
            "Not a persistent volume: Expecting 'volume' to be set for persistent volume");
      }
      if (volume.getDisk().getVolume().getMode() == Volume.Mode.RO) {
        return Optional.of("Not a persistent volume: Read-only persistent volume not supported");
      }
      if (!ReservationFormat.reserved(volume)) {
        return Optional.of(
            "Invalid resources: Invalid DiskInfo: Persistent volumes cannot be created from"
                + " unreserved resources");
      }
    }
    return Optional.empty();
  }

  /** The disk that a volume is made of: of a source of its own, or of the agent's own disk. */
  private static Resource withoutVolume(Resource volume) {
    Resource.Builder plain = volume.toBuilder().clearShared();
    if (volume.getDisk().hasSource()) {
      plain.getDiskBuilder().clearPersistence().clearVolume();
    } else {
      plain.clearDisk();
    }
    return plain.build();
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
