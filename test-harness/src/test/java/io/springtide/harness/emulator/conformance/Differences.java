package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The deliberate differences of {@code mesos-traces/differences.json}, each with a reason. Kinds:
 * {@code drop-item} (an item of a recorded array that the bindings do not know), {@code drop-field}
 * (a field that they do not know), {@code status} (another status for one request), {@code no-body}
 * (the body of one answer is not compared), {@code no-answer} (nor its head), {@code no-close} (the
 * end of one stream is not compared), {@code early} (an event may come so many seconds before it
 * was recorded).
 */
final class Differences {

  private final List<JsonNode> all;

  private Differences(List<JsonNode> all) {
    this.all = all;
  }

  static Differences load() {
    try (InputStream in = Differences.class.getResourceAsStream("/mesos-traces/differences.json")) {
      List<JsonNode> all = new ArrayList<>();
      Trace.JSON.readTree(in).forEach(all::add);
      for (JsonNode one : all) {
        if (one.path("reason").asText().length() < 10) {
          throw new IllegalArgumentException("a difference without a reason: " + one);
        }
      }
      return new Differences(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those of one trace. */
  Differences of(String trace) {
    return new Differences(
        all.stream()
            .filter(
                d -> d.get("trace").asText().equals("*") || d.get("trace").asText().equals(trace))
            .toList());
  }

  private boolean has(String kind, String request) {
    return all.stream()
        .anyMatch(
            d -> d.get("kind").asText().equals(kind) && d.path("request").asText().equals(request));
  }

  int status(String request, int recorded) {
    for (JsonNode one : all) {
      if (one.get("kind").asText().equals("status")
          && one.get("request").asText().equals(request)) {
        return one.get("status").asInt();
      }
    }
    return recorded;
  }

  /** From when on an event recorded at {@code at} may come. */
  double earliest(double at) {
    for (JsonNode one : all) {
      if (one.get("kind").asText().equals("early")
          && Math.abs(one.get("at").asDouble() - at) < 0.1) {
        return at - one.get("seconds").asDouble();
      }
    }
    return at - StreamCheck.EARLY_SECONDS;
  }

  boolean ignoresAnswer(String request) {
    return has("no-answer", request);
  }

  boolean ignoresClose(String request) {
    return has("no-close", request);
  }

  /** A recorded event without what is deliberately not there. */
  JsonNode event(JsonNode recorded) {
    JsonNode copy = recorded.deepCopy();
    drop(copy);
    return copy;
  }

  private void drop(JsonNode node) {
    if (node instanceof ArrayNode array) {
      for (int i = array.size() - 1; i >= 0; i--) {
        JsonNode item = array.get(i);
        if (all.stream()
            .anyMatch(
                d -> d.get("kind").asText().equals("drop-item") && d.get("item").equals(item))) {
          array.remove(i);
        } else {
          drop(item);
        }
      }
    } else if (node instanceof ObjectNode object) {
      for (JsonNode one : all) {
        if (one.get("kind").asText().equals("drop-field")) {
          JsonNode in = object.path(one.get("in").asText());
          (in.isArray() ? in : List.of(in)).forEach(item -> without(item, one));
        }
      }
      object.forEach(this::drop);
    }
  }

  private static void without(JsonNode item, JsonNode difference) {
    if (item instanceof ObjectNode object) {
      object.remove(difference.get("field").asText());
    }
  }

  /** What is wrong with an answer's body, or null. */
  String body(
      String request, JsonNode line, byte[] here, Comparison comparison, Bindings bindings) {
    JsonNode recorded = line.get("body");
    if (has("no-body", request)) {
      return null;
    }
    String text = new String(here, StandardCharsets.UTF_8);
    if (recorded.isNull()) {
      return text.isEmpty() ? null : "recorded no body, here " + text;
    }
    if (recorded.has("text") && recorded.size() == 1) {
      String said = recorded.get("text").asText();
      if (said.endsWith("...\"}") || said.endsWith("...")) {
        return text.startsWith(said.substring(0, Math.min(24, said.length())))
            ? null
            : "recorded the beginning " + said + ", here " + text;
      }
      return bindings.unify(said, text) ? null : "recorded \"" + said + "\", here \"" + text + "\"";
    }
    if (recorded.path("_keys").toString().equals("[\"text\"]")) {
      return text.startsWith("{") ? "recorded text, here " + text : null;
    }
    try {
      JsonNode run = Trace.JSON.readTree(text);
      return line.path("trimmed").asBoolean()
          ? comparison.missing(event(recorded), run)
          : comparison.difference(event(recorded), run);
    } catch (IOException e) {
      return "recorded JSON, here " + text;
    }
  }
}
