package io.springtide.harness.bench.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.springtide.harness.bench.registry.FaultRelay.Answer;
import io.springtide.harness.bench.registry.FaultRelay.Fault;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How one who is asked may go wrong once. */
final class Faults {
  private Faults() {}

  /** Answers that wait in their middle for the test. */
  static final class Hold {
    private final CountDownLatch reached;
    private final CountDownLatch released = new CountDownLatch(1);

    /** {@code answers}: so many wait before the test goes on. */
    Hold(int answers) {
      reached = new CountDownLatch(answers);
    }

    /** False if not all of them came that far in a minute. */
    boolean await() throws InterruptedException {
      return reached.await(Patience.seconds(), TimeUnit.SECONDS);
    }

    void release() {
      released.countDown();
    }
  }

  /** {@code count} bytes of the body, a wait for the test, and the end of the connection. */
  static Fault cutAfter(int count, Hold hold) {
    return (answer, out) -> {
      begin(answer, count, out);
      hold.reached.countDown();
      hold.released.await();
    };
  }

  /** {@code count} bytes of the body at once, then one now and then until the other side leaves. */
  static Fault dripAfter(int count) {
    CountDownLatch never = new CountDownLatch(1);
    return (answer, out) -> {
      begin(answer, count, out);
      while (!never.await(50, TimeUnit.MILLISECONDS)) {
        out.write(answer.body().read());
        out.flush();
      }
    };
  }

  /** A body of the right length, and nothing right in it. */
  static Fault otherBytes() {
    return (answer, out) -> {
      byte[] bytes = new byte[answer.length()];
      new Random(answer.length()).nextBytes(bytes);
      out.write(answer.head().getBytes(ISO_8859_1));
      out.write(bytes);
    };
  }

  static Fault noHttp() {
    return (answer, out) -> out.write("\0\1 this is no HTTP\r\n\r\n".getBytes(ISO_8859_1));
  }

  static Fault tooManyRequests(int retryAfterSeconds) {
    String head =
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: "
            + retryAfterSeconds
            + "\r\nContent-Length: 0\r\n\r\n";
    return (answer, out) -> out.write(head.getBytes(ISO_8859_1));
  }

  /** The right answer, when the test says so. */
  static Fault later(Hold hold) {
    return (answer, out) -> {
      hold.reached.countDown();
      hold.released.await();
      FaultRelay.NONE.write(answer, out);
    };
  }

  private static void begin(Answer answer, int count, OutputStream out) throws IOException {
    out.write(answer.head().getBytes(ISO_8859_1));
    out.write(answer.body().readNBytes(count));
    out.flush();
  }
}
