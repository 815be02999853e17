package io.springtide.harness.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.mesos.ProtobufGencode;
import java.nio.file.Path;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.OperationState;
import org.apache.mesos.v1.Protos.OperationStatus;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Volume;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Offer operations about disks. */
class VolumesTest {

  static {
    ProtobufGencode.allow();
  }

  @TempDir Path dir;
  private MesosEmulator mesos;
  private SchedulerProbe scheduler;
  private int operations;

  @BeforeEach
  void start() throws Exception {
    mesos = QuickMesos.in(dir);
    QuickMesos.join(mesos, "agent1", "cpus:4;mem:4096;disk:100;disk(springtide):1000");
    scheduler = new SchedulerProbe(mesos.masterUri(), SchedulerProbe.framework("probe"));
  }

  @AfterEach
  void stop() {
    scheduler.close();
    mesos.close();
  }

  private static Resource disk(Offer offer, boolean reserved) {
    return offer.getResourcesList().stream()
        .filter(r -> r.getName().equals("disk") && r.getReservationsCount() > 0 == reserved)
        .findFirst()
        .orElseThrow();
  }

  private static Resource volume(Resource disk) {
    Resource.Builder volume = disk.toBuilder();
    volume.getScalarBuilder().setValue(50);
    volume.getDiskBuilder().getPersistenceBuilder().setId("data");
    volume.getDiskBuilder().getVolumeBuilder().setContainerPath("data").setMode(Volume.Mode.RW);
    return volume.build();
  }

  private OperationStatus carryOut(Offer offer, Offer.Operation.Builder operation)
      throws InterruptedException {
    operation.getIdBuilder().setValue("op-" + ++operations);
    Call.Builder call = scheduler.call(Call.Type.ACCEPT);
    call.getAcceptBuilder().addOfferIds(offer.getId()).addOperations(operation);
    call.getAcceptBuilder().getFiltersBuilder().setRefuseSeconds(0);
    scheduler.send(call);
    return scheduler
        .await(event -> event.getType() == Event.Type.UPDATE_OPERATION_STATUS)
        .getUpdateOperationStatus()
        .getStatus();
  }

  private static Offer.Operation.Builder create(Resource volume) {
    Offer.Operation.Builder operation =
        Offer.Operation.newBuilder().setType(Offer.Operation.Type.CREATE);
    operation.getCreateBuilder().addVolumes(volume);
    return operation;
  }

  private static Offer.Operation.Builder destroy(Resource volume) {
    Offer.Operation.Builder operation =
        Offer.Operation.newBuilder().setType(Offer.Operation.Type.DESTROY);
    operation.getDestroyBuilder().addVolumes(volume);
    return operation;
  }

  @Test
  void aVolumeIsMadeOfReservedDiskOfferedAndDestroyed() throws Exception {
    Offer offer = scheduler.offer();
    Resource volume = volume(disk(offer, true));
    assertThat(carryOut(offer, create(volume)).getState())
        .isEqualTo(OperationState.OPERATION_FINISHED);

    Offer with = scheduler.offer();
    assertThat(with.getResourcesList()).contains(volume);
    assertThat(carryOut(with, destroy(volume)).getState())
        .isEqualTo(OperationState.OPERATION_FINISHED);

    Offer without = scheduler.offer();
    assertThat(disk(without, true).getScalar().getValue()).isEqualTo(1000);
    OperationStatus again = carryOut(without, destroy(volume));
    assertThat(again.getState()).isEqualTo(OperationState.OPERATION_ERROR);
    assertThat(again.getMessage()).isEqualTo("Persistent volumes not found");
  }

  @Test
  void whatCannotBeDoneIsAnErrorInMesosWords() throws Exception {
    Offer offer = scheduler.offer();
    OperationStatus unreserved = carryOut(offer, create(volume(disk(offer, false))));
    assertThat(unreserved.getState()).isEqualTo(OperationState.OPERATION_ERROR);
    assertThat(unreserved.getMessage())
        .contains("Persistent volumes cannot be created from unreserved resources");

    offer = scheduler.offer();
    assertThat(carryOut(offer, create(disk(offer, true))).getMessage())
        .startsWith("Not a persistent volume: Resource disk")
        .endsWith("does not have DiskInfo");

    offer = scheduler.offer();
    Offer.Operation.Builder grow =
        Offer.Operation.newBuilder().setType(Offer.Operation.Type.GROW_VOLUME);
    grow.getGrowVolumeBuilder().setVolume(volume(disk(offer, true))).setAddition(disk(offer, true));
    assertThat(carryOut(offer, grow).getMessage())
        .endsWith("cannot be grown on an agent without RESIZE_VOLUME capability");
    assertThat(scheduler.offer().getResourcesList())
        .as("nothing has changed")
        .containsAll(offer.getResourcesList());
  }
}
