package io.springtide.harness.emulator.json;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Messages as Mesos prints them: compact, fields in the order of declaration, defaults that the
 * .proto declares filled in unless deprecated, whole numbers as numbers (not strings, as protobuf's
 * own printer has it), doubles with 15 digits and always a point, {@code /} as it is.
 */
public final class ProtoPrinter {

  /** Lists that the operator API prints even when they are empty, by message. */
  private static final Map<String, Set<String>> ALWAYS =
      Map.of(
          "mesos.v1.master.Response.GetTasks",
          Set.of("tasks", "unreachable_tasks", "completed_tasks"),
          "mesos.v1.master.Response.GetExecutors",
          Set.of("executors"),
          "mesos.v1.master.Response.GetFrameworks",
          Set.of("frameworks", "completed_frameworks"),
          "mesos.v1.master.Response.GetAgents",
          Set.of("agents", "recovered_agents"),
          "mesos.v1.agent.Response.GetTasks",
          Set.of(
              "pending_tasks",
              "queued_tasks",
              "launched_tasks",
              "terminated_tasks",
              "completed_tasks"),
          "mesos.v1.agent.Response.GetExecutors",
          Set.of("executors", "completed_executors"),
          "mesos.v1.agent.Response.GetFrameworks",
          Set.of("frameworks", "completed_frameworks"));

  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private ProtoPrinter() {}

  /** {@code message} as one line of JSON. */
  public static String print(Message message) {
    StringBuilder out = new StringBuilder(256);
    object(message, out);
    return out.toString();
  }

  private static void object(Message message, StringBuilder out) {
    out.append('{');
    boolean first = true;
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (!shown(message, field)) {
        continue;
      }
      if (!first) {
        out.append(',');
      }
      first = false;
      string(field.getName(), out);
      out.append(':');
      if (field.isMapField()) {
        map(message, field, out);
      } else if (field.isRepeated()) {
        list((List<?>) message.getField(field), field, out);
      } else {
        value(message.getField(field), field, out);
      }
    }
    out.append('}');
  }

  private static boolean shown(Message message, FieldDescriptor field) {
    if (field.isRepeated()) {
      return message.getRepeatedFieldCount(field) > 0
          || ALWAYS
              .getOrDefault(field.getContainingType().getFullName(), Set.of())
              .contains(field.getName());
    }
    return message.hasField(field)
        || (field.hasDefaultValue() && !field.getOptions().getDeprecated());
  }

  private static void map(Message message, FieldDescriptor field, StringBuilder out) {
    FieldDescriptor key = field.getMessageType().findFieldByName("key");
    FieldDescriptor value = field.getMessageType().findFieldByName("value");
    out.append('{');
    boolean first = true;
    for (Object item : (List<?>) message.getField(field)) {
      Message entry = (Message) item;
      if (!first) {
        out.append(',');
      }
      first = false;
      string(String.valueOf(entry.getField(key)), out);
      out.append(':');
      value(entry.getField(value), value, out);
    }
    out.append('}');
  }

  private static void list(List<?> items, FieldDescriptor field, StringBuilder out) {
    out.append('[');
    for (int i = 0; i < items.size(); i++) {
      if (i > 0) {
        out.append(',');
      }
      value(items.get(i), field, out);
    }
    out.append(']');
  }

  private static void value(Object value, FieldDescriptor field, StringBuilder out) {
    switch (field.getJavaType()) {
      case MESSAGE -> object((Message) value, out);
      case ENUM -> string(((EnumValueDescriptor) value).getName(), out);
      case STRING -> string((String) value, out);
      case BYTE_STRING ->
          string(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()), out);
      case DOUBLE -> out.append(number((Double) value));
      case FLOAT -> out.append(number((Float) value));
      case LONG ->
          out.append(
              field.getType() == FieldDescriptor.Type.UINT64
                  ? Long.toUnsignedString((Long) value)
                  : value.toString());
      case INT ->
          out.append(
              field.getType() == FieldDescriptor.Type.UINT32
                  ? Integer.toUnsignedString((Integer) value)
                  : value.toString());
      case BOOLEAN -> out.append(value);
    }
  }

  /** A double as C's {@code %.15g} prints it, with {@code .0} where there is no point. */
  public static String number(double value) {
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      return "0.0";
    }
    String digits = general(value);
    return digits.indexOf('.') < 0 && digits.indexOf('e') < 0 ? digits + ".0" : digits;
  }

  /** A double as C's {@code %.15g} prints it. */
  public static String general(double value) {
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(15)).stripTrailingZeros();
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < 15) {
      return rounded.toPlainString();
    }
    String unscaled = rounded.unscaledValue().abs().toString();
    String mantissa =
        unscaled.length() == 1 ? unscaled : unscaled.charAt(0) + "." + unscaled.substring(1);
    return (value < 0 ? "-" : "")
        + mantissa
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  /** A JSON string with quotes. */
  public static void string(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || c == 0x7f) {
            out.append("\\u00").append(HEX[c >> 4]).append(HEX[c & 15]);
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
