package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Map;

/** A recorded message with the run's names put in. */
final class Names {

  private Names() {}

  static JsonNode in(JsonNode recorded, Bindings bindings) {
    if (recorded.isTextual()) {
      return TextNode.valueOf(bindings.toRun(recorded.textValue()));
    }
    if (recorded.isArray()) {
      ArrayNode out = Trace.JSON.createArrayNode();
      recorded.forEach(item -> out.add(in(item, bindings)));
      return out;
    }
    if (recorded.isObject()) {
      ObjectNode out = Trace.JSON.createObjectNode();
      for (Map.Entry<String, JsonNode> field : recorded.properties()) {
        out.set(field.getKey(), in(field.getValue(), bindings));
      }
      return out;
    }
    return recorded;
  }
}
