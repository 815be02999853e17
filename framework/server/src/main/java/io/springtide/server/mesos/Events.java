package io.springtide.server.mesos;

import io.springtide.executor.contract.Labels;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.TaskStatus;

/** Reads what Mesos says into the core's words. */
final class Events {
  private static final String PREFIX = "TASK_";

  private Events() {}

  /**
   * An offer.
   *
   * @param executorIds as the core knows them
   */
  static Offer offer(Protos.Offer offer, Set<String> executorIds) {
    OfferedRoom room = new OfferedRoom(offer.getResourcesList());
    return new Offer(
        offer.getId().getValue(),
        offer.getAgentId().getValue(),
        offer.getHostname(),
        address(offer),
        attributes(offer),
        room.total(),
        room.notReservedTo(offer.getAllocationInfo().getRole()),
        room.ports(),
        executorIds,
        offer.hasUnavailability()
            ? Optional.of(maintenance(offer.getUnavailability()))
            : Optional.empty());
  }

  private static String address(Protos.Offer offer) {
    Protos.Address address = offer.getUrl().getAddress();
    String host = address.hasIp() ? address.getIp() : address.getHostname();
    return (host.isEmpty() ? offer.getHostname() : host) + ":" + address.getPort();
  }

  private static Map<String, String> attributes(Protos.Offer offer) {
    Map<String, String> attributes = new TreeMap<>();
    for (Attribute attribute : offer.getAttributesList()) {
      switch (attribute.getType()) {
        case TEXT -> attributes.put(attribute.getName(), attribute.getText().getValue());
        case SCALAR ->
            attributes.put(attribute.getName(), number(attribute.getScalar().getValue()));
        default -> {
          // Ranges and sets say nothing that a selector or a constraint compares.
        }
      }
    }
    return attributes;
  }

  /** An agent that was told {@code rack:7} says 7.0; a constraint says 7. */
  private static String number(double value) {
    return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : "" + value;
  }

  /** The question whether an agent's machine may go away. */
  static Event.InverseOffered inverseOffer(Protos.InverseOffer offer) {
    return new Event.InverseOffered(
        offer.getId().getValue(),
        offer.getAgentId().getValue(),
        maintenance(offer.getUnavailability()));
  }

  /** When a machine is away. */
  static Maintenance maintenance(Protos.Unavailability unavailability) {
    Instant start = Instant.ofEpochSecond(0, unavailability.getStart().getNanoseconds());
    return new Maintenance(
        start,
        unavailability.hasDuration()
            ? Optional.of(start.plusNanos(unavailability.getDuration().getNanoseconds()))
            : Optional.empty());
  }

  static TaskUpdate update(TaskStatus status) {
    return new TaskUpdate(
        status.getTaskId().getValue(),
        status.getAgentId().getValue(),
        state(status.getState()),
        status.hasReason() ? status.getReason().name() : "",
        status.getMessage(),
        status.hasHealthy() ? Optional.of(status.getHealthy()) : Optional.empty(),
        Base64.getEncoder().encodeToString(status.getUuid().toByteArray()),
        status.getLabels().getLabelsList().stream()
            .anyMatch(label -> label.getKey().equals(Labels.CONDEMNED)));
  }

  static TaskState state(Protos.TaskState state) {
    return TaskState.valueOf(state.name().substring(PREFIX.length()));
  }
}
