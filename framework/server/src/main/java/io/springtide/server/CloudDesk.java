package io.springtide.server;

import io.springtide.cloud.CloudAccount;
import io.springtide.cloud.CloudDriver;
import io.springtide.cloud.CloudDrivers;
import io.springtide.cloud.CloudException;
import io.springtide.cloud.CloudHost;
import io.springtide.cloud.OrderRequest;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.CloudTrouble.Doing;
import io.springtide.scheduler.told.CloudTrouble.Kind;
import io.springtide.scheduler.told.HostListing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries orders to the clouds. It has no thread and no clock of its own: requests run on the
 * executor that it is given, and a request that this has no room for is dropped. An unknown outcome
 * is reported as unknown: the core asks again with the same token, at growing intervals.
 * Retry-After of a cloud is honoured.
 */
public final class CloudDesk {
  private static final Logger log = LoggerFactory.getLogger(CloudDesk.class);
  private static final int THREADS = 4;
  private static final int WAITING = 200;
  private static final Duration LEAST_PAUSE = Duration.ofSeconds(5);

  private final CloudDrivers drivers;
  private final String cluster;
  private final Consumer<Event> events;
  private final Set<Object> underWay = ConcurrentHashMap.newKeySet();
  private final Map<String, Instant> notBefore = new ConcurrentHashMap<>();
  private final Executor executor;
  private final InstantSource clock;

  /**
   * @param drivers closed by whoever opened them
   * @param cluster the tag that our hosts carry in every cloud
   * @param events where the core hears of answers; never blocks
   * @param executor runs requests, which may block for long; rejects what it has no room for
   * @param clock one that never jumps
   */
  public CloudDesk(
      CloudDrivers drivers,
      String cluster,
      Consumer<Event> events,
      Executor executor,
      InstantSource clock) {
    this.drivers = drivers;
    this.cluster = cluster;
    this.events = events;
    this.executor = executor;
    this.clock = clock;
  }

  /** Threads for a desk: so many requests at once, and so many that wait. */
  static ExecutorService threads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
              Thread thread = new Thread(task, "cloud");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  public void order(Effect.OrderHosts order) {
    Optional<CloudDriver> driver = drivers.named(order.template().driver());
    if (driver.isEmpty()) {
      events.accept(
          new Event.OrderRefused(
              order.token(), Kind.NO_DRIVER, noDriver(order.template().driver())));
      return;
    }
    run(
        order.token(),
        driver.get(),
        new Cloud(order.template().driver(), order.template().settings()),
        Doing.ORDER,
        order.token(),
        () -> {
          try {
            List<HostListing> hosts = brought(driver.get().order(request(order)));
            log.info(
                "Order {}: {} of {} hosts for pool {}",
                order.token(),
                hosts.size(),
                order.count(),
                order.pool());
            events.accept(new Event.HostsOrdered(order.token(), hosts));
          } catch (CloudException e) {
            refused(order, e);
          } catch (IllegalArgumentException e) {
            log.warn("Order {} for pool {}: {}", order.token(), order.pool(), e.getMessage());
            events.accept(new Event.OrderRefused(order.token(), Kind.REFUSED, e.getMessage()));
          }
        });
  }

  private String noDriver(String name) {
    return "there is no cloud driver '%s'; there are %s".formatted(name, drivers.names());
  }

  private OrderRequest request(Effect.OrderHosts order) {
    return new OrderRequest(
        new CloudAccount(cluster, order.template().settings()),
        order.token(),
        order.pool(),
        order.count(),
        order.template().resources(),
        order.template().attributes());
  }

  private void refused(Effect.OrderHosts order, CloudException e) throws CloudException {
    switch (e.fault()) {
      case OUT_OF_STOCK, REFUSED -> {
        log.warn(
            "Order {} of {} hosts for pool {}: {} ({})",
            order.token(),
            order.count(),
            order.pool(),
            e.getMessage(),
            e.fault());
        events.accept(new Event.OrderRefused(order.token(), kind(e), e.getMessage()));
      }
      case THROTTLED, UNKNOWN_OUTCOME -> throw e;
    }
  }

