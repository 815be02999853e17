package io.springtide.harness.emulator.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.mesos.ProtobufGencode;
import java.util.List;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;
import org.junit.jupiter.api.Test;

class RoleRoomTest {
  static {
    ProtobufGencode.allow();
  }

  private static List<Resource> agent(String reservedTo) {
    return List.of(
        scalar("cpus", 4, reservedTo), scalar("mem", 2048, reservedTo), scalar("disk", 999, "*"));
  }

  private static Resource scalar(String name, double amount, String reservedTo) {
    Resource.Builder resource =
        Resource.newBuilder()
            .setName(name)
            .setType(Value.Type.SCALAR)
            .setAllocationInfo(Resource.AllocationInfo.getDefaultInstance());
    resource.getScalarBuilder().setValue(amount);
    if (!reservedTo.equals("*")) {
      resource.addReservationsBuilder().setRole(reservedTo);
    }
    return resource.build();
  }

  @Test
  void anAgentWithADefaultRoleOffersToThatRoleAndThoseBelowIt() {
    assertThat(RoleRoom.in(agent("*"), "springtide-conformance")).isTrue();
    assertThat(RoleRoom.in(agent("springtide"), "springtide-conformance")).isFalse();
    assertThat(RoleRoom.in(agent("springtide"), "springtide")).isTrue();
    assertThat(RoleRoom.in(agent("prod"), "prod/springtide")).isTrue();
    assertThat(RoleRoom.in(agent("prod/springtide"), "prod")).isFalse();
  }
}
