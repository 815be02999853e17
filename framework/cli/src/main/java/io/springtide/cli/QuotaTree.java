package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Groups with their quotas as a tree: for each pool and dimension what is guaranteed, used,
 * borrowed, lent and allowed.
 */
final class QuotaTree {
  private final Map<String, JsonNode> groups = new TreeMap<>();

  QuotaTree(ArrayNode groups) {
    groups.forEach(group -> this.groups.put(group.path("path").asText(), group));
  }

  private static String above(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
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
            "LENT",
            "LENDABLE",
            "LIMIT");
    groups.forEach(
        (path, group) -> {
          List<String[]> rows = new ArrayList<>();
          group
              .path("quotas")
              .properties()
              .forEach(
                  quota ->
                      rows(
                          quota.getKey(),
                          quota.getValue(),
                          group.path("status").path("pools").path(quota.getKey()),
                          rows));
          if (rows.isEmpty()) {
            String none = Show.NOTHING;
            rows.add(new String[] {"", none, none, none, none, none, none, none, none, none});
          }
          rows.get(0)[0] = "  ".repeat(depth(path)) + path;
          rows.forEach(table::row);
        });
    table.print(out);
  }

  /** A line for each dimension; the pool stands in the first. */
  private static void rows(String pool, JsonNode quota, JsonNode status, List<String[]> rows) {
    Map<String, String> guarantee = amounts(quota.path("guarantee"));
    Map<String, String> lendable = amounts(quota.path("lendable"));
    Map<String, String> limit = amounts(quota.path("limit"));
    Map<String, String> used = amounts(status.path("used"));
    Map<String, String> borrowed = amounts(status.path("borrowed"));
    Map<String, String> lent = amounts(status.path("lent"));
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
      rows.add(
          new String[] {
            "",
            first ? pool : "",
            first ? Show.text(quota, "weight") : "",
            dimension,
            guarantee.getOrDefault(dimension, "0"),
            used.getOrDefault(dimension, "0"),
            borrowed.getOrDefault(dimension, "0"),
            lent.getOrDefault(dimension, "0"),
            lendable.getOrDefault(dimension, "0"),
            limit.getOrDefault(dimension, "any")
          });
      first = false;
    }
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
