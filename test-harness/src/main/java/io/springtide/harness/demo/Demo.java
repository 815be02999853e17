package io.springtide.harness.demo;

import io.springtide.executor.contract.Labels;
import io.springtide.harness.cluster.Api;
import io.springtide.harness.cluster.LocalCluster;
import io.springtide.harness.emulator.FrameworkView;
import io.springtide.harness.web.WebServerMain;
import io.springtide.mesos.Why;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One run of the demo, from an empty work directory to an empty machine. */
final class Demo implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(250);

  /**
   * What runs the instances.
   *
   * @param engine present for Docker
   * @param image for Docker: what runs; empty otherwise
   * @param ours whether the image was made by this demo, and is to be removed with it
   */
  record Runtime(Optional<ContainerEngine> engine, String image, boolean ours) {}

  private final LocalCluster cluster;
  private final WorkDirectory directory;
  private final Runtime runtime;
  private final Screen screen;
  private final Duration patience;
  private final Revival framework;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Optional<String> frameworkId = Optional.empty();
  private boolean closed;

  /**
   * @param patience how long the framework may take to see the owned hosts
   */
  Demo(
      LocalCluster cluster,
      WorkDirectory directory,
      Runtime runtime,
      Screen screen,
      Duration patience) {
    this.cluster = cluster;
    this.directory = directory;
    this.runtime = runtime;
    this.screen = screen;
    this.patience = patience;
    this.framework = new Revival(cluster, screen, ended);
  }

  /** Brings the cluster up and submits the job. */
  void start() throws IOException, InterruptedException, DemoFailure {
    runtime
        .engine()
        .ifPresent(engine -> directory.lastFramework().ifPresent(id -> sweep(engine, id)));
    cluster.start();
    screen.say("Mesos   " + cluster.mesos().masterUri() + " (emulated)");
    screen.say("Consul  " + cluster.consul().uri() + " (" + cluster.consul().description() + ")");
    screen.say("API     " + cluster.framework().uri());
    for (int i = 1; i <= DemoDocuments.OWNED_HOSTS; i++) {
      cluster.addHost("idc-" + i, DemoDocuments.OWNED_HOST, Map.of("place", "idc"));
    }
    Api api = cluster.api();
    put(api, "/v1/pools/idc", DemoDocuments.IDC);
    put(api, "/v1/pools/cloud", DemoDocuments.cloud(cluster.cloudUri()));
    awaitOwnedHosts();
    frameworkId = cluster.mesos().frameworks().stream().findFirst().map(FrameworkView::id);
    if (frameworkId.isPresent()) {
      directory.remember(frameworkId.get());
    }
    put(api, "/v1/groups/feed", DemoDocuments.FEED);
    put(api, "/v1/groups/search", DemoDocuments.SEARCH);
    String job =
        runtime.engine().isPresent()
            ? DemoDocuments.dockerJob(runtime.image(), WebImage.command())
            : DemoDocuments.processJob(WebServerMain.command());
    put(api, "/v1/jobs/" + DemoDocuments.JOB, job);
    screen.say(
        "job %s asks for %d instances; the %d owned hosts have room for 9"
            .formatted(DemoDocuments.JOB, DemoDocuments.INSTANCES, DemoDocuments.OWNED_HOSTS));
  }

  /**
   * Watches until every instance runs, is registered and has answered an HTTP request.
   *
   * @return the endpoints, as Consul gives them
   * @throws DemoFailure when that does not come about within {@code timeout}
   */
  List<URI> awaitComplete(Duration timeout) throws IOException, InterruptedException, DemoFailure {
    long end = System.nanoTime() + timeout.toNanos();
    while (true) {
      framework.look();
      String reason;
      try {
        Snapshot now = look();
        List<URI> silent = now.complete() ? silent(now.endpoints()) : List.of();
        if (now.complete() && silent.isEmpty()) {
          return now.endpoints();
        }
        reason = reason(now, silent, timeout);
      } catch (IOException e) {
        // A framework that has just died is noticed at the next look.
        reason = "after %d s: %s; %s".formatted(timeout.toSeconds(), Why.of(e), logs());
      }
      if (System.nanoTime() > end) {
        throw new DemoFailure(reason);
      }
      TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    }
  }

  /** Goes on showing the cluster until {@link #close}. */
  void watch() throws InterruptedException {
    while (!ended.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
      try {
        framework.look();
        look();
      } catch (IOException e) {
        // The framework or Consul is away, perhaps killed on purpose by who watches.
        screen.say("no answer: " + Why.of(e));
        ended.await(1, TimeUnit.SECONDS);
      }
    }
  }

  private Snapshot look() throws IOException, InterruptedException {
    Snapshot now = Snapshot.read(cluster.api(), cluster.consulApi(), DemoDocuments.INSTANCES);
    screen.show(now);
    return now;
  }

  private void awaitOwnedHosts() throws IOException, InterruptedException, DemoFailure {
    // Before its first host a pool takes any guarantee; here too much shall be refused.
    long end = System.nanoTime() + patience.toNanos();
    while (look().hosts().size() < DemoDocuments.OWNED_HOSTS) {
      if (System.nanoTime() > end) {
        throw new DemoFailure(
            "the framework has not seen the owned hosts within %d s; %s"
                .formatted(patience.toSeconds(), logs()));
      }
      TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    }
  }

  private String reason(Snapshot now, List<URI> silent, Duration timeout) {
    List<String> parts = new ArrayList<>();
    parts.add("after %d s: %s".formatted(timeout.toSeconds(), Progress.line(now)));
    if (!silent.isEmpty()) {
      parts.add("no HTTP answer from " + silent);
    }
    if (!now.waiting().isEmpty()) {
      parts.add("waiting: " + now.waiting());
    }
    if (!now.failure().isEmpty()) {
      parts.add("an attempt ended: " + now.failure());
    }
    parts.add(logs());
    return String.join("; ", parts);
  }

  private String logs() {
    return "logs are in " + directory.path();
  }

  private static List<URI> silent(List<URI> endpoints) throws InterruptedException {
    List<URI> silent = new ArrayList<>();
    for (URI endpoint : endpoints) {
      if (!Api.answers(endpoint)) {
        silent.add(endpoint);
      }
    }
    return silent;
  }

  private static void put(Api api, String path, String yaml)
      throws IOException, InterruptedException, DemoFailure {
    Api.Answer answer = api.put(path, yaml);
    if (!answer.ok()) {
      throw new DemoFailure("PUT %s: %d %s".formatted(path, answer.status(), answer.body()));
    }
  }

  /** Ends the cluster, then removes the containers and the image that are ours. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    ended.countDown();
    screen.say("ending: instances are withdrawn and stopped");
    try (directory;
        var engine = runtime.engine().orElse(null)) {
      cluster.close();
      if (engine != null) {
        frameworkId.ifPresent(id -> sweep(engine, id));
        if (runtime.ours()) {
          engine.removeImage(runtime.image());
        }
      }
      directory.forget();
    }
  }

  private void sweep(ContainerEngine engine, String frameworkId) {
    for (String container : engine.containers(Labels.FRAMEWORK, frameworkId)) {
      screen.say("removing container " + container.substring(0, 12) + ", which was left behind");
      engine.removeContainer(container);
    }
  }
}
