package io.springtide.mesos;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordIoTest {
  private final List<String> seen = new ArrayList<>();
  private final RecordIo.Decoder decoder = new RecordIo.Decoder(100);

  @Test
  void aMessageIsWrittenAsItsLengthALineFeedAndItsBytes() throws Exception {
    Event event = Event.newBuilder().setType(Event.Type.HEARTBEAT).build();
    ByteBuf out = Unpooled.directBuffer();
    RecordIo.encode(event, out);
    // From the golden trace 01b: the heartbeat is the two bytes 08 08.
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo("320a0808");
    out.release();
  }

  @Test
  void anEmptyRecordIsARecord() throws Exception {
    decode("0\n0\n2\nab");
    assertThat(seen).containsExactly("", "", "ab");
  }

  @Test
  void aRecordAtTheLimitPassesAndOneByteMoreDoesNot() throws Exception {
    decode("100\n" + "x".repeat(100));
    assertThat(seen).hasSize(1);
    assertThatThrownBy(() -> decode("101\n"))
        .isInstanceOf(RecordIo.MalformedException.class)
        .hasMessage("a record of 101 bytes; the limit is 100");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\n", "-1\n", "+1\n", " 1\n", "1 \n", "1\r\n", "0x1\n", "abc", "12345678901"})
  void whatIsNotALengthIsRefused(String text) {
    assertThatThrownBy(() -> decode(text))
        .isInstanceOf(RecordIo.MalformedException.class)
        .hasMessageContaining("expected a record's length");
  }

  @Test
  void afterABrokenRecordNothingIsTrusted() {
    assertThatThrownBy(() -> decode("1\nax")).isInstanceOf(RecordIo.MalformedException.class);
    assertThat(seen).containsExactly("a");
    assertThatThrownBy(() -> decode("1\nb")).isInstanceOf(RecordIo.MalformedException.class);
    assertThat(seen).containsExactly("a");
  }

  @Test
  void aStreamCutOffWithinARecordIsNoticed() throws Exception {
    assertThat(decoder.isWithinRecord()).isFalse();
    decode("1");
    assertThat(decoder.isWithinRecord()).isTrue();
    decode("\n");
    assertThat(decoder.isWithinRecord()).isTrue();
    decode("a");
    assertThat(decoder.isWithinRecord()).isFalse();
  }

  private void decode(String text) throws RecordIo.MalformedException {
    decoder.decode(
        Unpooled.copiedBuffer(text, US_ASCII), record -> seen.add(record.toString(US_ASCII)));
  }
}
