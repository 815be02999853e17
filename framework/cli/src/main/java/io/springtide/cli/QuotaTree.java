package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Groups with their quotas as a tree: for each pool and dimension what is guaranteed, used,
 * borrowed and allowed. The API says what each instance has and by which label; what groups have of
 * it is counted here.
 */
final class QuotaTree {
  /** States in which an instance takes no room. */
  private static final Set<String> IDLE = Set.of("PENDING", "FINISHED", "FAILED");

  /** By group, pool and dimension. */
  private final Map<String, BigDecimal> used = new HashMap<>();

  private final Map<String, BigDecimal> borrowed = new HashMap<>();
  private final Map<String, JsonNode> groups = new TreeMap<>();

  QuotaTree(ArrayNode groups) {
    groups.forEach(group -> this.groups.put(group.path("path").asText(), group));
  }

  /** Counts an instance for its group, and for all above. */
  void count(JsonNode instance) {
    if (IDLE.contains(instance.path("state").asText()) || !instance.has("pool")) {
      return;
    }
    boolean isBorrowed = instance.path("label").asText().equals("borrowed");
    String group = above(instance.path("job").asText());
    for (; !group.isEmpty(); group = above(group)) {
      for (Map.Entry<String, String> one : amounts(instance.path("resources")).entrySet()) {
        String key = key(group, instance.path("pool").asText(), one.getKey());
        BigDecimal amount = new BigDecimal(one.getValue());
        used.merge(key, amount, BigDecimal::add);
        if (isBorrowed) {
          borrowed.merge(key, amount, BigDecimal::add);
        }
      }
    }
  }

  private static String above(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
  }

  private static String key(String group, String pool, String dimension) {
    return String.join("\n", group, pool, dimension);
  }

  /** Every dimension of resources that are named, scalars among them. */
  private static Map<String, String> amounts(JsonNode resources) {
    Map<String, String> amounts = new LinkedHashMap<>();
    resources
        .properties()
        .forEach(
            one -> {
              if (one.getKey().equals("scalars")) {
                one.getValue()
                    .properties()
                    .forEach(scalar -> amounts.put(scalar.getKey(), scalar.getValue().asText()));
              } else {
                amounts.put(one.getKey(), one.getValue().asText());
              }
            });
    return amounts;
  }

  void print(Screen out) {
    Table table =
        new Table(
            "PATH",
            "POOL",
            "WEIGHT",
            "DIMENSION",
            "GUARANTEE",
            "USED",
            "BORROWED",
            "LENDABLE",
            "LIMIT");
    groups.forEach(
        (path, group) -> {
          List<String[]> rows = new ArrayList<>();
          group
              .path("quotas")
              .properties()
              .forEach(quota -> rows(path, quota.getKey(), quota.getValue(), rows));
          if (rows.isEmpty()) {
            String none = Show.NOTHING;
            rows.add(new String[] {"", none, none, none, none, none, none, none, none});
          }
          rows.get(0)[0] = "  ".repeat(depth(path)) + path;
          rows.forEach(table::row);
        });
    table.print(out);
  }

  /** A line for each dimension; the pool stands in the first. */
  private void rows(String path, String pool, JsonNode quota, List<String[]> rows) {
    Map<String, String> guarantee = amounts(quota.path("guarantee"));
    Map<String, String> lendable = amounts(quota.path("lendable"));
    Map<String, String> limit = amounts(quota.path("limit"));
    Map<String, String> dimensions = new LinkedHashMap<>();
    for (String usual : List.of("cpus", "memoryMiB")) {
      dimensions.put(usual, "");
    }
    for (Map<String, String> named : List.of(guarantee, limit)) {
      named.forEach(
          (dimension, amount) -> {
            if (named == limit || new BigDecimal(amount).signum() > 0) {
              dimensions.put(dimension, "");
            }
          });
    }
    boolean first = true;
    for (String dimension : dimensions.keySet()) {
      String key = key(path, pool, dimension);
      rows.add(
          new String[] {
            "",
            first ? pool : "",
            first ? Show.text(quota, "weight") : "",
            dimension,
            guarantee.getOrDefault(dimension, "0"),
            plain(used.get(key)),
            plain(borrowed.get(key)),
            lendable.getOrDefault(dimension, "0"),
            limit.getOrDefault(dimension, "any")
          });
      first = false;
    }
  }

  private static String plain(BigDecimal amount) {
    return amount == null ? "0" : amount.stripTrailingZeros().toPlainString();
  }

  /** How many of the groups above it are shown as well. */
  private int depth(String path) {
    int depth = 0;
    for (String above = above(path); !above.isEmpty(); above = above(above)) {
      depth += groups.containsKey(above) ? 1 : 0;
    }
    return depth;
  }
}
