package io.springtide.partition.books;

import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Resources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gives each dimension of resources a column. Columns are added, never removed. */
public final class Dimensions {
  public static final int CPUS = 0;
  public static final int MEMORY = 1;
  public static final int DISK = 2;
  public static final int GPUS = 3;

  private final List<String> names =
      new ArrayList<>(List.of("cpus", "memoryMiB", "diskMiB", "gpus"));
  private final Map<String, Integer> columns = new HashMap<>();

  Dimensions() {
    for (int d = 0; d < names.size(); d++) {
      columns.put(names.get(d), d);
    }
  }

  Dimensions(Dimensions from) {
    names.clear();
    names.addAll(from.names);
    columns.putAll(from.columns);
  }

  public int count() {
    return names.size();
  }

  public String name(int d) {
    return names.get(d);
  }

  int of(String name) {
    Integer known = columns.get(name);
    if (known != null) {
      return known;
    }
    columns.put(name, names.size());
    names.add(name);
    return names.size() - 1;
  }

  /** {@code resources} by column; columns past the end count 0. */
  public long[] vector(Resources resources) {
    resources.scalars().keySet().forEach(this::of);
    long[] v = new long[count()];
    v[CPUS] = resources.cpuMillis();
    v[MEMORY] = resources.memoryMiB();
    v[DISK] = resources.diskMiB();
    v[GPUS] = resources.gpus();
    resources.scalars().forEach((name, amount) -> v[of(name)] = amount);
    return v;
  }

  /** {@code limit} by column; columns past the end, and those it does not name, are unlimited. */
  public long[] ceiling(Limit limit) {
    limit.dimensions().keySet().forEach(this::of);
    long[] v = new long[count()];
    Arrays.fill(v, Long.MAX_VALUE);
    limit.dimensions().forEach((name, amount) -> v[of(name)] = amount);
    return v;
  }

  /** The resources that {@code v} stands for; what is below zero counts zero. */
  public Resources resources(long[] v) {
    java.util.TreeMap<String, Long> scalars = new java.util.TreeMap<>();
    for (int d = GPUS + 1; d < v.length; d++) {
      if (v[d] > 0) {
        scalars.put(names.get(d), v[d]);
      }
    }
    return new Resources(
        Math.max(0, at(v, CPUS)),
        Math.max(0, at(v, MEMORY)),
        Math.max(0, at(v, DISK)),
        Math.max(0, at(v, GPUS)),
        scalars);
  }

  public static long at(long[] v, int d) {
    return d < v.length ? v[d] : 0;
  }

  public static long ceilingAt(long[] v, int d) {
    return d < v.length ? v[d] : Long.MAX_VALUE;
  }
}
