package io.springtide.scheduler.state;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.told.Offer;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The Mesos agent of a host, as its offers describe it.
 *
 * @param id another one after a reboot
 * @param hostname where clients reach it
 * @param attributes what it says of itself
 * @param capacity all that it has for us
 * @param ports all ports that it has for us
 */
public record Agent(
    String id,
    String hostname,
    Map<String, String> attributes,
    Resources capacity,
    PortRanges ports) {
  public Agent {
    requireNonNull(id);
    requireNonNull(hostname);
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    requireNonNull(capacity);
    requireNonNull(ports);
  }

  /** The agent that an offer is of, with what that offers as all that it has. */
  static Agent of(Offer offer) {
    return new Agent(
        offer.agentId(), offer.hostname(), offer.attributes(), offer.resources(), offer.ports());
  }

  public Agent with(Resources allResources, PortRanges allPorts) {
    return new Agent(id, hostname, attributes, allResources, allPorts);
  }
}
