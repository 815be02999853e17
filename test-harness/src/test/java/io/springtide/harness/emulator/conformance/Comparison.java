package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Whether a message of the run is the recorded one: same fields in the same order, same values, but
 * for names and what the recording's README says to ignore. Gives the path and the two values of
 * the first difference, or null.
 */
final class Comparison {

  private static final Set<String> IGNORED = Set.of("timestamp", "executor_pid");
  private static final Set<String> TIMES =
      Set.of(
          "unreachable_time",
          "registered_time",
          "reregistered_time",
          "unregistered_time",
          "estimated_drain_start_time",
          "start_time",
          "elected_time",
          "build_time",
          "build_date",
          "build_user");
  private static final Set<String> UNORDERED = Set.of("resources", "executor_ids", "offers");

  /** What Mesos keeps in hash maps, thus prints in any order. */
  private static final Set<String> OPERATOR_LISTS =
      Set.of(
          "agents",
          "tasks",
          "unreachable_tasks",
          "completed_tasks",
          "launched_tasks",
          "executors",
          "frameworks",
          "completed_frameworks");

  private final Bindings bindings;
  private final boolean exact;

  /**
   * @param exact false when the master is another than the recorded one, with a MasterInfo of its
   *     own
   */
  Comparison(Bindings bindings, boolean exact) {
    this.bindings = bindings;
    this.exact = exact;
  }

  String difference(JsonNode recorded, JsonNode run) {
    return difference("", recorded, run);
  }

  private String difference(String path, JsonNode recorded, JsonNode run) {
    if (recorded.has("$trimmed") || (!exact && path.endsWith(".master_info"))) {
      return null;
    }
    if (recorded.isObject() && run.isObject()) {
      return objects(path, recorded, run);
    }
    if (recorded.isArray() && run.isArray()) {
      String name = path.substring(path.lastIndexOf('.') + 1);
      boolean books = path.contains(".get_") && OPERATOR_LISTS.contains(name);
      return UNORDERED.contains(name) || name.endsWith("_resources") || books
          ? sets(path, recorded, run)
          : lists(path, recorded, run);
    }
    if (recorded.isTextual() && run.isTextual()) {
      return texts(path, recorded.textValue(), run.textValue());
    }
    if (recorded.isNumber() && run.isNumber()) {
      boolean same =
          recorded.isIntegralNumber() == run.isIntegralNumber()
              && Double.compare(recorded.doubleValue(), run.doubleValue()) == 0;
      boolean port = path.endsWith(".port") && bindings.bind(recorded.asText(), run.asText());
      return same || port ? null : differ(path, recorded, run);
    }
    return recorded.equals(run) ? null : differ(path, recorded, run);
  }

  /**
   * Whether all that a trimmed recording still has is there: {@code {...}} stands for anything,
   * {@code _keys} for an object with just these names, lists may have more items.
   */
  String missing(JsonNode recorded, JsonNode run) {
    return missing("", recorded, run);
  }

  private String missing(String path, JsonNode recorded, JsonNode run) {
    if (recorded.asText().equals("{...}")) {
      return run.isObject() ? null : differ(path, recorded, run);
    }
    if (recorded.has("_keys")) {
      List<String> expected = new ArrayList<>();
      recorded.get("_keys").forEach(name -> expected.add(name.asText()));
      List<String> here = names(run);
      Collections.sort(here);
      return expected.equals(here) ? null : path + ": recorded " + expected + ", here " + here;
    }
    if (recorded.isObject() && run.isObject()) {
      for (String name : names(recorded)) {
        if (IGNORED.contains(name) || TIMES.contains(name)) {
          continue;
        }
        String missing =
            run.has(name)
                ? missing(path + "." + name, recorded.get(name), run.get(name))
                : path + "." + name + " is missing";
        if (missing != null) {
          return missing;
        }
      }
      return null;
    }
    if (recorded.isArray() && run.isArray()) {
      for (JsonNode item : recorded) {
        String closest = "";
        boolean found = false;
        for (JsonNode candidate : run) {
          int mark = bindings.mark();
          String missing = missing(path + "[]", item, candidate);
          found |= missing == null;
          if (missing == null) {
            break;
          }
          closest = deeper(closest, missing);
          bindings.rollback(mark);
        }
        if (!found) {
          return closest + "\n   so " + path + " lacks " + item;
        }
      }
      return null;
    }
    return difference(path, recorded, run);
  }

  private static String differ(String path, JsonNode recorded, JsonNode run) {
    return (path.isEmpty() ? "." : path) + ": recorded " + recorded + ", here " + run;
  }

  private String texts(String path, String recorded, String run) {
    boolean uuid = path.endsWith(".uuid") || path.endsWith("_uuid") || path.endsWith("uuid.value");
    if (uuid && !bindings.isSame(recorded)) {
      return bindings.bind(recorded, run)
          ? null
          : path + ": recorded uuid " + recorded + ", here " + run;
    }
    return bindings.unify(recorded, run)
        ? null
        : path + ": recorded \"" + recorded + "\", here \"" + run + "\"";
  }

  private String objects(String path, JsonNode recorded, JsonNode run) {
    List<String> expected = names(recorded);
    List<String> actual = names(run);
    if (!expected.equals(actual)) {
      return path + ": recorded fields " + expected + ", here " + actual;
    }
    for (String name : expected) {
      if (IGNORED.contains(name) || TIMES.contains(name)) {
        continue;
      }
      String difference = difference(path + "." + name, recorded.get(name), run.get(name));
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private String lists(String path, JsonNode recorded, JsonNode run) {
    if (recorded.size() != run.size()) {
      return differ(path, recorded, run);
    }
    for (int i = 0; i < recorded.size(); i++) {
      String difference = difference(path + "[" + i + "]", recorded.get(i), run.get(i));
      if (difference != null) {
        return difference;
      }
    }
    return null;
  }

  private static String deeper(String one, String other) {
    return other != null && other.indexOf(':') > one.indexOf(':') ? other : one;
  }

  private String sets(String path, JsonNode recorded, JsonNode run) {
    List<JsonNode> left = new ArrayList<>();
    run.forEach(left::add);
    for (JsonNode item : recorded) {
      boolean found = false;
      String closest = "";
      for (JsonNode candidate : left) {
        int mark = bindings.mark();
        String difference = difference(path + "[]", item, candidate);
        closest = deeper(closest, difference);
        if (difference == null) {
          left.remove(candidate);
          found = true;
          break;
        }
        bindings.rollback(mark);
      }
      if (!found) {
        return closest + "\n   so " + path + ": recorded " + item + " is not among " + run;
      }
    }
    return left.isEmpty() ? null : path + ": not recorded " + left;
  }
}
