package io.springtide.server.http;

import io.javalin.http.Context;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.state.DeploymentState;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.task.HealthWave;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.server.document.Fields;
import io.springtide.server.loop.Standby;
import io.springtide.server.tls.Tls;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** What Prometheus reads: the cluster as published, the loop, and this JVM. */
final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final Supplier<LeadingCore> core;
  private final MultiGauge deployments =
      MultiGauge.builder("springtide.deployments")
          .description("jobs by the state of their latest deployment")
          .register(registry);

  private final MultiGauge instances =
      MultiGauge.builder("springtide.instances").description("by state").register(registry);
  private final MultiGauge hosts =
      MultiGauge.builder("springtide.hosts").description("by pool, condition").register(registry);

  private final MultiGauge ignored =
      MultiGauge.builder("springtide.news.ignored")
          .description("news that changed nothing since this process leads, by what it met")
          .register(registry);
  private final MultiGauge warnings =
      MultiGauge.builder("springtide.host.warnings")
          .description("hosts whose warden reports what a person should look at, by kind")
          .register(registry);
  private final MultiGauge troubles =
      MultiGauge.builder("springtide.cloud.troubles")
          .description("1 for each thing that a pool's cloud did not do when it was last asked")
          .register(registry);

  Metrics(Supplier<LeadingCore> core) {
    this.core = core;
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    gc.bindTo(registry);
    gauge("springtide.leading", "1 while this process leads", leading -> 1);
    gauge(
        "springtide.mesos.subscribed",
        "1 while the master has us",
        leading -> leading.view().connected() ? 1 : 0);
    gauge("springtide.events.waiting", "events before the core", k -> k.loop().queued());
    gauge("springtide.events.handled", "events since the start", k -> k.loop().handled());
    gauge(
        "springtide.core.idle.seconds",
        "since the core's last turn",
        leading -> leading.loop().idle().toMillis() / 1000.0);
    gauge(
        "springtide.clock.offset.seconds",
        "how far the wall clock was set ahead since this process leads",
        leading -> leading.loop().clockOffset().toMillis() / 1000.0);
    gauge("springtide.state.version", "commits", leading -> leading.view().version());
    gauge("springtide.jobs", "jobs", leading -> leading.view().jobs().size());
    gauge(
        "springtide.remains",
        "containers that lost executors may have left, and no warden has confirmed to be gone",
        k -> k.view().hosts().values().stream().mapToInt(host -> host.remains().size()).sum());
    gauge(
        "springtide.strays",
        "tasks of attempts that were replaced while out of sight, and whose end is awaited",
        k -> k.view().strays().size());
    gauge(
        "springtide.instances.condemned",
        "instances that failed their health check too often and are not restarted yet",
        leading -> condemned(leading.view()));
    gauge(
        "springtide.health.slowed",
        "instances that fail while so many do at once that they are restarted slowly; else 0",
        leading -> leading.view().wave().map(HealthWave::failing).orElse(0));
    gauge(
        "springtide.hosts.unlisted",
        "machines that carry an order of ours, that no cloud lists and that may be paid for",
        leading -> leading.view().unlisted().size());
    gauge("springtide.orders", "cloud orders without an answer", k -> k.view().orders().size());
  }

  /** Counts what the gate refuses. */
  void count(Gate gate) {
    gate.refused()
        .forEach(
            (status, times) ->
                FunctionCounter.builder("springtide.requests.refused", times, LongAdder::sum)
                    .description("requests refused for who asked, or how often, by HTTP status")
                    .tag("status", Integer.toString(status))
                    .register(registry));
  }

  /** Says how long the certificate lasts, and whether a new one could not be taken. */
  void watch(Tls tls) {
    Gauge.builder(
            "springtide.tls.certificate.expires.seconds",
            tls,
            it -> it.ends().getEpochSecond() - Instant.now().getEpochSecond())
        .description("until the certificate that is shown expires; below 0: since it has")
        .register(registry);
    Gauge.builder("springtide.tls.stale", tls, it -> it.isStale() ? 1 : 0)
        .description("1 while the certificate's files hold something that cannot be used")
        .register(registry);
  }

  /** Says how far what another process leads is followed. */
  void follow(Supplier<Optional<Standby>> standby) {
    Gauge.builder("springtide.follower.version", () -> standby.get().map(Standby::shown).orElse(0L))
        .description("of the commit that was followed last; 0 in a leader")
        .register(registry);
    Gauge.builder(
            "springtide.follower.staleness.seconds",
            () ->
                standby
                    .get()
                    .map(it -> it.staleness().map(age -> age.toMillis() / 1e3).orElse(Double.NaN))
                    .orElse(0.0))
        .description("since what is followed was last known to be all; 0 in a leader")
        .register(registry);
  }

  private static long condemned(ClusterView view) {
    return view.jobs().values().stream()
        .flatMap(job -> job.instances().stream())
        .filter(instance -> instance.condemned().isPresent())
        .count();
  }

  private void gauge(String name, String description, ToDoubleFunction<LeadingCore> value) {
    Gauge.builder(name, () -> core.get() == null ? 0 : value.applyAsDouble(core.get()))
        .description(description)
        .register(registry);
  }

  void answer(Context http) {
    LeadingCore leading = core.get();
    if (leading != null) {
      count(leading.view());
    }
    http.contentType("text/plain; version=0.0.4; charset=utf-8").result(registry.scrape());
  }

  private synchronized void count(ClusterView view) {
    Map<InstanceState, Integer> states = new EnumMap<>(InstanceState.class);
    for (InstanceState state : InstanceState.values()) {
      states.put(state, 0);
    }
    view.jobs()
        .values()
        .forEach(
            job ->
                job.instances()
                    .forEach(one -> states.merge(one.instance().state(), 1, Integer::sum)));
    instances.register(
        states.entrySet().stream()
            .<MultiGauge.Row<?>>map(
                e -> MultiGauge.Row.of(Tags.of("state", e.getKey().name()), e.getValue()))
            .toList(),
        true);
    Map<DeploymentState, Integer> latest = new EnumMap<>(DeploymentState.class);
    for (DeploymentState state : DeploymentState.values()) {
      latest.put(state, 0);
    }
    for (JobView job : view.jobs().values()) {
      int last = job.deployments().size() - 1;
      if (last >= 0) {
        latest.merge(job.deployments().get(last).deployment().state(), 1, Integer::sum);
      }
    }
    deployments.register(
        latest.entrySet().stream()
            .<MultiGauge.Row<?>>map(
                e -> MultiGauge.Row.of(Tags.of("state", e.getKey().name()), e.getValue()))
            .toList(),
        true);
    ignored.register(
        view.ignored().entrySet().stream()
            .<MultiGauge.Row<?>>map(
                e ->
                    MultiGauge.Row.of(
                        Tags.of(
                            "about", Fields.word(e.getKey().about()),
                            "state", e.getKey().state(),
                            "input", e.getKey().input()),
                        e.getValue()))
            .toList(),
        true);
    Map<HostReport.Kind, Integer> kinds = new EnumMap<>(HostReport.Kind.class);
    for (HostReport.Kind kind : HostReport.Kind.values()) {
      kinds.put(kind, 0);
    }
    view.hosts()
        .values()
        .forEach(host -> host.warnings().forEach(one -> kinds.merge(one.kind(), 1, Integer::sum)));
    warnings.register(
        kinds.entrySet().stream()
            .<MultiGauge.Row<?>>map(
                e -> MultiGauge.Row.of(Tags.of("kind", Fields.word(e.getKey())), e.getValue()))
            .toList(),
        true);
    troubles.register(
        view.pools().values().stream()
            .flatMap(
                pool ->
                    pool.troubles().stream()
                        .<MultiGauge.Row<?>>map(
                            trouble ->
                                MultiGauge.Row.of(
                                    Tags.of(
                                        "pool", pool.pool().name(),
                                        "doing", Fields.word(trouble.doing()),
                                        "kind", Fields.word(trouble.kind())),
                                    1)))
            .toList(),
        true);
    Map<String, Map<HostCondition, Integer>> conditions = new TreeMap<>();
    view.hosts()
        .values()
        .forEach(
            host ->
                conditions
                    .computeIfAbsent(host.host().pool(), p -> new EnumMap<>(HostCondition.class))
                    .merge(host.host().condition(), 1, Integer::sum));
    hosts.register(
        conditions.entrySet().stream()
            .flatMap(
                pool ->
                    pool.getValue().entrySet().stream()
                        .<MultiGauge.Row<?>>map(
                            e ->
                                MultiGauge.Row.of(
                                    Tags.of(
                                        "pool", pool.getKey(),
                                        "condition", Fields.word(e.getKey())),
                                    e.getValue())))
            .toList(),
        true);
  }

  @Override
  public void close() {
    gc.close();
    registry.close();
  }
}
