package io.springtide.registry.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What the proxy counts, under names that start with {@code springtide_registry_}. */
public final class ProxyMetrics {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Counter upstreamBytes =
      Counter.builder("springtide_registry_upstream_bytes")
          .description("Bytes of bodies read from upstreams")
          .register(registry);
  private final Map<String, Counter> requests = new ConcurrentHashMap<>();
  private final Map<String, Counter> bytes = new ConcurrentHashMap<>();

  /** The registry holds what it asks only weakly. */
  private final List<LongSupplier> counted = new CopyOnWriteArrayList<>();

  /** A request was answered from {@code source} (hit, miss, filling, stale, relay, error). */
  public void request(String source, long bytesSent) {
    requests
        .computeIfAbsent(
            source,
            s ->
                Counter.builder("springtide_registry_requests")
                    .description("Answers by where their content came from")
                    .tag("source", s)
                    .register(registry))
        .increment();
    bytes
        .computeIfAbsent(
            source,
            s ->
                Counter.builder("springtide_registry_sent_bytes")
                    .description("Bytes of bodies sent to clients, by where they came from")
                    .tag("source", s)
                    .register(registry))
        .increment((double) bytesSent);
  }

  public void fromUpstream(int count) {
    upstreamBytes.increment(count);
  }

  /** A fill ended after {@code nanos}: {@code stored}, or the kind of its failure. */
  public void fillOver(String outcome, long nanos) {
    Timer.builder("springtide_registry_fill")
        .description("Fills from first request to commit")
        .tag("outcome", outcome)
        .register(registry)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  void count(String name, String help) {
    Counter.builder(name).description(help).register(registry).increment();
  }

  public void gauge(String name, String help, Supplier<Number> value) {
    Gauge.builder(name, value).description(help).register(registry);
  }

  /** Something that somebody else counts, and that only grows. */
  public void counter(String name, String help, LongSupplier value) {
    counted.add(value);
    FunctionCounter.builder(name, value, LongSupplier::getAsLong)
        .description(help)
        .register(registry);
  }

  /** The Prometheus text format, version 0.0.4. */
  public String scrape() {
    return registry.scrape();
  }
}
