package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Dominant shares of frameworks and roles, maintained as allocations come and go (Dominant Resource
 * Fairness, Ghodsi et al., NSDI 2011). Ties go to whom was given less often, then by name.
 */
final class Shares {

  private final ToDoubleFunction<String> weights;
  private final Map<String, long[]> allocated = new HashMap<>();
  private final Map<String, Long> allocations = new HashMap<>();
  private final Map<String, Integer> index = new LinkedHashMap<>();
  private long[] total = new long[0];

  /** Everybody counts the same. */
  Shares() {
    this(client -> 1.0);
  }

  /**
   * @param weights of each client, above 0
   */
  Shares(ToDoubleFunction<String> weights) {
    this.weights = weights;
  }

  void total(Bag all) {
    total = vector(all);
  }

  void allocate(String client, Bag resources) {
    long[] mine = allocated.getOrDefault(client, new long[0]);
    allocated.put(client, sum(mine, vector(resources), 1));
    allocations.merge(client, 1L, Long::sum);
  }

  void free(String client, Bag resources) {
    long[] mine = allocated.getOrDefault(client, new long[0]);
    allocated.put(client, sum(mine, vector(resources), -1));
  }

  void remove(String client) {
    allocated.remove(client);
    allocations.remove(client);
  }

  int compare(String a, String b) {
    int byShare = Double.compare(share(a), share(b));
    if (byShare != 0) {
      return byShare;
    }
    int byCount = Long.compare(allocations.getOrDefault(a, 0L), allocations.getOrDefault(b, 0L));
    return byCount != 0 ? byCount : a.compareTo(b);
  }

  private double share(String client) {
    long[] mine = allocated.getOrDefault(client, new long[0]);
    double share = 0;
    for (int i = 0; i < mine.length && i < total.length; i++) {
      if (total[i] > 0) {
        share = Math.max(share, (double) mine[i] / total[i]);
      }
    }
    return share / weights.applyAsDouble(client);
  }

  /** What a client and those below it (by path) have of a resource, in thousandths. */
  long milli(String client, String resource) {
    Integer at = index.get(resource);
    if (at == null) {
      return 0;
    }
    long sum = 0;
    for (Map.Entry<String, long[]> one : allocated.entrySet()) {
      boolean mine = one.getKey().equals(client) || one.getKey().startsWith(client + "/");
      if (mine && at < one.getValue().length) {
        sum += one.getValue()[at];
      }
    }
    return sum;
  }

  private long[] vector(Bag bag) {
    for (String name : bag.scalarNames()) {
      index.putIfAbsent(name, index.size());
    }
    long[] out = new long[index.size()];
    index.forEach((name, i) -> out[i] = bag.milli(name));
    return out;
  }

  private static long[] sum(long[] a, long[] b, int sign) {
    long[] out = new long[Math.max(a.length, b.length)];
    for (int i = 0; i < out.length; i++) {
      out[i] = (i < a.length ? a[i] : 0) + sign * (i < b.length ? b[i] : 0);
    }
    return out;
  }
}
