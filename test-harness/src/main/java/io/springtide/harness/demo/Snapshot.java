package io.springtide.harness.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.cluster.Api;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the demo shows, as the framework and Consul say it at one moment.
 *
 * @param hosts by id
 * @param states of the job's instances, each with how many are in it
 * @param wanted instances that the job asks for
 * @param waiting why one of the pending instances waits; empty when none does
 * @param failure what went wrong with an attempt that ended last; empty when none did
 * @param endpoints what Consul says passes
 */
record Snapshot(
    SortedMap<String, Host> hosts,
    SortedMap<String, Integer> states,
    int wanted,
    String waiting,
    String failure,
    List<URI> endpoints) {

  /**
   * A host.
   *
   * @param labels one character for each of the job's running instances: {@code G} guaranteed,
   *     {@code b} borrowed, {@code +} burst
   */
  record Host(String pool, String condition, String labels) {}

  int running() {
    return states.getOrDefault("RUNNING", 0);
  }

  int registered() {
    return endpoints.size();
  }

  boolean complete() {
    return running() == wanted && registered() == wanted && states.size() == 1;
  }

  static Snapshot read(Api framework, Api consul, int wanted)
      throws IOException, InterruptedException {
    SortedMap<String, Integer> states = new TreeMap<>();
    SortedMap<String, String> perHost = new TreeMap<>();
    String waiting = "";
    String failure = "";
    for (JsonNode instance : items(framework.get("/v1/jobs/" + DemoDocuments.JOB + "/instances"))) {
      String state = instance.path("state").asText();
      states.merge(state, 1, Integer::sum);
      if (state.equals("RUNNING")) {
        perHost.merge(
            instance.path("host").asText(), mark(instance.path("label").asText()), String::concat);
      }
      JsonNode reason = instance.path("waiting").path(0);
      if (!reason.isMissingNode()) {
        waiting = reason.path("reason").asText() + ": " + reason.path("detail").asText();
      }
      JsonNode history = instance.path("history");
      if (!history.isEmpty()) {
        failure = history.get(history.size() - 1).path("message").asText();
      }
    }
    SortedMap<String, Host> hosts = new TreeMap<>();
    for (JsonNode host : items(framework.get("/v1/hosts"))) {
      String id = host.path("id").asText();
      hosts.put(
          id,
          new Host(
              host.path("pool").asText(),
              host.path("condition").asText(),
              perHost.getOrDefault(id, "")));
    }
    return new Snapshot(hosts, states, wanted, waiting, failure, endpoints(consul));
  }

  private static String mark(String label) {
    return switch (label) {
      case "guaranteed" -> "G";
      case "borrowed" -> "b";
      case "burst" -> "+";
      default -> "?";
    };
  }

  private static List<URI> endpoints(Api consul) throws IOException, InterruptedException {
    List<URI> found = new ArrayList<>();
    JsonNode entries =
        consul.get("/v1/health/service/" + DemoDocuments.SERVICE + "?passing").body();
    for (JsonNode entry : entries) {
      String address = entry.at("/Service/Address").asText();
      found.add(
          URI.create(
              "http://%s:%d/"
                  .formatted(
                      address.isEmpty() ? entry.at("/Node/Address").asText() : address,
                      entry.at("/Service/Port").asInt())));
    }
    return List.copyOf(found);
  }

  private static JsonNode items(Api.Answer answer) {
    return answer.body().isArray() ? answer.body() : answer.body().path("items");
  }
}
