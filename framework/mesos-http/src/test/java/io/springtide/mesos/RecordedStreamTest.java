package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.springtide.mesos.ScriptedServer.Stream;
import java.util.Base64;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.Test;

/** The very bytes that a Mesos 1.12 master sent to a scheduler in protobuf (golden trace 01b). */
class RecordedStreamTest {
  private static final String SUBSCRIBED =
      "CAES0wEKKwopNWJiYzc2ZDItMzYwZS00MzFmLWFjZjMtNThlMzdmYjIyMTUwLTAwMDARAAAAAAAALkAamgEKJDVi"
          + "YmM3NmQyLTM2MGUtNDMxZi1hY2YzLTU4ZTM3ZmIyMjE1MBD/gIAIGMp1IhZtYXN0ZXJAMTI3LjAuMC4xOjE1"
          + "MDUwKglsb2NhbGhvc3QyBjEuMTIuMDoZCglsb2NhbGhvc3QSCTEyNy4wLjAuMRjKdUIYChYKCgoIcmVnaW9u"
          + "LWESCAoGem9uZS0xSgIIAUoCCAJKAggD";

  private static final String HEARTBEAT = "CAg=";

  private static final String OFFERS =
      "CAIaoQMKngMKKQonNWJiYzc2ZDItMzYwZS00MzFmLWFjZjMtNThlMzdmYjIyMTUwLU8wEisKKTViYmM3NmQyLTM2"
          + "MGUtNDMxZi1hY2YzLTU4ZTM3ZmIyMjE1MC0wMDAwGikKJzViYmM3NmQyLTM2MGUtNDMxZi1hY2YzLTU4ZTM3"
          + "ZmIyMjE1MC1TMCIOYWdlbnQxLmV4YW1wbGUqIwoFcG9ydHMQASIKCggImPIBEID6AVoMCgpzcHJpbmd0aWRl"
          + "KiEKBGNwdXMQABoJCQAAAAAAABBAWgwKCnNwcmluZ3RpZGUqIAoDbWVtEAAaCQkAAAAAAACwQFoMCgpzcHJp"
          + "bmd0aWRlKiEKBGRpc2sQABoJCQAAAAAAiMNAWgwKCnNwcmluZ3RpZGU6EQoEcG9vbBADKgcKBW93bmVkOg4K"
          + "BHJhY2sQAyoECgJyMUIxCgRodHRwEh4KDmFnZW50MS5leGFtcGxlEgkxMjcuMC4wLjEYy3UaCS9zbGF2ZSgx"
          + "KVIMCgpzcHJpbmd0aWRlWhgKFgoKCghyZWdpb24tYRIICgZ6b25lLTI=";

  private static final String TEARDOWN =
      "CisKKTViYmM3NmQyLTM2MGUtNDMxZi1hY2YzLTU4ZTM3ZmIyMjE1MC0wMDAwEAI=";

  @Test
  void theClientReadsWhatARealMasterSent() throws Exception {
    try (SchedulerFixture it = new SchedulerFixture()) {
      Stream stream = it.answered();
      for (String record : new String[] {SUBSCRIBED, HEARTBEAT, OFFERS}) {
        ByteBuf chunk = Unpooled.buffer();
        RecordIo.encode(Base64.getDecoder().decode(record), chunk);
        stream.sendBytes(chunk);
      }
      Event.Subscribed subscribed = it.scheduler.expect("SUBSCRIBED").event().getSubscribed();
      assertThat(subscribed.getFrameworkId().getValue())
          .isEqualTo("5bbc76d2-360e-431f-acf3-58e37fb22150-0000");
      assertThat(subscribed.getHeartbeatIntervalSeconds()).isEqualTo(15.0);
      assertThat(subscribed.getMasterInfo().getAddress().getPort()).isEqualTo(15050);
      it.scheduler.expect("HEARTBEAT");
      Offer offer = it.scheduler.expect("OFFERS").event().getOffers().getOffers(0);
      assertThat(offer.getHostname()).isEqualTo("agent1.example");
      assertThat(offer.getResourcesList())
          .extracting(r -> r.getName())
          .containsExactly("ports", "cpus", "mem", "disk");
      assertThat(offer.getResources(1).getScalar().getValue()).isEqualTo(4.0);
      assertThat(offer.getDomain().getFaultDomain().getZone().getName()).isEqualTo("zone-2");

      // What goes back is what the recorder sent, byte for byte.
      Call teardown =
          Call.newBuilder()
              .setType(Call.Type.TEARDOWN)
              .setFrameworkId(subscribed.getFrameworkId())
              .build();
      it.mesos.send(teardown);
      assertThat(it.takeCall(Call.Type.TEARDOWN).body)
          .isEqualTo(Base64.getDecoder().decode(TEARDOWN));
    }
  }
}
