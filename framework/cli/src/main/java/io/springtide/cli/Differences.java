package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What differs between two documents, a line for each value. */
final class Differences {
  private final List<String> lines = new ArrayList<>();

  private Differences() {}

  /** Lines such as {@code container.image: a:1 -> a:2}; none: they say the same. */
  static List<String> between(JsonNode before, JsonNode after) {
    Differences differences = new Differences();
    differences.compare("", before, after);
    return differences.lines;
  }

  private void compare(String path, JsonNode before, JsonNode after) {
    if (before.equals(after)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      TreeSet<String> names = new TreeSet<>();
      before.fieldNames().forEachRemaining(names::add);
      after.fieldNames().forEachRemaining(names::add);
      String start = path.isEmpty() ? "" : path + ".";
      names.forEach(name -> compare(start + name, before.path(name), after.path(name)));
    } else if (before.isArray() && after.isArray() && before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(path + "[" + i + "]", before.get(i), after.get(i));
      }
    } else {
      lines.add(path + ": " + said(before) + " -> " + said(after));
    }
  }

  private static String said(JsonNode value) {
    if (value.isMissingNode()) {
      return "(none)";
    }
    return value.isTextual() ? value.textValue() : value.toString();
  }
}
