package io.springtide.harness.bench.wire;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** Sends updates and times their acknowledgements; all on the master's thread. */
final class RoundTrips {
  final Histogram latency = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
  final CountDownLatch done = new CountDownLatch(1);
  private final long[] sentAt;
  private int sent;
  private int acknowledged;
  private final boolean closedLoop;
  private WireMaster master;

  /**
   * @param closedLoop whether another is sent for each that is acknowledged
   */
  RoundTrips(int count, boolean closedLoop) {
    sentAt = new long[count];
    this.closedLoop = closedLoop;
  }

  /** Before anything is sent. */
  void through(WireMaster those) {
    master = those;
  }

  void send(int count) {
    for (int i = 0; i < count && sent < sentAt.length; i++) {
      sentAt[sent] = System.nanoTime();
      master.write(WireMaster.chunk(WireMessages.update(sent)));
      sent++;
    }
    master.flush();
  }

  void acknowledged(Call call) {
    int number = (int) WireMessages.number(call.getAcknowledge().getUuid());
    if (number != acknowledged) {
      throw new IllegalStateException(
          "acknowledgement " + number + " came where " + acknowledged + " was due");
    }
    acknowledged++;
    latency.recordValue(System.nanoTime() - sentAt[number]);
    if (acknowledged == sentAt.length) {
      done.countDown();
    } else if (closedLoop && sent < sentAt.length) {
      // Flushed when all that was read has been dealt with.
      sentAt[sent] = System.nanoTime();
      master.write(WireMaster.chunk(WireMessages.update(sent)));
      sent++;
    }
  }
}
