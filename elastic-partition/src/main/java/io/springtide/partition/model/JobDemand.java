package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a revision of a job asks of the cluster: the part of it that placement and sharing look at.
 *
 * @param id the job, below its group's path
 * @param revision its number, 0 where nobody counts them
 * @param group path of the group that is charged
 * @param each what one instance takes, not zero
 * @param fixedPorts host ports that each instance must have, distinct
 * @param dynamicPorts how many more ports each instance gets from the host's range, 0 or more
 * @param constraints where its instances may be or would rather be
 * @param pools pools in order of preference; empty stands for the group's pools, owned before
 *     prepaid before on-demand, cheapest first
 * @param priority 0 to {@link GroupPolicy#MAX_PRIORITY}; orders work inside its group
 * @param reclaimable whether it may run on borrowed room and be evicted from there
 * @param labels what other jobs may ask to be near to or apart from, besides the job itself
 * @param evictable how many of its instances may be evicted within one cool-down, 0 or more
 */
public record JobDemand(
    String id,
    long revision,
    String group,
    Resources each,
    List<Integer> fixedPorts,
    int dynamicPorts,
    List<Constraint> constraints,
    List<String> pools,
    int priority,
    boolean reclaimable,
    Set<String> labels,
    int evictable) {
  public JobDemand {
    Names.requirePath("id", id);
    Names.requirePath("group", group);
    requireNonNull(each);
    if (each.isZero()) {
      throw new InvalidModelException(
          "resources", "an instance takes nothing", "write its cpus and memoryMiB");
    }
    fixedPorts = List.copyOf(fixedPorts);
    for (int port : fixedPorts) {
      if (port < 1 || port > 65_535) {
        throw new InvalidModelException("ports", port + " is no port", "write 1 to 65535");
      }
    }
    if (new HashSet<>(fixedPorts).size() < fixedPorts.size()) {
      throw new InvalidModelException("ports", "a host port is named twice", "name it once");
    }
    if (dynamicPorts < 0 || dynamicPorts > 65_535) {
      throw new InvalidModelException(
          "ports", dynamicPorts + " is no number of ports", "write 0 or more");
    }
    constraints = List.copyOf(constraints);
    pools = List.copyOf(pools);
    if (new HashSet<>(pools).size() < pools.size()) {
      throw new InvalidModelException("pools", "a pool is named twice", "name it once");
    }
    if (priority < 0 || priority > GroupPolicy.MAX_PRIORITY) {
      throw new InvalidModelException(
          "priority", priority + " is no priority", "write 0 to " + GroupPolicy.MAX_PRIORITY);
    }
    labels = Collections.unmodifiableSet(new TreeSet<>(labels));
    if (evictable < 0) {
      throw new InvalidModelException("evictable", evictable + " is negative", "write 0 or more");
    }
  }

  /** A job of one revision, without labels, of which any number may be evicted at once. */
  public JobDemand(
      String id,
      String group,
      Resources each,
      List<Integer> fixedPorts,
      int dynamicPorts,
      List<Constraint> constraints,
      List<String> pools,
      int priority,
      boolean reclaimable) {
    this(
        id,
        0,
        group,
        each,
        fixedPorts,
        dynamicPorts,
        constraints,
        pools,
        priority,
        reclaimable,
        Set.of(),
        Integer.MAX_VALUE);
  }

  public Version version() {
    return new Version(id, revision);
  }

  public Footprint footprint() {
    return new Footprint(revision, each, fixedPorts, dynamicPorts);
  }

  /** What another revision of the job asks for. */
  public JobDemand as(Footprint other) {
    return new JobDemand(
        id,
        other.revision(),
        group,
        other.each(),
        other.fixedPorts(),
        other.dynamicPorts(),
        constraints,
        pools,
        priority,
        reclaimable,
        labels,
        evictable);
  }
}
