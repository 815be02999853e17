package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RecordIoProperties {
  /** The oracle writes the format by itself; pieces are cut without regard to what they hold. */
  @Property
  void recordsComeOutAsTheyWentInHoweverTheStreamIsCut(
      @ForAll @Size(max = 20) List<byte[]> records,
      @ForAll @IntRange(min = 1, max = 40) int longestPiece,
      @ForAll Random cuts)
      throws Exception {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    for (byte[] record : records) {
      wire.write((record.length + "\n").getBytes(StandardCharsets.US_ASCII));
      wire.write(record);
    }
    RecordIo.Decoder decoder = new RecordIo.Decoder(1 << 20);
    List<byte[]> seen = new ArrayList<>();
    for (int at = 0; at < wire.size(); ) {
      int end = Math.min(wire.size(), at + 1 + cuts.nextInt(longestPiece));
      ByteBuf piece = Unpooled.wrappedBuffer(wire.toByteArray(), at, end - at);
      decoder.decode(piece, record -> seen.add(ByteBufUtil.getBytes(record)));
      assertThat(piece.isReadable()).isFalse();
      at = end;
    }
    assertThat(seen).hasSameSizeAs(records);
    for (int i = 0; i < seen.size(); i++) {
      assertThat(seen.get(i)).isEqualTo(records.get(i));
    }
    assertThat(decoder.isWithinRecord()).isFalse();
  }

  @Property
  void whatIsEncodedIsTheFormat(@ForAll byte[] record) {
    ByteBuf out = Unpooled.buffer();
    RecordIo.encode(record, out);
    byte[] prefix = (record.length + "\n").getBytes(StandardCharsets.US_ASCII);
    assertThat(ByteBufUtil.getBytes(out)).startsWith(prefix).endsWith(record);
    assertThat(out.readableBytes()).isEqualTo(prefix.length + record.length);
  }
}
