package io.springtide.harness.emulator.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.emulator.Probes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.OperationState;
import org.apache.mesos.v1.Protos.OperationStatus;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.Test;

/** Recordings 03, 03b, 03c and 16: offers, filters, roles, reservations. */
class OffersConformanceIT extends LiveConformance {

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static Event offers(LiveScheduler it, AgentID agent) throws InterruptedException {
    return it.await(
        "another offer of agent " + agent.getValue(),
        e ->
            e.getType() == Event.Type.OFFERS
                && e.getOffers().getOffersList().stream()
                    .anyMatch(o -> o.getAgentId().equals(agent)));
  }

  private static double cpus(Event event, AgentID agent) {
    return event.getOffers().getOffersList().stream()
        .filter(offer -> offer.getAgentId().equals(agent))
        .mapToDouble(Probes::cpus)
        .max()
        .orElse(0);
  }

  @Test
  void trace03ADeclinedOfferComesAgainAfterItsFilterAndNotBefore() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      it.take(e -> e.getType() == Event.Type.OFFERS);
      long declined = System.nanoTime();
      it.decline(List.of(offer.getId()), 2);
      Event again = offers(it, offer.getAgentId());
      // Somebody else may have given something back: then it is more, and no filter stands.
      if (cpus(again, offer.getAgentId()) <= Probes.cpus(offer) + 1e-9) {
        assertThat(seconds(declined)).as("seconds until it came again").isGreaterThan(1.8);
      }
    }
  }

  @Test
  void trace03AnAcceptWithoutOperationsDeclines() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      it.take(e -> e.getType() == Event.Type.OFFERS);
      it.accept(List.of(offer.getId()));
      offers(it, offer.getAgentId());
    }
  }

  @Test
  void trace03ReviveEndsEveryFilter() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      it.take(e -> e.getType() == Event.Type.OFFERS);
      it.decline(List.of(offer.getId()), 3600);
      it.send(it.call(Call.Type.REVIVE));
      offers(it, offer.getAgentId());
    }
  }

  @Test
  void trace03ASuppressedRoleIsOfferedNothingUntilItRevives() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      it.send(it.call(Call.Type.SUPPRESS));
      it.decline(List.of(offer.getId()), 0);
      // What was under way when the call came is still ours.
      it.offering(master.allocationInterval().plusSeconds(1));
      it.declineAll(0);
      Set<AgentID> offering =
          it.offering(master.allocationInterval().multipliedBy(2).plusSeconds(1));
      assertThat(offering).as("agents that offered while suppressed").isEmpty();
      Call.Builder revive = it.call(Call.Type.REVIVE);
      revive.getReviveBuilder().addRoles(master.role());
      it.send(revive);
      it.offer();
    }
  }

  @Test
  void trace03cARoleThatSubscribesSuppressedIsOfferedNothing() throws Exception {
    try (LiveScheduler it =
        LiveScheduler.subscribed(
            master, LiveScheduler.framework(master).build(), Set.of(master.role()))) {
      assertThat(it.offering(master.allocationInterval().multipliedBy(2).plusSeconds(1)))
          .as("agents that offered")
          .isEmpty();
      it.send(it.call(Call.Type.REVIVE));
      it.offer();
    }
  }

  private static TaskStatus dropped(LiveScheduler it, String taskId) throws InterruptedException {
    TaskStatus status = it.update(taskId, TaskState.TASK_DROPPED);
    assertThat(status.getSource()).isEqualTo(TaskStatus.Source.SOURCE_MASTER);
    assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_INVALID_OFFERS);
    assertThat(status.hasUuid()).as("an update of the master's own needs no ACK").isFalse();
    return status;
  }

  @Test
  void trace03AnOfferIsGoodForOneAccept() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      it.accept(List.of(offer.getId()));
      String stale = LiveScheduler.taskId("stale");
      it.launch(offer, LiveScheduler.command(offer, stale, "true"));
      assertThat(dropped(it, stale).getMessage())
          .isEqualTo(
              "Task launched with invalid offers: Offer "
                  + offer.getId().getValue()
                  + " is no longer valid");

      String nonsense = LiveScheduler.taskId("nonsense");
      it.accept(
          List.of(OfferID.newBuilder().setValue("nonsense").build()),
          LiveScheduler.launch(LiveScheduler.command(offer, nonsense, "true")));
      assertThat(dropped(it, nonsense).getMessage())
          .isEqualTo("Task launched with invalid offers: Offer nonsense is no longer valid");

      String none = LiveScheduler.taskId("none");
      it.accept(List.of(), LiveScheduler.launch(LiveScheduler.command(offer, none, "true")));
      assertThat(dropped(it, none).getMessage())
          .isEqualTo("Task launched with invalid offers: No offers specified");

      Offer next = it.offer();
      String twice = LiveScheduler.taskId("twice");
      it.accept(
          List.of(next.getId(), next.getId()),
          LiveScheduler.launch(LiveScheduler.command(next, twice, "true")));
      assertThat(dropped(it, twice).getMessage())
          .isEqualTo(
              "Task launched with invalid offers: Duplicate offer "
                  + next.getId().getValue()
                  + " in offer list");
    }
  }

  @Test
  void trace03OffersOfTwoAgentsAreNotAcceptedTogether() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      List<Offer> two =
          it.offersOfTwoAgents(master.allocationInterval().multipliedBy(3).plusSeconds(5));
      if (two.isEmpty()) {
        needs("two agents that offer at the same time");
      }
      String mixed = LiveScheduler.taskId("mixed");
      it.accept(
          List.of(two.get(0).getId(), two.get(1).getId()),
          LiveScheduler.launch(LiveScheduler.command(two.get(0), mixed, "true")));
      assertThat(dropped(it, mixed).getMessage())
          .startsWith(
              "Task launched with invalid offers: Aggregated offers must belong to one single"
                  + " agent. Offer ");
    }
  }

  @Test
  void trace03WhatAFrameworkMayNotChangeIsRefused() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      FrameworkInfo info = it.info();
      update(it, info.toBuilder().setUser("somebody-else").build());
      assertThat(it.awaitTold("refused UPDATE_FRAMEWORK"))
          .isEqualTo(
              "refused UPDATE_FRAMEWORK 400 FrameworkInfo update is not valid: Updating"
                  + " 'FrameworkInfo.user' is unsupported; attempted to update from '"
                  + info.getUser()
                  + "' to 'somebody-else'");
      update(it, info.toBuilder().setCheckpoint(false).build());
      assertThat(it.awaitTold("refused UPDATE_FRAMEWORK"))
          .endsWith(
              "Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update from"
                  + " 'true' to 'false'");
      update(it, info.toBuilder().clearRoles().addRoles("a b").build());
      assertThat(it.awaitTold("refused UPDATE_FRAMEWORK"))
          .startsWith(
              "refused UPDATE_FRAMEWORK 400 Supplied FrameworkInfo is not valid:"
                  + " 'FrameworkInfo.roles' contains invalid role");
    }
  }

  private static void update(LiveScheduler it, FrameworkInfo info) {
    Call.Builder call = it.call(Call.Type.UPDATE_FRAMEWORK);
    call.getUpdateFrameworkBuilder().setFrameworkInfo(info);
    it.send(call);
  }

  @Test
  void trace03AnOfferOfARoleThatIsGivenUpIsRescinded() throws Exception {
    if (master.hasWhitelist()) {
      needs("a master that admits every role (no --roles)");
    }
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      update(it, it.info().toBuilder().clearRoles().addRoles(master.role() + "-too").build());
      awaitRescind(it, offer.getId(), master.patience());
    }
  }

  @Test
  void trace03bAnOfferThatNobodyAnswersIsRescinded() throws Exception {
    Duration timeout = master.duration("offer_timeout").orElse(Duration.ZERO);
    if (timeout.isZero() || timeout.compareTo(Duration.ofMinutes(2)) > 0) {
      needs("a master with an --offer_timeout of at most 2 minutes");
    }
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      awaitRescind(it, offer.getId(), timeout.plus(master.patience()));
    }
  }

  private static void awaitRescind(LiveScheduler it, OfferID offer, Duration patience)
      throws InterruptedException {
    it.await(
        "RESCIND of " + offer.getValue(),
        e -> e.getType() == Event.Type.RESCIND && e.getRescind().getOfferId().equals(offer),
        patience);
  }

  // --- 16

  private static Offer.Operation reserve(List<Resource> resources, String id) {
    Offer.Operation.Builder operation =
        Offer.Operation.newBuilder().setType(Offer.Operation.Type.RESERVE);
    operation.getIdBuilder().setValue(id);
    operation.getReserveBuilder().addAllResources(resources);
    return operation.build();
  }

  /** Reserved for our role, as an operation wants to see it. */
  private Resource reserved(Resource resource) {
    Resource.Builder out = resource.toBuilder();
    Resource.ReservationInfo.Builder reservation = out.addReservationsBuilder();
    reservation.setType(Resource.ReservationInfo.Type.DYNAMIC).setRole(master.role());
    if (!master.principal().isEmpty()) {
      reservation.setPrincipal(master.principal());
    }
    return out.build();
  }

  private static OperationStatus operation(LiveScheduler it, String id)
      throws InterruptedException {
    return it.await(
            "the status of operation " + id,
            e ->
                e.getType() == Event.Type.UPDATE_OPERATION_STATUS
                    && e.getUpdateOperationStatus()
                        .getStatus()
                        .getOperationId()
                        .getValue()
                        .equals(id))
        .getUpdateOperationStatus()
        .getStatus();
  }

  @Test
  void trace16AReservationIsReportedAndTakenBack() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      Resource plain = LiveScheduler.part(offer, "cpus", LiveScheduler.CPUS);
      if (plain.getReservationsCount() > 0) {
        needs("an agent with unreserved resources");
      }
      Resource reserved = reserved(plain);
      String id = LiveScheduler.taskId("reserve");
      it.accept(List.of(offer.getId()), reserve(List.of(reserved), id));
      OperationStatus status = operation(it, id);
      assertThat(status.getMessage()).isEmpty();
      assertThat(status.getState()).isEqualTo(OperationState.OPERATION_FINISHED);
      assertThat(status.hasUuid()).isTrue();
      assertThat(status.getAgentId()).isEqualTo(offer.getAgentId());
      Call.Builder ack = it.call(Call.Type.ACKNOWLEDGE_OPERATION_STATUS);
      ack.getAcknowledgeOperationStatusBuilder()
          .setAgentId(status.getAgentId())
          .setUuid(status.getUuid().getValue())
          .setOperationId(status.getOperationId());
      it.send(ack);
      unreserve(it, offer.getAgentId(), reserved);
    }
  }

  /** Whatever comes: a reservation that stays would be missing to everybody else. */
  private static void unreserve(LiveScheduler it, AgentID agent, Resource reserved)
      throws InterruptedException {
    Offer holds = it.offerOf(agent);
    for (int i = 0; i < 5 && !holds.getResourcesList().contains(reserved); i++) {
      it.decline(List.of(holds.getId()), 0);
      holds = it.offerOf(agent);
    }
    assertThat(holds.getResourcesList()).as("resources offered").contains(reserved);
    Offer.Operation.Builder operation =
        Offer.Operation.newBuilder().setType(Offer.Operation.Type.UNRESERVE);
    String id = LiveScheduler.taskId("unreserve");
    operation.getIdBuilder().setValue(id);
    operation.getUnreserveBuilder().addResources(reserved);
    it.accept(List.of(holds.getId()), operation.build());
    assertThat(operation(it, id).getState()).isEqualTo(OperationState.OPERATION_FINISHED);
  }

  @Test
  void trace16WhatCannotBeReservedIsAnError() throws Exception {
    try (LiveScheduler it = LiveScheduler.subscribed(master)) {
      Offer offer = it.offer();
      Resource much =
          reserved(
              LiveScheduler.part(offer, "cpus", LiveScheduler.CPUS).toBuilder()
                  .clearReservations()
                  .setScalar(org.apache.mesos.v1.Protos.Value.Scalar.newBuilder().setValue(100_000))
                  .build());
      String id = LiveScheduler.taskId("too-much");
      it.accept(List.of(offer.getId()), reserve(List.of(much), id));
      OperationStatus status = operation(it, id);
      assertThat(status.getState()).isEqualTo(OperationState.OPERATION_ERROR);
      assertThat(status.getMessage()).contains(" does not contain ");

      String stale = LiveScheduler.taskId("stale");
      it.accept(List.of(offer.getId()), reserve(List.of(much), stale));
      assertThat(operation(it, stale).getMessage())
          .isEqualTo(
              "Operation attempted with invalid offers: Offer "
                  + offer.getId().getValue()
                  + " is no longer valid");

      List<String> unknown = new ArrayList<>();
      Call.Builder reconcile = it.call(Call.Type.RECONCILE_OPERATIONS);
      for (String name : List.of("a", "b")) {
        unknown.add(LiveScheduler.taskId(name));
        reconcile
            .getReconcileOperationsBuilder()
            .addOperationsBuilder()
            .getOperationIdBuilder()
            .setValue(unknown.get(unknown.size() - 1));
      }
      it.send(reconcile);
      for (String id2 : unknown) {
        assertThat(operation(it, id2).getState()).isEqualTo(OperationState.OPERATION_UNKNOWN);
      }
    }
  }
}
