package io.springtide.harness.bench.wire;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.buffer.ByteBuf;
import io.springtide.mesos.ProtobufGencode;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code tide bench wire}: how much of Mesos' scheduler API the client takes. */
@Command(
    name = "wire",
    mixinStandardHelpOptions = true,
    description =
        "Measures the client of Mesos' scheduler API over loopback, with real HTTP and protobuf,"
            + " against a master that does nothing but answer. Client and master share this JVM"
            + " and its cores: on a busy machine look at the CPU times, not at the rates.",
    footerHeading = "%nWhat is measured, in this order:%n",
    footer = {
      "  offers    OFFERS events of 1,000 offers each, until the scheduler has them",
      "            (offersDecodedPerSecond, clientCpuMicrosPerOffer)",
      "  updates   UPDATE sent, received, ACKNOWLEDGE sent over the pipelined",
      "            connection and answered 202; as many under way as --in-flight says",
      "            (updateRoundTripsPerSecond, clientCpuMicrosPerUpdate, ackP99Millis;",
      "            target: 10,000/s on 2 cores, which a real master does)",
      "  paced     the same at 2,000/s: the latency of a client that is not overrun",
      "            (ackP50MillisAtRate, ackP99MillisAtRate)",
      "  flood     as many events as the socket takes, acknowledged as they come;",
      "            the heap before and after, garbage collected (floodHeapGrowthBytes,",
      "            and floodHeapSteady: it grew by less than 4 MiB)",
      "",
      "Half a minute on an idle machine. A short one:",
      "  tide bench wire --updates 30000 --offer-events 40 --flood 10000",
      "Progress goes to standard error, the result to standard output."
    })
public final class WireBench implements Callable<Integer> {
  static {
    ProtobufGencode.allow();
  }

  private static final int OFFERS_PER_EVENT = 1_000;
  private static final int PACED_PER_SECOND = 2_000;
  private static final int PACED_BATCH = 20;

  /** What the JVM's own books may take while 100,000 events pass. */
  private static final long STEADY_BYTES = 4 << 20;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(
      names = "--updates",
      defaultValue = "300000",
      description = "Updates at full speed; default ${DEFAULT-VALUE}.")
  private int updates;

  @Option(
      names = "--in-flight",
      defaultValue = "128",
      description = "Updates sent and not acknowledged yet; default ${DEFAULT-VALUE}.")
  private int inFlight;

  @Option(
      names = "--offer-events",
      defaultValue = "400",
      description = "OFFERS events, of 1,000 offers each; default ${DEFAULT-VALUE}.")
  private int offerEvents;

  @Option(
      names = "--paced-seconds",
      defaultValue = "5",
      description = "How long to send at a steady rate; default ${DEFAULT-VALUE}.")
  private int pacedSeconds;

  @Option(
      names = "--flood",
      defaultValue = "100000",
      description = "Events sent as fast as the socket takes them; default ${DEFAULT-VALUE}.")
  private int flood;

