package io.springtide.registry.tracker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Base64;
import java.util.BitSet;

/**
 * The fields of a message's JSON. Reading takes only what has the form and the size that it must
 * have: everything else is an {@link IOException} that names the field.
 */
final class MessageFields {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MessageFields() {}

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  static JsonNode tree(byte[] body) throws IOException {
    JsonNode node;
    try {
      node = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new IOException("not JSON: " + e.getOriginalMessage(), e);
    }
    if (node == null || !node.isObject()) {
      throw new IOException("not a JSON object");
    }
    return node;
  }

  static JsonNode list(JsonNode node, String field, int max) throws IOException {
    JsonNode list = node.path(field);
    if (list.isMissingNode()) {
      return JSON.createArrayNode();
    }
    if (!list.isArray() || list.size() > max) {
      throw wrong(field);
    }
    return list;
  }

  static int number(JsonNode node, String field, int min, int max) throws IOException {
    JsonNode value = node.path(field);
    if (!value.isInt() || value.asInt() < min || value.asInt() > max) {
      throw wrong(field);
    }
    return value.asInt();
  }

  static byte[] binary(JsonNode node, String field, int max) throws IOException {
    String text = node.path(field).asText("");
    if (text.length() > (max + 2L) / 3 * 4) {
      throw wrong(field);
    }
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw wrong(field);
    }
  }

  static BitSet bits(JsonNode node, String field, int max) throws IOException {
    BitSet bits = BitSet.valueOf(binary(node, field, (max + 7) / 8));
    if (bits.length() > max) {
      throw wrong(field);
    }
    return bits;
  }

  static IOException wrong(String field) {
    return new IOException(field + ": is missing, or has not the form that it must have");
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  static byte[] bytes(ObjectNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }
}
