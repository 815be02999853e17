package io.springtide.harness.emulator.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON text as strictly as Mesos does and fails in its words. Values are {@code Map}, {@code
 * List}, {@code String}, {@code Boolean}, {@link Num} and {@link #NULL}.
 */
public final class JsonText {

  /** The JSON null. */
  public static final Object NULL = new Object();

  private static final int MAX_DEPTH = 100;

  private final String text;
  private int at;

  private JsonText(String text) {
    this.text = text;
  }

  /** A number, as written. */
  public record Num(String text) {}

  /**
   * Parses one value with nothing but white space around it.
   *
   * @throws JsonException in Mesos' words
   */
  public static Object parse(String text) throws JsonException {
    JsonText json = new JsonText(text);
    Object value = json.value(0);
    json.skipSpace();
    if (json.at < text.length()) {
      throw new JsonException(
          "Parsed JSON included non-whitespace trailing characters: " + text.substring(json.at));
    }
    return value;
  }

  private Object value(int depth) throws JsonException {
    if (depth > MAX_DEPTH) {
      throw syntax();
    }
    skipSpace();
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", NULL);
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) throws JsonException {
    Map<String, Object> fields = new LinkedHashMap<>();
    at++;
    skipSpace();
    if (peek() == '}') {
      at++;
      return fields;
    }
    while (true) {
      skipSpace();
      if (peek() != '"') {
        throw syntax();
      }
      String key = string();
      skipSpace();
      expect(':');
      fields.put(key, value(depth + 1));
      skipSpace();
      if (peek() == ',') {
        at++;
      } else {
        expect('}');
        return fields;
      }
    }
  }

  private List<Object> array(int depth) throws JsonException {
    List<Object> items = new ArrayList<>();
    at++;
    skipSpace();
    if (peek() == ']') {
      at++;
      return items;
    }
    while (true) {
      items.add(value(depth + 1));
      skipSpace();
      if (peek() == ',') {
        at++;
      } else {
        expect(']');
        return items;
      }
    }
  }

  private String string() throws JsonException {
    StringBuilder out = new StringBuilder();
    at++;
    while (true) {
      int c = peek();
      if (c == -1 || c < ' ') {
        throw syntax();
      }
      at++;
      if (c == '"') {
        return out.toString();
      }
      out.append(c == '\\' ? escape() : (char) c);
    }
  }

  private char escape() throws JsonException {
    int c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> (char) c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> fourDigits();
      default -> {
        at--;
        throw syntax();
      }
    };
  }

  private char fourDigits() throws JsonException {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit((char) Math.max(peek(), 0), 16);
      if (peek() == -1 || digit < 0) {
        throw syntax();
      }
      code = code * 16 + digit;
      at++;
    }
    return (char) code;
  }

  private Object word(String word, Object value) throws JsonException {
    if (!text.startsWith(word, at)) {
      throw syntax();
    }
    at += word.length();
    return value;
  }

  private Num number() throws JsonException {
    int start = at;
    while (peek() != -1 && "+-.eE0123456789".indexOf(peek()) >= 0) {
      at++;
    }
    String number = text.substring(start, at);
    if (number.length() > 400 || !number.matches("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
      at = start;
      throw syntax();
    }
    return new Num(number);
  }

  private void expect(char c) throws JsonException {
    if (peek() != c) {
      throw syntax();
    }
    at++;
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : -1;
  }

  private void skipSpace() {
    while (peek() != -1 && " \t\r\n".indexOf(peek()) >= 0) {
      at++;
    }
  }

  private JsonException syntax() {
    int from = Math.min(at, text.length());
    long line = 1 + text.substring(0, from).chars().filter(c -> c == '\n').count();
    int end = text.indexOf('\n', from);
    return new JsonException(
        "syntax error at line "
            + line
            + " near: "
            + text.substring(from, end < 0 ? text.length() : end));
  }
}
