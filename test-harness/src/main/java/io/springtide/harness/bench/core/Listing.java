package io.springtide.harness.bench.core;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.MemoryStateStore;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.http.Door;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.LeadingCore;
import io.springtide.server.http.Listeners;
import io.springtide.server.loop.CoreLoop;
import io.springtide.server.loop.Published;
import io.springtide.server.loop.SteadyClock;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.URLConnection;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Lists all instances of a view through the real HTTP server, page by page as the command line
 * does, over loopback. The client is this thread, which only reads.
 */
final class Listing implements AutoCloseable {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final JsonFactory json = new JsonFactory();
  private final CoreLoop loop;
  private final HttpApi api;

  /** What one request allocated at most, which bounds what it held: garbage included. */
  private long most;

  Listing(ClusterView view) throws HttpApi.PortException {
    SteadyClock clock = SteadyClock.system();
    StateStore store = new MemoryStateStore();
    Published published = new Published(view);
    loop =
        new CoreLoop(
            SchedulerCore.restore(
                CoreConfig.of(DrivenCore.EXECUTOR), store.load(), clock.instant()),
            store,
            published,
            clock,
            reason -> {
              throw new IllegalStateException(reason);
            });
    api =
        new HttpApi(
            Listeners.plain("127.0.0.1", 0), new Door(List.of(), false), name -> Optional.empty());
    api.lead(new LeadingCore(loop, published, pool -> {}));
  }

  /**
   * What listing all cost: wall milliseconds for all pages, the client's reading included; those of
   * CPU that this process took meanwhile; and, in MiB, the most that one request allocated.
   */
  record Cost(Samples wall, Samples cpu, Samples mebibytes) {}

  Cost all(int times, int instances) throws IOException {
    Cost cost = new Cost(new Samples(), new Samples(), new Samples());
    for (int i = 0; i < times; i++) {
      most = 0;
      long cpu = SYSTEM.getProcessCpuTime();
      long begun = System.nanoTime();
      int listed = pages();
      cost.wall.add((System.nanoTime() - begun) / 1e6);
      cost.cpu.add((SYSTEM.getProcessCpuTime() - cpu) / 1e6);
      cost.mebibytes.add(most / (double) (1 << 20));
      if (listed != instances) {
        throw new IllegalStateException(listed + " of " + instances + " were listed");
      }
    }
    return cost;
  }

  private int pages() throws IOException {
    int listed = 0;
    String next = "";
    do {
      long before = allocatedByServer();
      byte[] page = get("/v1/instances?limit=1000" + (next.isEmpty() ? "" : "&cursor=" + next));
      most = Math.max(most, allocatedByServer() - before);
      next = "";
      try (JsonParser parser = json.createParser(page)) {
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
          if (token == JsonToken.START_ARRAY && parser.currentName().equals("items")) {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
              parser.skipChildren();
              listed++;
            }
          } else if (token == JsonToken.FIELD_NAME && parser.currentName().equals("next")) {
            next = parser.nextTextValue();
          }
        }
      }
    } while (!next.isEmpty());
    return listed;
  }

  private byte[] get(String path) throws IOException {
    URI address = URI.create("http://127.0.0.1:" + api.port() + path);
    URLConnection connection = address.toURL().openConnection();
    // An idle connection would hold up the server's end.
    connection.setRequestProperty("Connection", "close");
    try (InputStream in = connection.getInputStream()) {
      return in.readAllBytes();
    }
  }

  private static long allocatedByServer() {
    long own = Thread.currentThread().getId();
    long[] ids = Arrays.stream(THREADS.getAllThreadIds()).filter(id -> id != own).toArray();
    return Arrays.stream(THREADS.getThreadAllocatedBytes(ids)).filter(bytes -> bytes > 0).sum();
  }

  @Override
  public void close() {
    api.close();
    loop.close();
  }
}
