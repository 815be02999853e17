package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The events of one stream against the recorded ones. Order counts, but for updates of different
 * tasks, and for OFFERS against what executors do, which only chance and the allocator's clock set.
 */
final class StreamCheck {

  /** How much earlier than recorded an event may come: an allocation interval and some. */
  static final double EARLY_SECONDS = 0.45;

  /** A recorded event. */
  private static final class Expected {
    final double at;
    final double earliest;
    final JsonNode body;
    boolean met;

    Expected(double at, double earliest, JsonNode body) {
      this.at = at;
      this.earliest = earliest;
      this.body = body;
    }
  }

  private final String name;
  private final Comparison comparison;
  private final Bindings bindings;
  private final List<Expected> expected = new ArrayList<>();
  private String end;

  StreamCheck(String name, Comparison comparison, Bindings bindings) {
    this.name = name;
    this.comparison = comparison;
    this.bindings = bindings;
  }

  /** An event recorded at a moment; one from {@code earliest} on will do. */
  void expect(double at, double earliest, JsonNode body) {
    if (!heartbeat(body)) {
      expected.add(new Expected(at, earliest, body));
    }
  }

  private static boolean heartbeat(JsonNode body) {
    return body.path("type").asText().equals("HEARTBEAT");
  }

  /** Takes an event of the run; gives what is wrong with it, or null. */
  String take(JsonNode event, double now) {
    if (heartbeat(event)) {
      return null;
    }
    List<String> why = new ArrayList<>();
    for (int i = 0; i < expected.size(); i++) {
      Expected candidate = expected.get(i);
      if (candidate.met) {
        continue;
      }
      if (candidate.earliest > now) {
        continue;
      }
      int mark = bindings.mark();
      String difference = comparison.difference(candidate.body, event);
      if (difference != null) {
        bindings.rollback(mark);
        if (candidate.body.path("type").equals(event.path("type"))) {
          why.add("not that of " + candidate.at + " s: " + difference);
        }
        continue;
      }
      Expected before = blocker(i);
      if (before != null) {
        bindings.rollback(mark);
        why.add("out of order, before " + before.body);
        continue;
      }
      candidate.met = true;
      return null;
    }
    return name + ": not recorded at " + now + " s: " + event + "\n  " + String.join("\n  ", why);
  }

  private Expected blocker(int index) {
    for (int i = 0; i < index; i++) {
      Expected earlier = expected.get(i);
      if (!earlier.met && ordered(earlier.body, expected.get(index).body)) {
        return earlier;
      }
    }
    return null;
  }

  private static boolean ordered(JsonNode a, JsonNode b) {
    String first = kind(a);
    String second = kind(b);
    if (first.startsWith("task ") && second.startsWith("task ")) {
      return first.equals(second);
    }
    boolean offers = first.equals("OFFERS") || second.equals("OFFERS");
    boolean chance =
        first.startsWith("task ")
            || second.startsWith("task ")
            || first.equals("FAILURE")
            || second.equals("FAILURE")
            || first.equals("MESSAGE")
            || second.equals("MESSAGE")
            || first.equals("ACKNOWLEDGED")
            || second.equals("ACKNOWLEDGED");
    return !(offers && chance);
  }

  private static String kind(JsonNode event) {
    String type = event.path("type").asText();
    if (type.equals("UPDATE")) {
      return "task " + event.at("/update/status/task_id/value").asText();
    }
    if (type.equals("TASK_UPDATED")) {
      return "task " + event.at("/task_updated/status/task_id/value").asText();
    }
    if (type.equals("TASK_ADDED")) {
      return "task " + event.at("/task_added/task/task_id/value").asText();
    }
    if (type.equals("ACKNOWLEDGED")) {
      return "task " + event.at("/acknowledged/task_id/value").asText();
    }
    return type;
  }

  void ended(String how) {
    end = how;
  }

  /** How the stream ended; null while it goes on. */
  String end() {
    return end;
  }

  /** The first event recorded up to {@code at} that has not come; null when all have. */
  String missing(double at) {
    for (Expected event : expected) {
      if (!event.met && event.at <= at) {
        return name + ": recorded at " + event.at + " s but not seen: " + event.body;
      }
    }
    return null;
  }
}
