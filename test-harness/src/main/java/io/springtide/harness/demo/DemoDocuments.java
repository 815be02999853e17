package io.springtide.harness.demo;

import io.springtide.partition.model.Resources;
import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;

/** What the demo asks of the framework, as a user would write it. */
final class DemoDocuments {
  static final String JOB = "feed.api";
  static final String SERVICE = "feed-api";

  /** Three of one core fit beside executor and warden: nine on the owned hosts, three too many. */
  static final int INSTANCES = 12;

  static final int OWNED_HOSTS = 3;
  static final Resources OWNED_HOST = Resources.of(4000, 4096, 10_000);

  static final String IDC =
      """
      name: idc
      kind: owned
      zone: idc-1
      selector: {place: idc}
      hosts: {min: 0, max: 3}
      pricePerHour: 0.10
      """;

  static final String FEED =
      """
      path: feed
      description: home timeline; owns most of idc and may burst
      quotas:
        idc:   {guarantee: {cpus: 8, memoryMiB: 6144}, limit: {cpus: 12, memoryMiB: 12288}}
        cloud: {limit: {cpus: 20, memoryMiB: 20480}}
      policy: {runtimes: [docker, process], networks: [bridge]}
      """;

  static final String SEARCH =
      """
      path: search
      description: a neighbour with a small share
      quotas:
        idc:   {guarantee: {cpus: 2, memoryMiB: 2048}, limit: {cpus: 12, memoryMiB: 12288}}
        cloud: {limit: {cpus: 4, memoryMiB: 4096}}
      policy: {runtimes: [docker, process]}
      """;

  private DemoDocuments() {}

  static String cloud(URI endpoint) {
    return """
    name: cloud
    kind: on-demand
    zone: cloud-1
    hosts: {min: 0, max: 5}
    pricePerHour: 0.42
    idleAfter: 30s
    billingIncrement: 1m
    template:
      driver: local
      endpoint: "%s"
      resources: {cpus: 3, memoryMiB: 4096, diskMiB: 10000}
      attributes: {place: cloud}
    """
        .formatted(endpoint);
  }

  static String processJob(List<String> command) {
    return job(
        "runtime: process", "command: " + list(command) + "\n  network: host", "{name: http}");
  }

  static String dockerJob(String image, List<String> command) {
    return job(
        "runtime: docker",
        "image: \"%s\"%n  command: %s%n  network: bridge".formatted(image, list(command)),
        "{name: http, container: 8080}");
  }

  private static String job(String runtime, String container, String port) {
    return """
    id: %s
    kind: service
    instances: %d
    resources: {cpus: 1, memoryMiB: 256}
    %s
    container:
      %s
      ports: [%s]
    health: {http: {port: http, path: /}, grace: 20s, interval: 1s, timeout: 2s, failures: 3}
    discovery:
    - consul: {service: %s, port: http, tags: [demo]}
    pools: [idc, cloud]
    reclaimable: true
    stop: {drain: 500ms, grace: 2s}
    """
        .formatted(JOB, INSTANCES, runtime, container, port, SERVICE);
  }

  /** A flow sequence of double-quoted scalars, which escape as JSON strings do. */
  private static String list(List<String> items) {
    return items.stream()
        .map(item -> '"' + item.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
