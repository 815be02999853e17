package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** A server, or whoever sits between, may send whatever it likes. */
class EventStreamTest {
  private static final int LONG = 64 * EventStream.MOST_BYTES;

  /** One line of that many bytes, and a whole event behind it. */
  private static final class LongLine extends InputStream {
    private final byte[] rest =
        "\n\nid: 2\nevent: job\ndata: {}\n\n".getBytes(StandardCharsets.UTF_8);
    private long left = LONG;
    private int at;

    @Override
    public int read() {
      if (left > 0) {
        return left-- > LONG - 6 ? "data: ".charAt((int) (LONG - left - 1)) : 'x';
      }
      return at < rest.length ? rest[at++] : -1;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (left > LONG - 6 || left == 0) {
        int one = read();
        if (one < 0) {
          return -1;
        }
        into[from] = (byte) one;
        return 1;
      }
      int some = (int) Math.min(left, length);
      Arrays.fill(into, from, from + some, (byte) 'x');
      left -= some;
      return some;
    }
  }

  @Test
  void aLineWithoutEndTakesNoMoreMemoryThanAnEventMayAndTheNextIsRead() throws IOException {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (EventStream events = new EventStream(new LongLine())) {
      long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      EventStream.Sent first = events.next().orElseThrow();
      long taken = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
      assertThat(first.cut()).isTrue();
      assertThat(first.data()).isEmpty();
      // A buffer that doubles, what it is copied into, and its text: all of it, not at once.
      assertThat(taken).isLessThan(10L * EventStream.MOST_BYTES);
      EventStream.Sent second = events.next().orElseThrow();
      assertThat(second).isEqualTo(new EventStream.Sent("2", "job", "{}", false));
      assertThat(events.next()).isEmpty();
    }
  }
}
