package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.Label;
import org.apache.mesos.v1.Protos.Labels;
import org.apache.mesos.v1.Protos.Offer;
import org.apache.mesos.v1.Protos.OfferID;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.junit.jupiter.api.Test;

/**
 * Random and mutated records. Whatever comes, a decoder hands on messages or throws
 * MalformedException: it does not hang, does not throw anything else, and holds on to nothing.
 *
 * <p>{@code -Dfuzz.records=1000000} for more, {@code -Dfuzz.seed=} to repeat a run.
 */
class WireFuzzTest {
  private static final int RECORDS = Integer.getInteger("fuzz.records", 200_000);
  private static final int MAX_RECORD_BYTES = 64 << 10;

  private final long seed = Long.getLong("fuzz.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<Parser<? extends MessageLite>> parsers =
      List.of(
          org.apache.mesos.v1.scheduler.Protos.Event.parser(),
          org.apache.mesos.v1.scheduler.Protos.Call.parser(),
          org.apache.mesos.v1.executor.Protos.Event.parser(),
          org.apache.mesos.v1.executor.Protos.Call.parser(),
          org.apache.mesos.v1.master.Protos.Event.parser());
  private final List<byte[]> seeds = seeds();

  @Test
  void decodersLiveThroughWhateverComes() {
    System.out.println("WireFuzzTest: -Dfuzz.seed=" + seed + " -Dfuzz.records=" + RECORDS);
    PooledByteBufAllocator allocator = new PooledByteBufAllocator(true, 0, 1, 8192, 7, 0, 0, false);
    int whole = 0;
    int refused = 0;
    RecordIo.Decoder decoder = new RecordIo.Decoder(MAX_RECORD_BYTES);
    for (int i = 0; i < RECORDS; i++) {
      ByteBuf stream = allocator.directBuffer();
      frame(mutated(), stream);
      Parser<? extends MessageLite> parser = parsers.get(i % parsers.size());
      int[] seen = {0};
      try {
        while (stream.isReadable()) {
          ByteBuf piece = stream.readSlice(1 + random.nextInt(stream.readableBytes()));
          decoder.decode(
              piece,
              record -> {
                if (record.readableBytes() > MAX_RECORD_BYTES) {
                  throw new AssertionError("a record above the limit");
                }
                RecordIo.parse(record, parser);
                seen[0]++;
              });
        }
        whole += seen[0];
      } catch (RecordIo.MalformedException e) {
        refused++;
        decoder = new RecordIo.Decoder(MAX_RECORD_BYTES);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", record " + i, e);
      }
      stream.release();
    }
    // A run in which everything is refused, or nothing, tests only half of it.
    assertThat(whole).as("seed %d", seed).isGreaterThan(RECORDS / 20);
    assertThat(refused).as("seed %d", seed).isGreaterThan(RECORDS / 20);
    assertThat(allocator.metric().directArenas().get(0).numActiveAllocations()).isZero();
  }

  /** A message in trouble: bits turned, bytes cut out, put in, doubled, or nothing but noise. */
  private byte[] mutated() {
    byte[] record = seeds.get(random.nextInt(seeds.size())).clone();
    switch (random.nextInt(8)) {
      case 0 -> {
        record = new byte[random.nextInt(200)];
        random.nextBytes(record);
      }
      case 1 -> record = Arrays.copyOf(record, random.nextInt(record.length + 1));
      case 2 -> {
        byte[] twice = Arrays.copyOf(record, record.length * 2);
        System.arraycopy(record, 0, twice, record.length, record.length);
        record = twice;
      }
      case 3 -> record = nested(record);
      case 4 -> {}
      default -> {
        for (int n = 1 + random.nextInt(4); n > 0 && record.length > 0; n--) {
          record[random.nextInt(record.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
    }
    return record;
  }

  /** Wrapped in itself as some field, over and over: deep nesting must end in an error. */
  private byte[] nested(byte[] record) {
    ByteBuf out = Unpooled.buffer();
    byte[] inner = record.length > 60 ? Arrays.copyOf(record, 60) : record;
    for (int depth = random.nextInt(120); depth > 0 && inner.length < 4000; depth--) {
      out.clear();
      out.writeByte(((1 + random.nextInt(15)) << 3) | 2);
      int length = inner.length;
      for (; length > 0x7f; length >>>= 7) {
        out.writeByte((length & 0x7f) | 0x80);
      }
      out.writeByte(length).writeBytes(inner);
      inner = ByteBufUtil.getBytes(out);
    }
    return inner;
  }

  /** Mostly the right frame. */
  private void frame(byte[] record, ByteBuf out) {
    long length =
        switch (random.nextInt(20)) {
          case 0 -> random.nextLong();
          case 1 -> record.length + random.nextInt(5) - 2L;
          case 2 -> MAX_RECORD_BYTES + 1L;
          default -> record.length;
        };
    out.writeCharSequence(Long.toString(length), StandardCharsets.US_ASCII);
    out.writeByte(random.nextInt(100) == 0 ? random.nextInt(256) : '\n');
    out.writeBytes(record);
  }

  private static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(SchedulerFixture.subscribed().toByteArray());
    seeds.add(SchedulerFixture.heartbeat().toByteArray());
    seeds.add(SchedulerFixture.rescind("o1").toByteArray());
    seeds.add(SchedulerFixture.kill("t1").toByteArray());
    seeds.add(RecordingScheduler.subscribe().toByteArray());
    seeds.add(ExecutorFixture.launch("t1").toByteArray());
    seeds.add(ExecutorFixture.subscribed().toByteArray());
    seeds.add(
        org.apache.mesos.v1.scheduler.Protos.Event.newBuilder()
            .setType(org.apache.mesos.v1.scheduler.Protos.Event.Type.UPDATE)
            .setUpdate(
                org.apache.mesos.v1.scheduler.Protos.Event.Update.newBuilder()
                    .setStatus(
                        TaskStatus.newBuilder()
                            .setTaskId(TaskID.newBuilder().setValue("t1"))
                            .setState(TaskState.TASK_RUNNING)
                            .setTimestamp(1.5)
                            .setLabels(
                                Labels.newBuilder()
                                    .addLabels(Label.newBuilder().setKey("k").setValue("v")))))
            .build()
            .toByteArray());
    seeds.add(
        org.apache.mesos.v1.scheduler.Protos.Event.newBuilder()
            .setType(org.apache.mesos.v1.scheduler.Protos.Event.Type.OFFERS)
            .setOffers(
                org.apache.mesos.v1.scheduler.Protos.Event.Offers.newBuilder()
                    .addOffers(
                        Offer.newBuilder()
                            .setId(OfferID.newBuilder().setValue("o1"))
                            .setFrameworkId(FrameworkID.newBuilder().setValue("f"))
                            .setAgentId(AgentID.newBuilder().setValue("a"))
                            .setHostname("h")
                            .addResources(
                                Resource.newBuilder()
                                    .setName("cpus")
                                    .setType(Value.Type.SCALAR)
                                    .setScalar(Value.Scalar.newBuilder().setValue(4)))
                            .addAttributes(
                                Attribute.newBuilder()
                                    .setName("rack")
                                    .setType(Value.Type.TEXT)
                                    .setText(Value.Text.newBuilder().setValue("r1")))))
            .build()
            .toByteArray());
    return seeds;
  }
}
