package io.springtide.executor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames of an engine's log, however the network cut them. */
class DockerLogTest {
  private static final String TIME = "2026-11-11T00:00:00.123456789Z";

  private final List<String> read = new ArrayList<>();

  private final DockerLog.Reader reader =
      new DockerLog.Reader() {
        @Override
        public void entry(boolean stderr, Instant at, byte[] bytes, int from) {
          assertThat(at).isEqualTo(Instant.parse(TIME));
          String text = new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
          read.add((stderr ? "err:" : "out:") + text);
        }

        @Override
        public void over() {
          throw new AssertionError("said by who reads a container's, not a stream's, end");
        }

        @Override
        public void broken(IOException why) {
          throw new AssertionError(why);
        }
      };

  @Test
  void anEntryIsWholeHoweverItCame() throws Exception {
    String wide = "0 ".repeat(9000);
    byte[] log = join(frame(1, TIME + " a b\n"), frame(2, TIME + " " + wide), frame(1, TIME + " "));
    DockerLog.read(oneByOne(log), reader);
    assertThat(read).containsExactly("out:a b\n", "err:" + wide, "out:");
  }

  @Test
  void whatBreaksOffWithinAnEntryIsNotTaken() {
    byte[] log = join(frame(1, TIME + " whole\n"), frame(1, TIME + " torn\n"));
    byte[] torn = Arrays.copyOf(log, log.length - 1);
    assertThatThrownBy(() -> DockerLog.read(new ByteArrayInputStream(torn), reader))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("broken off");
    byte[] inHeader = Arrays.copyOf(log, frame(1, TIME + " whole\n").length + 5);
    assertThatThrownBy(() -> DockerLog.read(new ByteArrayInputStream(inHeader), reader))
        .isInstanceOf(IOException.class);
    assertThat(read).containsExactly("out:whole\n", "out:whole\n");
  }

  @Test
  void whatIsNoLogIsRefused() {
    byte[] huge = ByteBuffer.allocate(8).put((byte) 1).putInt(4, Integer.MAX_VALUE).array();
    for (byte[] no :
        List.of(
            frame(7, TIME + " x"),
            huge,
            frame(1, "no time"),
            frame(1, ""),
            frame(2, TIME.substring(9)))) {
      assertThatThrownBy(() -> DockerLog.read(new ByteArrayInputStream(no), reader))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("not a log");
    }
    assertThat(read).isEmpty();
  }

  private static byte[] frame(int kind, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + bytes.length)
        .put((byte) kind)
        .put(new byte[3])
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  private static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static InputStream oneByOne(byte[] bytes) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] into, int at, int length) {
        return super.read(into, at, Math.min(1, length));
      }
    };
  }
}