  public void list(Effect.ListHosts list) {
    Cloud cloud = list.cloud();
    ask(
        list,
        cloud,
        Doing.LIST,
        driver ->
            events.accept(new Event.HostsListed(cloud, brought(driver.list(account(cloud))))));
  }

  public void release(Effect.ReleaseHosts release) {
    Cloud cloud = release.cloud();
    ask(
        release,
        cloud,
        Doing.RELEASE,
        driver -> {
          Set<String> unknown = driver.release(account(cloud), new HashSet<>(release.ids()));
          List<String> gone = release.ids().stream().filter(id -> !unknown.contains(id)).toList();
          log.info("Cloud {}: gave back {}; does not know {}", cloud.driver(), gone, unknown);
          events.accept(new Event.HostsReleased(cloud, gone, List.copyOf(unknown)));
        });
  }

  private interface Question {
    void ask(CloudDriver driver) throws CloudException, InterruptedException;
  }

  private void ask(Object key, Cloud cloud, Doing doing, Question question) {
    Optional<CloudDriver> driver = drivers.named(cloud.driver());
    if (driver.isEmpty()) {
      String message = noDriver(cloud.driver());
      events.accept(
          new Event.CloudFailed(cloud, doing, "", Kind.NO_DRIVER, message, Duration.ZERO));
      return;
    }
    run(key, driver.get(), cloud, doing, "", () -> question.ask(driver.get()));
  }

  private CloudAccount account(Cloud cloud) {
    return new CloudAccount(cluster, cloud.settings());
  }

  private static Kind kind(CloudException e) {
    return switch (e.fault()) {
      case OUT_OF_STOCK -> Kind.OUT_OF_STOCK;
      case THROTTLED -> Kind.THROTTLED;
      case REFUSED -> Kind.REFUSED;
      case UNKNOWN_OUTCOME -> Kind.UNANSWERED;
    };
  }

  private interface Request {
    void run() throws CloudException, InterruptedException;
  }

  /** At most one request of the same key at a time: the core repeats requests that are slow. */
  private void run(
      Object key, CloudDriver driver, Cloud cloud, Doing doing, String token, Request request) {
    Instant earliest = notBefore.get(driver.name());
    if (earliest != null && clock.instant().isBefore(earliest)) {
      return;
    }
    if (!underWay.add(key)) {
      return;
    }
    try {
      executor.execute(
          () -> {
            try {
              request.run();
            } catch (CloudException e) {
              log.warn("Cloud {}: {} ({})", driver.name(), e.getMessage(), e.fault());
              if (e.fault() == CloudException.Fault.THROTTLED) {
                pause(driver, e.retryAfter());
              }
              failed(cloud, doing, token, kind(e), e.getMessage(), e.retryAfter());
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
              // A driver's defect must not end the process; the outcome is unknown and asked for
              // again.
              log.error("Cloud driver {} failed", driver.name(), e);
              failed(cloud, doing, token, Kind.UNANSWERED, "driver failed: " + e, Duration.ZERO);
            } finally {
              underWay.remove(key);
            }
          });
    } catch (RejectedExecutionException e) {
      underWay.remove(key);
      log.warn("Cloud {}: too many requests wait already; asked again later", driver.name());
    }
  }

  private void failed(
      Cloud cloud, Doing doing, String token, Kind kind, String message, Duration retryAfter) {
    events.accept(new Event.CloudFailed(cloud, doing, token, kind, message, retryAfter));
  }

  private void pause(CloudDriver driver, Duration wanted) {
    Duration pause = wanted.compareTo(LEAST_PAUSE) < 0 ? LEAST_PAUSE : wanted;
    notBefore.put(driver.name(), clock.instant().plus(pause));
  }

  private static List<HostListing> brought(List<CloudHost> hosts) {
    return hosts.stream()
        .map(
            host ->
                new HostListing(
                    host.id(),
                    host.pool(),
                    host.token(),
                    HostListing.State.valueOf(host.state().name())))
        .toList();
  }
}
