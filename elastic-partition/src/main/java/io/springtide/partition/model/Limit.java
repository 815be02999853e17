package io.springtide.partition.model;

import java.util.Collections;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A ceiling per dimension. A dimension that it does not name is unlimited, unlike in {@link
 * Resources}, where it would be 0.
 *
 * @param dimensions amounts by dimension: {@code cpus} (milli), {@code memoryMiB}, {@code diskMiB},
 *     {@code gpus}, or the name of a scalar; each 0 or more
 */
public record Limit(SortedMap<String, Long> dimensions) {
  /** Where a document says an amount of {@code dimension}. */
  public static String field(String dimension) {
    return Resources.BUILT_IN.contains(dimension) ? dimension : "scalars." + dimension;
  }

  public static final Limit UNLIMITED = new Limit(Collections.emptySortedMap());

  public Limit {
    TreeMap<String, Long> copy = new TreeMap<>();
    dimensions.forEach(
        (name, amount) -> {
          if (amount < 0 || amount > Resources.MAX_AMOUNT) {
            throw new InvalidModelException(
                field(name), amount + " is not a limit", "write 0 to " + Resources.MAX_AMOUNT);
          }
          copy.put(name, amount);
        });
    dimensions = Collections.unmodifiableSortedMap(copy);
  }

  public static Limit of(long cpuMillis, long memoryMiB) {
    return new Limit(new TreeMap<>(Map.of("cpus", cpuMillis, "memoryMiB", memoryMiB)));
  }

  /** The ceiling in {@code dimension}, empty where there is none. */
  public OptionalLong of(String dimension) {
    Long amount = dimensions.get(dimension);
    return amount == null ? OptionalLong.empty() : OptionalLong.of(amount);
  }

  /** Whether {@code used} stays within every ceiling. */
  public boolean covers(Resources used) {
    for (Map.Entry<String, Long> e : dimensions.entrySet()) {
      if (used.amount(e.getKey()) > e.getValue()) {
        return false;
      }
    }
    return true;
  }
}
