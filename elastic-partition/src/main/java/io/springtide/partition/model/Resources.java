package io.springtide.partition.model;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * An integer vector of what a host has, a group may use or an instance needs. Integers only, so
 * sums never drift.
 *
 * @param cpuMillis thousandths of a core, 0 or more
 * @param memoryMiB memory in MiB, 0 or more
 * @param diskMiB disk in MiB, 0 or more
 * @param gpus whole GPUs, 0 or more
 * @param scalars named scalars such as {@code crossLinkMbps}, each 1 or more; a name that is absent
 *     counts 0
 */
public record Resources(
    long cpuMillis, long memoryMiB, long diskMiB, long gpus, SortedMap<String, Long> scalars) {

  /** The largest amount of one dimension: far above any cluster, far below overflow in sums. */
  /** Dimensions that every host has. */
  static final Set<String> BUILT_IN = Set.of("cpus", "memoryMiB", "diskMiB", "gpus");

  public static final long MAX_AMOUNT = 1L << 48;

  public static final Resources ZERO = new Resources(0, 0, 0, 0, Collections.emptySortedMap());

  public Resources {
    requireAmount("cpus", cpuMillis);
    requireAmount("memoryMiB", memoryMiB);
    requireAmount("diskMiB", diskMiB);
    requireAmount("gpus", gpus);
    TreeMap<String, Long> copy = new TreeMap<>();
    scalars.forEach(
        (name, amount) -> {
          requireAmount("scalars." + name, amount);
          if (amount > 0) {
            copy.put(name, amount);
          }
        });
    scalars = Collections.unmodifiableSortedMap(copy);
  }

  /** An amount of one dimension as the documents write it: cpus in cores. */
  public static String written(String dimension, long amount) {
    return dimension.equals("cpus")
        ? BigDecimal.valueOf(amount, 3).stripTrailingZeros().toPlainString()
        : Long.toString(amount);
  }

  /** As the documents write it: {@code {cpus: 1.5, memoryMiB: 512}}; what is zero is left out. */
  @Override
  public String toString() {
    Map<String, String> amounts = new LinkedHashMap<>();
    amounts.put("cpus", written("cpus", cpuMillis));
    amounts.put("memoryMiB", Long.toString(memoryMiB));
    amounts.put("diskMiB", Long.toString(diskMiB));
    amounts.put("gpus", Long.toString(gpus));
    scalars.forEach((name, amount) -> amounts.put(name, Long.toString(amount)));
    return amounts.entrySet().stream()
        .filter(amount -> !amount.getValue().equals("0"))
        .map(amount -> amount.getKey() + ": " + amount.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }

  public static Resources of(long cpuMillis, long memoryMiB) {
    return new Resources(cpuMillis, memoryMiB, 0, 0, Collections.emptySortedMap());
  }

  public static Resources of(long cpuMillis, long memoryMiB, long diskMiB) {
    return new Resources(cpuMillis, memoryMiB, diskMiB, 0, Collections.emptySortedMap());
  }

  public Resources plus(Resources other) {
    return new Resources(
        cpuMillis + other.cpuMillis,
        memoryMiB + other.memoryMiB,
        diskMiB + other.diskMiB,
        gpus + other.gpus,
        merge(other.scalars, 1));
  }

  /** The sum, each dimension cut off at {@link #MAX_AMOUNT}: to compare, not to book. */
  public Resources plusAtMost(Resources other) {
    TreeMap<String, Long> sum = new TreeMap<>(scalars);
    other.scalars.forEach((name, amount) -> sum.merge(name, amount, Resources::sumAtMost));
    return new Resources(
        sumAtMost(cpuMillis, other.cpuMillis),
        sumAtMost(memoryMiB, other.memoryMiB),
        sumAtMost(diskMiB, other.diskMiB),
        sumAtMost(gpus, other.gpus),
        sum);
  }

  private static long sumAtMost(long a, long b) {
    return Math.min(MAX_AMOUNT, a + b);
  }

  /** The amount in {@code dimension}: {@code cpus}, {@code memoryMiB}, … or a scalar's name. */
  public long amount(String dimension) {
    return switch (dimension) {
      case "cpus" -> cpuMillis;
      case "memoryMiB" -> memoryMiB;
      case "diskMiB" -> diskMiB;
      case "gpus" -> gpus;
      default -> scalar(dimension);
    };
  }

  /** Amounts by dimension as limits name them; what is zero is left out. */
  public Map<String, Long> dimensions() {
    TreeMap<String, Long> amounts = new TreeMap<>(scalars);
    for (String name : BUILT_IN) {
      amounts.put(name, amount(name));
    }
    amounts.values().removeIf(amount -> amount == 0);
    return amounts;
  }

  /**
   * This less {@code other}.
   *
   * @throws InvalidModelException naming the dimension if it would go below zero; ask {@link
   *     #covers} first where that can happen
   */
  public Resources minus(Resources other) {
    return new Resources(
        cpuMillis - other.cpuMillis,
        memoryMiB - other.memoryMiB,
        diskMiB - other.diskMiB,
        gpus - other.gpus,
        merge(other.scalars, -1));
  }

  /** This less {@code other}, each dimension cut off at zero. */
  public Resources minusOrZero(Resources other) {
    TreeMap<String, Long> left = new TreeMap<>();
    scalars.forEach((n, v) -> left.put(n, Math.max(0, v - other.scalar(n))));
    return new Resources(
        Math.max(0, cpuMillis - other.cpuMillis),
        Math.max(0, memoryMiB - other.memoryMiB),
        Math.max(0, diskMiB - other.diskMiB),
        Math.max(0, gpus - other.gpus),
        left);
  }

  /** This {@code count} times over. */
  public Resources times(long count) {
    TreeMap<String, Long> product = new TreeMap<>();
    scalars.forEach((n, v) -> product.put(n, Math.multiplyExact(v, count)));
    return new Resources(
        Math.multiplyExact(cpuMillis, count),
        Math.multiplyExact(memoryMiB, count),
        Math.multiplyExact(diskMiB, count),
        Math.multiplyExact(gpus, count),
        product);
  }

  /** Whether {@code need} fits inside this, in every dimension. */
  public boolean covers(Resources need) {
    if (need.cpuMillis > cpuMillis
        || need.memoryMiB > memoryMiB
        || need.diskMiB > diskMiB
        || need.gpus > gpus) {
      return false;
    }
    for (Map.Entry<String, Long> e : need.scalars.entrySet()) {
      if (e.getValue() > scalar(e.getKey())) {
        return false;
      }
    }
    return true;
  }

  public long scalar(String name) {
    return scalars.getOrDefault(name, 0L);
  }

  public boolean isZero() {
    return equals(ZERO);
  }

  private SortedMap<String, Long> merge(SortedMap<String, Long> other, int sign) {
    if (other.isEmpty()) {
      return scalars;
    }
    TreeMap<String, Long> sum = new TreeMap<>(scalars);
    other.forEach((n, v) -> sum.merge(n, sign * v, Long::sum));
    return sum;
  }

  private static void requireAmount(String dimension, Long amount) {
    Objects.requireNonNull(amount, dimension);
    if (amount < 0) {
      throw new InvalidModelException(
          dimension, amount + " is negative", "write 0 or more, or leave it out");
    }
    if (amount > MAX_AMOUNT) {
      throw new InvalidModelException(
          dimension, amount + " is more than any cluster has", "write at most " + MAX_AMOUNT);
    }
  }
}
