package io.springtide.harness.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.cluster.Api;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Looks every 100 ms whether each endpoint that Consul calls passing answers: what Consul says is
 * what load balancers believe.
 */
final class ConsulWatch implements AutoCloseable {
  private static final long PERIOD_MILLIS = 100;

  private final Api consul;
  private final String service;
  private final List<String> lies = new ArrayList<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private int looks;

  private ConsulWatch(Api consul, String service) {
    this.consul = consul;
    this.service = service;
  }

  static ConsulWatch start(Api consul, String service) {
    ConsulWatch watch = new ConsulWatch(consul, service);
    watch.timer.scheduleWithFixedDelay(watch::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    return watch;
  }

  /** What Consul calls passing now. */
  static Set<URI> passing(Api consul, String service) throws IOException, InterruptedException {
    Set<URI> endpoints = new TreeSet<>();
    for (JsonNode entry : consul.get("/v1/health/service/" + service + "?passing").body()) {
      endpoints.add(
          URI.create(
              "http://%s:%d/"
                  .formatted(
                      entry.at("/Service/Address").asText(), entry.at("/Service/Port").asInt())));
    }
    return endpoints;
  }

  private void look() {
    try {
      for (URI endpoint : passing(consul, service)) {
        // Withdrawn between the two questions is no lie; still there after the answer failed is.
        if (!Api.answers(endpoint) && passing(consul, service).contains(endpoint)) {
          report(endpoint + " passes and does not answer");
        }
      }
      seen();
    } catch (IOException e) {
      report("Consul does not answer: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void report(String lie) {
    lies.add(lie);
  }

  private synchronized void seen() {
    looks++;
  }

  synchronized List<String> lies() {
    return List.copyOf(lies);
  }

  synchronized int looks() {
    return looks;
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
