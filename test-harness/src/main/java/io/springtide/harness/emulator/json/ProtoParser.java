package io.springtide.harness.emulator.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * JSON into messages as Mesos does it: unknown fields are ignored, an unknown name of an enum
 * leaves its field unset, numbers and booleans may come as strings, bytes are base64. The texts of
 * the errors are Mesos'.
 */
public final class ProtoParser {

  private ProtoParser() {}

  /**
   * Fills {@code builder} from a parsed JSON value and checks that required fields are there.
   *
   * @throws JsonException in Mesos' words, without the "Failed to convert" in front
   */
  @SuppressWarnings("unchecked")
  public static void merge(Object json, Message.Builder builder) throws JsonException {
    if (!(json instanceof Map)) {
      throw new JsonException("Expecting a JSON object");
    }
    object((Map<String, Object>) json, builder);
    if (!builder.isInitialized()) {
      throw new JsonException("Missing required fields: " + builder.getInitializationErrorString());
    }
  }

  private static void object(Map<String, Object> json, Message.Builder builder)
      throws JsonException {
    for (Map.Entry<String, Object> entry : json.entrySet()) {
      FieldDescriptor field = builder.getDescriptorForType().findFieldByName(entry.getKey());
      if (field != null) {
        field(entry.getValue(), field, builder);
      }
    }
  }

  private static void field(Object json, FieldDescriptor field, Message.Builder builder)
      throws JsonException {
    if (json == JsonText.NULL) {
      return;
    }
    if (field.isMapField()) {
      map(json, field, builder);
    } else if (field.isRepeated()) {
      if (!(json instanceof List)) {
        throw new JsonException(
            "Not expecting a JSON " + typeOf(json) + " for field '" + field.getName() + "'");
      }
      for (Object item : (List<?>) json) {
        Object value = value(item, field, builder);
        if (value != null) {
          builder.addRepeatedField(field, value);
        }
      }
    } else {
      Object value = value(json, field, builder);
      if (value != null) {
        builder.setField(field, value);
      }
    }
  }

  private static void map(Object json, FieldDescriptor field, Message.Builder builder)
      throws JsonException {
    if (!(json instanceof Map)) {
      throw unexpected(json, field);
    }
    FieldDescriptor key = field.getMessageType().findFieldByName("key");
    FieldDescriptor value = field.getMessageType().findFieldByName("value");
    for (Map.Entry<?, ?> entry : ((Map<?, ?>) json).entrySet()) {
      Message.Builder item = builder.newBuilderForField(field);
      item.setField(key, value(entry.getKey(), key, item));
      Object converted = value(entry.getValue(), value, item);
      if (converted != null) {
        item.setField(value, converted);
      }
      builder.addRepeatedField(field, item.buildPartial());
    }
  }

  @SuppressWarnings("unchecked")
  private static Object value(Object json, FieldDescriptor field, Message.Builder parent)
      throws JsonException {
    return switch (field.getJavaType()) {
      case MESSAGE -> {
        if (!(json instanceof Map)) {
          throw unexpected(json, field);
        }
        Message.Builder child = parent.newBuilderForField(field);
        object((Map<String, Object>) json, child);
        yield child.buildPartial();
      }
      case ENUM -> field.getEnumType().findValueByName(text(json, field));
      case STRING -> text(json, field);
      case BYTE_STRING -> ByteString.copyFrom(base64(text(json, field), field));
      case BOOLEAN -> bool(json, field);
      default -> number(json, field);
    };
  }

  private static String text(Object json, FieldDescriptor field) throws JsonException {
    if (json instanceof String text) {
      return text;
    }
    throw unexpected(json, field);
  }

  private static byte[] base64(String text, FieldDescriptor field) throws JsonException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 128 || !(Character.isLetterOrDigit(c) || "+/=\r\n".indexOf(c) >= 0)) {
        throw new JsonException(
            "Failed to base64 decode bytes field '"
                + field.getName()
                + "': Invalid character '"
                + c
                + "'");
      }
    }
    try {
      return Base64.getMimeDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw new JsonException(
          "Failed to base64 decode bytes field '" + field.getName() + "': " + e.getMessage());
    }
  }

  private static Object bool(Object json, FieldDescriptor field) throws JsonException {
    if (json instanceof Boolean) {
      return json;
    }
    if (json instanceof String text) {
      Object inner = inner(text, "boolean", field);
      if (inner instanceof Boolean) {
        return inner;
      }
      throw new JsonException(
          "Failed to parse '" + text + "' as a JSON boolean for field '" + field.getName() + "'");
    }
    throw unexpected(json, field);
  }

  private static Object number(Object json, FieldDescriptor field) throws JsonException {
    Object number = json;
    if (json instanceof String text) {
      number = inner(text, "number", field);
    }
    if (!(number instanceof JsonText.Num num)) {
      throw unexpected(json, field);
    }
    double value = Double.parseDouble(num.text());
    // Boxed one by one: a switch of plain numbers would make a double of each.
    return switch (field.getJavaType()) {
      case DOUBLE -> (Object) value;
      case FLOAT -> (Object) (float) value;
      case INT -> (Object) (int) whole(num.text(), value);
      default -> (Object) whole(num.text(), value);
    };
  }

  private static long whole(String text, double value) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return text.matches("[0-9]+") && text.length() <= 20 && value < 1.8446744073709552e19
          ? Long.parseUnsignedLong(text)
          : (long) value;
    }
  }

  private static Object inner(String text, String kind, FieldDescriptor field)
      throws JsonException {
    try {
      return JsonText.parse(text);
    } catch (JsonException e) {
      throw new JsonException(
          "Failed to parse '"
              + text
              + "' as a JSON "
              + kind
              + " for field '"
              + field.getName()
              + "': "
              + e.getMessage());
    }
  }

  private static JsonException unexpected(Object json, FieldDescriptor field) {
    return new JsonException(
        "Not expecting a JSON " + typeOf(json) + " for field '" + field.getName() + "'");
  }

  private static String typeOf(Object json) {
    if (json instanceof Map) {
      return "object";
    }
    if (json instanceof List) {
      return "array";
    }
    if (json instanceof String) {
      return "string";
    }
    if (json instanceof Boolean) {
      return "boolean";
    }
    return json == JsonText.NULL ? "null" : "number";
  }
}
