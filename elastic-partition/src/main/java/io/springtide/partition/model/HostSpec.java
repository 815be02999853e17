package io.springtide.partition.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A host as our records know it.
 *
 * @param id its identity, not empty; never reused for another machine
 * @param pool the pool it is in, a record of ours
 * @param condition where it is in its life
 * @param attributes immutable facts that its agent says, such as rack and switch
 * @param capacity all that its agent offers
 * @param overhead what executor and warden take of it; instances get the rest
 * @param ports all ports that its agent offers
 * @param billedSince when its billing began, empty where it is not billed by the hour or not known
 */
public record HostSpec(
    String id,
    String pool,
    HostCondition condition,
    Map<String, String> attributes,
    Resources capacity,
    Resources overhead,
    PortRanges ports,
    Optional<Instant> billedSince) {
  /** The largest amount of one dimension on one host: sums over all hosts stay in range. */
  public static final long MAX_AMOUNT = 1L << 40;

  public HostSpec {
    requireNonNull(id);
    if (id.isEmpty()) {
      throw new InvalidModelException("id", "a host has no name", "name it by its agent");
    }
    Names.requireName("pool", pool);
    requireNonNull(condition);
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    requireNonNull(capacity);
    requireInRange("capacity", capacity);
    requireNonNull(overhead);
    requireNonNull(ports);
    requireNonNull(billedSince);
  }

  /** A host that is not billed by the hour. */
  public HostSpec(
      String id,
      String pool,
      HostCondition condition,
      Map<String, String> attributes,
      Resources capacity,
      Resources overhead,
      PortRanges ports) {
    this(id, pool, condition, attributes, capacity, overhead, ports, Optional.empty());
  }

  /** The same host in another condition. */
  public HostSpec in(HostCondition next) {
    return new HostSpec(id, pool, next, attributes, capacity, overhead, ports, billedSince);
  }

  /** Refuses what no host can have. */
  public static void requireInRange(String field, Resources resources) {
    requireInRange(field + ".cpus", resources.cpuMillis());
    requireInRange(field + ".memoryMiB", resources.memoryMiB());
    requireInRange(field + ".diskMiB", resources.diskMiB());
    requireInRange(field + ".gpus", resources.gpus());
    resources.scalars().forEach((name, v) -> requireInRange(field + ".scalars." + name, v));
  }

  private static void requireInRange(String field, long amount) {
    if (amount > MAX_AMOUNT) {
      throw new InvalidModelException(
          field, amount + " is more than any host has", "write at most " + MAX_AMOUNT);
    }
  }
}
