package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Map;

/** Writes maps and lists of texts; empty ones are left out, since absent reads as empty. */
final class Texts {
  private Texts() {}

  static void put(ObjectNode node, String name, Map<String, String> map) {
    if (!map.isEmpty()) {
      ObjectNode object = node.putObject(name);
      map.forEach(object::put);
    }
  }

  static void put(ObjectNode node, String name, Collection<String> list) {
    if (!list.isEmpty()) {
      ArrayNode array = node.putArray(name);
      list.forEach(array::add);
    }
  }
}
