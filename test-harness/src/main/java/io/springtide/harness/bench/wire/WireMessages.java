package io.springtide.harness.bench.wire;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.ContainerStatus;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.NetworkInfo;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** Events as large as those of a real master: the fields of its golden traces. */
final class WireMessages {
  static final FrameworkID FRAMEWORK =
      FrameworkID.newBuilder().setValue("77ad78c0-e0fd-4dbc-ad24-22e9979ca0f8-0000").build();

  private static final String MASTER = "77ad78c0-e0fd-4dbc-ad24-22e9979ca0f8";

  private WireMessages() {}

  static Event subscribed() {
    return Event.newBuilder()
        .setType(Event.Type.SUBSCRIBED)
        .setSubscribed(
            Event.Subscribed.newBuilder().setFrameworkId(FRAMEWORK).setHeartbeatIntervalSeconds(15))
        .build();
  }

  static Event offers(int count) {
    Event.Offers.Builder offers = Event.Offers.newBuilder();
    for (int i = 0; i < count; i++) {
      offers.addOffers(
          Offer.newBuilder()
              .setId(OfferID.newBuilder().setValue(MASTER + "-O" + i))
              .setFrameworkId(FRAMEWORK)
              .setAgentId(agent(i))
              .setHostname("host-" + i + ".cloud.example")
              .addResources(scalar("cpus", 16))
              .addResources(scalar("mem", 65536))
              .addResources(scalar("disk", 400000))
              .addResources(
                  Resource.newBuilder()
                      .setName("ports")
                      .setType(Value.Type.RANGES)
                      .setRanges(
                          Value.Ranges.newBuilder()
                              .addRange(Value.Range.newBuilder().setBegin(31000).setEnd(32000)))
                      .setAllocationInfo(allocation()))
              .addAttributes(text("node", "i-" + i))
              .addAttributes(text("zone", "bj-a"))
              .addAttributes(text("rack", "r" + i % 40)));
    }
    return Event.newBuilder().setType(Event.Type.OFFERS).setOffers(offers).build();
  }

  /** An update whose uuid begins with {@code number}. */
  static Event update(long number) {
    ByteBuffer uuid = ByteBuffer.allocate(16);
    uuid.putLong(0, number);
    return Event.newBuilder()
        .setType(Event.Type.UPDATE)
        .setUpdate(
            Event.Update.newBuilder()
                .setStatus(
                    TaskStatus.newBuilder()
                        .setTaskId(TaskID.newBuilder().setValue("weibo-feed-web." + number))
                        .setState(TaskState.TASK_RUNNING)
                        .setSource(TaskStatus.Source.SOURCE_EXECUTOR)
                        .setMessage("running")
                        .setTimestamp(1.7e9 + number)
                        .setAgentId(agent(number % 1000))
                        .setExecutorId(
                            ExecutorID.newBuilder().setValue("springtide-executor-5e1f3c"))
                        .setUuid(ByteString.copyFrom(uuid))
                        .setContainerStatus(
                            ContainerStatus.newBuilder()
                                .setExecutorPid(4711)
                                .addNetworkInfos(
                                    NetworkInfo.newBuilder()
                                        .addIpAddresses(
                                            NetworkInfo.IPAddress.newBuilder()
                                                .setIpAddress("10.1.2.3"))))))
        .build();
  }

  static long number(ByteString uuid) {
    return uuid.asReadOnlyByteBuffer().getLong();
  }

  private static AgentID agent(long number) {
    return AgentID.newBuilder().setValue(MASTER + "-S" + number).build();
  }

  private static Resource.AllocationInfo allocation() {
    return Resource.AllocationInfo.newBuilder().setRole("springtide").build();
  }

  private static Resource scalar(String name, double value) {
    return Resource.newBuilder()
        .setName(name)
        .setType(Value.Type.SCALAR)
        .setScalar(Value.Scalar.newBuilder().setValue(value))
        .setAllocationInfo(allocation())
        .build();
  }

  private static Attribute text(String name, String value) {
    return Attribute.newBuilder()
        .setName(name)
        .setType(Value.Type.TEXT)
        .setText(Value.Text.newBuilder().setValue(value))
        .build();
  }
}