  @Spec private CommandSpec spec;

  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  @Override
  public Integer call() throws Exception {
    WireReport report = run();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(new ObjectMapper().writeValueAsString(report));
    } else {
      out.printf("offers decoded          %,12d /s%n", report.offersDecodedPerSecond());
      out.printf("update round trips      %,12d /s%n", report.updateRoundTripsPerSecond());
      out.printf("client CPU per update   %12.1f us%n", report.clientCpuMicrosPerUpdate());
      out.printf("ack p99, full speed     %12.2f ms%n", report.ackP99Millis());
      out.printf(
          "ack p99, %,d/s        %12.2f ms%n",
          report.pacedUpdatesPerSecond(), report.ackP99MillisAtRate());
      out.printf(
          "heap growth over %,d events %,d bytes%n",
          report.floodEvents(), report.floodHeapGrowthBytes());
    }
    out.flush();
    return 0;
  }

  WireReport run() throws Exception {
    progress("warming up: %,d updates, %,d offers", updates / 3, offerEvents / 4 * 1_000);
    updates(updates / 3, inFlight);
    offers(Math.max(1, offerEvents / 4));
    progress("offers: %,d events of 1,000", offerEvents);
    Offers offers = offers(offerEvents);
    progress("updates: %,d round trips, %,d under way", updates, inFlight);
    Updates full = updates(updates, inFlight);
    progress("paced: %,d/s for %,d s", PACED_PER_SECOND, pacedSeconds);
    Updates paced = paced(PACED_PER_SECOND * pacedSeconds);
    progress("flood: %,d events", flood);
    Flood flooded = flood();
    return new WireReport(
        offers.perSecond,
        offers.cpuMicros,
        offers.eventBytes,
        full.perSecond,
        inFlight,
        full.cpuMicros,
        full.latency.getValueAtPercentile(99) / 1e6,
        paced.latency.getValueAtPercentile(50) / 1e6,
        paced.latency.getValueAtPercentile(99) / 1e6,
        PACED_PER_SECOND,
        flood,
        flooded.perSecond,
        flooded.growth,
        flooded.peak,
        flooded.growth < STEADY_BYTES,
        Runtime.getRuntime().availableProcessors(),
        Runtime.version().toString());
  }

  private void progress(String what, Object... numbers) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(String.format(Locale.ROOT, what, numbers));
    err.flush();
  }

  private record Offers(long perSecond, double cpuMicros, int eventBytes) {}

  private Offers offers(int events) throws Exception {
    CountDownLatch taken = new CountDownLatch(events);
    ByteBuf chunk = WireMaster.chunk(WireMessages.offers(OFFERS_PER_EVENT));
    try (WireMaster master = new WireMaster(call -> {});
        WireClient client =
            new WireClient(
                master,
                (mesos, event) -> {
                  if (event.getOffers().getOffersCount() == OFFERS_PER_EVENT) {
                    taken.countDown();
                  }
                })) {
      client.subscribe();
      long cpu = clientCpuNanos();
      long begin = System.nanoTime();
      stream(master, events, i -> chunk.retainedDuplicate());
      await(taken, "offers");
      double seconds = (System.nanoTime() - begin) / 1e9;
      double count = (double) events * OFFERS_PER_EVENT;
      double micros = (clientCpuNanos() - cpu) / 1e3 / count;
      return new Offers((long) (count / seconds), micros, chunk.readableBytes());
    }
  }

  private record Updates(long perSecond, double cpuMicros, Histogram latency) {}

  /** A fixed number of updates under way: the next goes out when one is acknowledged. */
  private Updates updates(int count, int window) throws Exception {
    RoundTrips trips = new RoundTrips(count, true);
    try (WireMaster master = new WireMaster(trips::acknowledged);
        WireClient client = new WireClient(master, WireClient::acknowledge)) {
      trips.through(master);
      client.subscribe();
      long cpu = clientCpuNanos();
      long begin = System.nanoTime();
      master.loop().execute(() -> trips.send(Math.min(window, count)));
      await(trips.done, "acknowledgements");
      double seconds = (System.nanoTime() - begin) / 1e9;
      double micros = (clientCpuNanos() - cpu) / 1e3 / count;
      return new Updates((long) (count / seconds), micros, trips.latency);
    }
  }

  /** A steady rate, well below what is possible. */
  private Updates paced(int count) throws Exception {
    RoundTrips trips = new RoundTrips(count, false);
    try (WireMaster master = new WireMaster(trips::acknowledged);
        WireClient client = new WireClient(master, WireClient::acknowledge)) {
      trips.through(master);
      client.subscribe();
      long periodMicros = 1_000_000L * PACED_BATCH / PACED_PER_SECOND;
      var pace =
          master
              .loop()
              .scheduleAtFixedRate(
                  () -> trips.send(PACED_BATCH), 0, periodMicros, TimeUnit.MICROSECONDS);
      await(trips.done, "acknowledgements");
      pace.cancel(false);
      return new Updates(0, 0, trips.latency);
    }
  }

  private record Flood(long perSecond, long growth, long peak) {}

  /** As fast as the socket takes them, acknowledged as they come. */
  private Flood flood() throws Exception {
    CountDownLatch acknowledged = new CountDownLatch(flood);
    try (WireMaster master = new WireMaster(call -> acknowledged.countDown());
        WireClient client = new WireClient(master, WireClient::acknowledge)) {
      client.subscribe();
      long before = liveHeap();
      resetPeak();
      long begin = System.nanoTime();
      stream(master, flood, i -> WireMaster.chunk(WireMessages.update(i)));
      await(acknowledged, "acknowledgements");
      double seconds = (System.nanoTime() - begin) / 1e9;
      long peak = peak();
      return new Flood((long) (flood / seconds), liveHeap() - before, peak);
    }
  }

  @FunctionalInterface
  private interface Chunks {
    ByteBuf chunk(int index);
  }

  /** Writes chunks as long as the stream is writable, and goes on when it is again. */
  private static void stream(WireMaster master, int count, Chunks chunks) {
    int[] next = {0};
    Runnable pump =
        () -> {
          while (next[0] < count && master.isWritable()) {
            master.write(chunks.chunk(next[0]++));
          }
          master.flush();
        };
    master
        .loop()
        .execute(
            () -> {
              master.whenWritable(pump);
              pump.run();
            });
  }

  private static void await(CountDownLatch latch, String what) throws Exception {
    if (!latch.await(120, TimeUnit.SECONDS)) {
      throw new TimeoutException(latch.getCount() + " " + what + " are missing after 120 s");
    }
  }

  private long clientCpuNanos() {
    long sum = 0;
    for (long id : threads.getAllThreadIds()) {
      var info = threads.getThreadInfo(id);
      if (info != null && info.getThreadName().startsWith("mesos-scheduler-")) {
        sum += threads.getThreadCpuTime(id);
      }
    }
    return sum;
  }

  private static long liveHeap() throws InterruptedException {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void resetPeak() {
    ManagementFactory.getMemoryPoolMXBeans().forEach(MemoryPoolMXBean::resetPeakUsage);
  }

  private static long peak() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .mapToLong(pool -> pool.getPeakUsage().getUsed())
        .sum();
  }
}
