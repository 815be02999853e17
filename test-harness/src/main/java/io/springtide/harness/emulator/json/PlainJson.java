package io.springtide.harness.emulator.json;

import com.google.protobuf.Message;
import java.util.Collection;
import java.util.Map;

/** Maps, collections, texts, numbers and messages as compact JSON. */
public final class PlainJson {

  private PlainJson() {}

  public static String print(Object value) {
    StringBuilder out = new StringBuilder();
    append(value, out);
    return out.toString();
  }

  private static void append(Object value, StringBuilder out) {
    if (value instanceof Map<?, ?> map) {
      out.append('{');
      boolean first = true;
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(first ? "" : ",");
        first = false;
        ProtoPrinter.string(entry.getKey().toString(), out);
        out.append(':');
        append(entry.getValue(), out);
      }
      out.append('}');
    } else if (value instanceof Collection<?> items) {
      out.append('[');
      boolean first = true;
      for (Object item : items) {
        out.append(first ? "" : ",");
        first = false;
        append(item, out);
      }
      out.append(']');
    } else if (value instanceof Message message) {
      out.append(ProtoPrinter.print(message));
    } else if (value instanceof Double number) {
      out.append(ProtoPrinter.number(number));
    } else if (value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else {
      ProtoPrinter.string(String.valueOf(value), out);
    }
  }
}
