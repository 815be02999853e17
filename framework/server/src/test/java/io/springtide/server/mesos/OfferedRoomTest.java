package io.springtide.server.mesos;

import static io.springtide.server.mesos.FakeMesos.ports;
import static io.springtide.server.mesos.FakeMesos.resource;
import static io.springtide.server.mesos.FakeMesos.scalar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos.Resource;
import org.junit.jupiter.api.Test;

class OfferedRoomTest {
  private static final String OURS = "reservations { type: STATIC role: \"springtide\" }";

  @Test
  void whatIsOfferedIsCountedInTheCoresUnits() {
    OfferedRoom room =
        room(
            scalar("cpus", 0.1, ""),
            scalar("cpus", 0.2, OURS),
            scalar("mem", 1024.5, ""),
            scalar("disk", 10, ""),
            scalar("gpus", 2, ""),
            scalar("crossLinkMbps", 100, ""),
            ports(31000, 31009));
    assertThat(room.total())
        .isEqualTo(new Resources(300, 1024, 10, 2, new TreeMap<>(Map.of("crossLinkMbps", 100L))));
    assertThat(room.ports()).isEqualTo(PortRanges.of(31000, 31009));
  }

  @Test
  void volumesAndRevocableRoomAreNotOurs() {
    OfferedRoom room =
        room(
            scalar("cpus", 4, "revocable {}"),
            scalar("disk", 100, "disk { source { type: MOUNT mount { root: \"/mnt\" } } }"),
            scalar("mem", 64, ""));
    assertThat(room.total()).isEqualTo(Resources.of(0, 64));
  }

  @Test
  void takingLeavesTheRestAndNeverDrifts() throws Exception {
    OfferedRoom room = room(scalar("cpus", 1, ""), scalar("mem", 100, ""));
    for (int i = 0; i < 10; i++) {
      List<Resource> taken = room.take(Resources.of(100, 10), List.of());
      assertThat(taken).hasSize(2);
      assertThat(taken.get(0).getScalar().getValue()).isEqualTo(0.1);
    }
    assertThat(room.total()).isEqualTo(Resources.ZERO);
  }

  @Test
  void whatDoesNotFitTakesNothing() {
    OfferedRoom room = room(scalar("cpus", 1, ""), scalar("mem", 10, ""), ports(31000, 31001));
    assertThatThrownBy(() -> room.take(Resources.of(1000, 11), List.of(31000)))
        .isInstanceOf(OfferedRoom.Lacking.class)
        .hasMessageContaining("lacks 1.0 of 11.0 mem");
    assertThat(room.total()).isEqualTo(Resources.of(1000, 10));
    assertThat(room.ports()).isEqualTo(PortRanges.of(31000, 31001));
  }

  @Test
  void portsThatTheAgentDoesNotGiveOutAreNotAskedOfIt() throws Exception {
    OfferedRoom room = room(scalar("cpus", 1, ""), ports(31000, 31002));
    List<Resource> taken = room.take(Resources.of(1000, 0), List.of(31001, 80));
    Resource ports = taken.get(1);
    assertThat(ports.getRanges().getRangeList()).hasSize(1);
    assertThat(ports.getRanges().getRange(0).getBegin()).isEqualTo(31001);
    assertThat(room.ports().contains(31001)).isFalse();
  }

  private static OfferedRoom room(String... resources) {
    return new OfferedRoom(List.of(resources).stream().map(t -> resource(t)).toList());
  }
}
