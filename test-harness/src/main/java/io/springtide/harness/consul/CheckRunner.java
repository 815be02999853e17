package io.springtide.harness.consul;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Runs the checks of the stand-in as Consul's agent does, and lets TTLs expire. */
final class CheckRunner implements AutoCloseable {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_OUTPUT = 4096;

  private final ConsulState state;
  private final ScheduledThreadPoolExecutor timer;
  private final ExecutorService workers;
  private final HttpClient http;
  private final Map<String, Future<?>> running = new HashMap<>();
  private final Map<String, Check> defined = new HashMap<>();

  CheckRunner(ConsulState state) {
    this.state = state;
    timer = new ScheduledThreadPoolExecutor(1, daemon("consul-timer"));
    timer.setRemoveOnCancelPolicy(true);
    workers = Executors.newCachedThreadPool(daemon("consul-check"));
    http =
        HttpClient.newBuilder()
            .executor(workers)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
  }

  static ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Starts a check; one that runs already under this id goes on only if it is the same. */
  synchronized void start(String id, Check check) {
    if (check.equals(defined.get(id)) && !check.type().equals("ttl")) {
      return;
    }
    stop(id);
    defined.put(id, check);
    if (check.type().equals("ttl")) {
      beat(id);
      return;
    }
    long interval = Check.duration(check.interval()).toNanos();
    // Consul staggers the first run at random within the interval; a hash does it repeatably.
    long first = Math.floorMod(id.hashCode() * 0x9E3779B97F4A7C15L, interval);
    Poll poll = new Poll(id, check);
    running.put(
        id,
        timer.scheduleAtFixedRate(
            () -> workers.execute(poll), first, interval, TimeUnit.NANOSECONDS));
  }

  /** The TTL begins again. */
  synchronized void beat(String id) {
    Check check = defined.get(id);
    if (check == null) {
      return;
    }
    Future<?> old = running.remove(id);
    if (old != null) {
      old.cancel(false);
    }
    running.put(
        id,
        timer.schedule(
            () -> state.update(id, "critical", "TTL expired"),
            Check.duration(check.ttl()).toNanos(),
            TimeUnit.NANOSECONDS));
  }

  synchronized void stop(String id) {
    defined.remove(id);
    Future<?> task = running.remove(id);
    if (task != null) {
      task.cancel(true);
    }
  }

  private synchronized boolean isCurrent(String id, Check check) {
    return defined.get(id) == check;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    workers.shutdownNow();
  }

  /** One polled check: never two runs of it at once. */
  private final class Poll implements Runnable {
    private final String id;
    private final Check check;
    private final Duration timeout;
    private boolean busy;
    private int successes;
    private int failures;

    Poll(String id, Check check) {
      this.id = id;
      this.check = check;
      Duration given = Check.duration(check.timeout());
      timeout = given.isZero() ? DEFAULT_TIMEOUT : given;
    }

    @Override
    public void run() {
      synchronized (this) {
        if (busy) {
          return;
        }
        busy = true;
      }
      try {
        if (check.type().equals("http")) {
          pollHttp();
        } else {
          pollTcp();
        }
      } finally {
        synchronized (this) {
          busy = false;
        }
      }
    }

    private void pollHttp() {
      String method = Check.given(check.method()) ? check.method() : "GET";
      try {
        HttpRequest.Builder request =
            HttpRequest.newBuilder(URI.create(check.http()))
                .timeout(timeout)
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (check.header() != null) {
          check.header().forEach((name, values) -> values.forEach(v -> request.header(name, v)));
        }
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        int code = response.statusCode();
        String status = code / 100 == 2 ? "passing" : code == 429 ? "warning" : "critical";
        settle(status, "HTTP %s %s: %d".formatted(method, check.http(), code));
      } catch (IOException | IllegalArgumentException e) {
        settle("critical", "HTTP %s %s: %s".formatted(method, check.http(), e));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void pollTcp() {
      int colon = check.tcp().lastIndexOf(':');
      try (Socket socket = new Socket()) {
        int port = Integer.parseInt(check.tcp().substring(colon + 1));
        String host = check.tcp().substring(0, Math.max(0, colon));
        socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
        settle("passing", "TCP connect " + check.tcp() + ": Success");
      } catch (IOException | IllegalArgumentException e) {
        settle("critical", "dial tcp " + check.tcp() + ": " + e.getMessage());
      }
    }

    /** Counts as Consul's StatusHandler does (agent/checks/check.go). */
    private synchronized void settle(String status, String output) {
      boolean good = !status.equals("critical");
      successes = good ? successes + 1 : 0;
      failures = good ? 0 : failures + 1;
      boolean counts =
          good
              ? successes >= check.successBeforePassing()
              : failures >= check.failuresBeforeCritical();
      // A late answer of a check that was replaced or withdrawn says nothing any more.
      if (counts && isCurrent(id, check)) {
        state.update(id, status, output.substring(0, Math.min(MAX_OUTPUT, output.length())));
      }
    }
  }
}
