package io.springtide.partition.books;

import io.springtide.partition.model.Constraint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Attribute values as small numbers, one column per attribute and one row per host. Only attributes
 * that some constraint asks for get a column.
 */
public final class Attributes {
  /** The attribute that is the host itself: its value is the host's row. */
  static final int HOST = 0;

  /** The value of a host that lacks the attribute. */
  static final int NONE = -1;

  private final List<String> names = new ArrayList<>(List.of(Constraint.HOST));
  private final List<List<String>> values = new ArrayList<>();
  private final List<Map<String, Integer>> ids = new ArrayList<>();
  private int[][] column = new int[1][0];
  private int hosts = Columns.FIRST_ROWS;

  Attributes() {
    values.add(new ArrayList<>());
    ids.add(new HashMap<>());
  }

  Attributes(Attributes from) {
    names.clear();
    names.addAll(from.names);
    from.values.forEach(texts -> values.add(new ArrayList<>(texts)));
    from.ids.forEach(known -> ids.add(new HashMap<>(known)));
    column = Columns.copy(from.column);
    hosts = from.hosts;
  }

  /** The column of attribute {@code name}, or -1 if none has been asked for. */
  int find(String name) {
    return names.indexOf(name);
  }

  int add(String name, int rows) {
    names.add(name);
    values.add(new ArrayList<>());
    ids.add(new HashMap<>());
    column = Arrays.copyOf(column, names.size());
    column[names.size() - 1] = new int[rows];
    Arrays.fill(column[names.size() - 1], NONE);
    return names.size() - 1;
  }

  int count() {
    return names.size();
  }

  String name(int attribute) {
    return names.get(attribute);
  }

  public int value(int attribute, int host) {
    return attribute == HOST ? host : column[attribute][host];
  }

  public int valueCount(int attribute) {
    return attribute == HOST ? hosts : values.get(attribute).size();
  }

  String text(int attribute, int value) {
    return values.get(attribute).get(value);
  }

  void set(int attribute, int host, String text) {
    if (text == null) {
      column[attribute][host] = NONE;
      return;
    }
    List<String> texts = values.get(attribute);
    column[attribute][host] =
        ids.get(attribute)
            .computeIfAbsent(
                text,
                t -> {
                  texts.add(t);
                  return texts.size() - 1;
                });
  }

  void rows(int rows) {
    hosts = rows;
    for (int a = 1; a < column.length; a++) {
      int old = column[a].length;
      column[a] = Arrays.copyOf(column[a], rows);
      Arrays.fill(column[a], old, rows, NONE);
    }
  }
}
