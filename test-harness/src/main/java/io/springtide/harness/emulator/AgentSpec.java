package io.springtide.harness.emulator;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One agent to start.
 *
 * @param name its key in the emulator, unique, also the name of its directory; letters, digits,
 *     '-', '_' and '.'
 * @param hostname what offers call it
 * @param resources in Mesos' text form: {@code cpus:4;mem:4096;disk:10000;ports:[31000-31099]}.
 *     Give agents of one machine disjoint port ranges, as the ports are really bound. A role in
 *     parentheses reserves: {@code cpus(springtide):4}
 * @param attributes text attributes, in order; numbers become SCALAR as Mesos does
 * @param zone fault domain "region/zone"; empty for none
 */
public record AgentSpec(
    String name, String hostname, String resources, Map<String, String> attributes, String zone) {

  public AgentSpec {
    requireNonNull(name, "name");
    if (!name.matches("[A-Za-z0-9._-]+") || name.startsWith(".")) {
      throw new IllegalArgumentException(
          "agent name '" + name + "': only letters, digits, '-', '_' and '.', not first '.'");
    }
    requireNonNull(hostname, "hostname");
    requireNonNull(resources, "resources");
    attributes =
        java.util.Collections.unmodifiableMap(new LinkedHashMap<>(requireNonNull(attributes)));
    requireNonNull(zone, "zone");
  }

  /** An agent whose host name is 127.0.0.1, so that anything that follows an offer's URL works. */
  public static AgentSpec of(String name, String resources, Map<String, String> attributes) {
    return new AgentSpec(name, "127.0.0.1", resources, attributes, "");
  }

  /** The usual resources: whole cpus, MiB of memory, MiB of disk, ports first to last. */
  public static String resources(double cpus, long mem, long disk, int firstPort, int lastPort) {
    return "cpus:%s;mem:%d;disk:%d;ports:[%d-%d]".formatted(cpus, mem, disk, firstPort, lastPort);
  }

  /** A copy with another host name. */
  public AgentSpec withHostname(String other) {
    return new AgentSpec(name, other, resources, attributes, zone);
  }
}
