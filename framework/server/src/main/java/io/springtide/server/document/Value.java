package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What a field or a parameter may hold: its kind and its bounds. {@link Fields} reads by it, and
 * the API's description shows it. Immutable.
 */
public final class Value {
  /** What there is. */
  enum Kind {
    TEXT,
    BOOL,
    WHOLE,
    DECIMAL,
    DURATION,
    TIME,
    OBJECT,
    LIST,
    MAP,
    ANY
  }

  private static final Consumer<ObjectNode> NOTHING_MORE = schema -> {};

  final Kind kind;

  /** Of a whole number, or of a decimal in units of its last digit; of a text its least length. */
  final long min;

  final long max;
  final int digits;

  /** Of a text that is one of these; empty: any. */
  final List<String> words;

  /** Of a list or a map. */
  final Value item;

  /** Of an object: that of one of them. */
  final List<Form> forms;

  /** What the description says besides, and readers check in words of their own. */
  private final Consumer<ObjectNode> more;

  private Value(
      Kind kind,
      long min,
      long max,
      int digits,
      List<String> words,
      Value item,
      List<Form> forms,
      Consumer<ObjectNode> more) {
    this.kind = kind;
    this.min = min;
    this.max = max;
    this.digits = digits;
    this.words = List.copyOf(words);
    this.item = item;
    this.forms = List.copyOf(forms);
    this.more = more;
  }

  private static Value of(Kind kind) {
    return new Value(kind, 0, 0, 0, List.of(), null, List.of(), NOTHING_MORE);
  }

  private Value and(Consumer<ObjectNode> said) {
    return new Value(kind, min, max, digits, words, item, forms, more.andThen(said));
  }

  public static Value text() {
    return of(Kind.TEXT);
  }

  /** A text that matches, from its first to its last character. */
  public static Value text(String pattern) {
    return text().and(schema -> schema.put("pattern", "^(?:" + pattern + ")$"));
  }

  public static Value bool() {
    return of(Kind.BOOL);
  }

  /** Of a boolean: only this makes sense. */
  public Value only(boolean one) {
    return and(schema -> schema.put("const", one));
  }

  /** A whole number within bounds. */
  public static Value whole(long min, long max) {
    return new Value(Kind.WHOLE, min, max, 0, List.of(), null, List.of(), NOTHING_MORE);
  }

  /** Of a whole number: above 0, which its reader says in words of its own. */
  public Value positive() {
    return and(schema -> schema.put("minimum", 1));
  }

  /** A whole number of 0 or more. */
  public static Value count() {
    return whole(0, Long.MAX_VALUE);
  }

  /** How much of something there is. */
  public static Value amount() {
    return whole(0, io.springtide.partition.model.Resources.MAX_AMOUNT);
  }

  /**
   * A number of 0 or more.
   *
   * @param digits the most decimals
   * @param max in units of the last digit
   */
  public static Value decimal(int digits, long max) {
    return new Value(Kind.DECIMAL, 0, max, digits, List.of(), null, List.of(), NOTHING_MORE);
  }

  /** Such as {@code 30s}, see {@link DurationText}. */
  public static Value duration() {
    return of(Kind.DURATION);
  }

  /** A moment, as ISO 8601 in UTC. */
  public static Value time() {
    return of(Kind.TIME);
  }

  /** One of an enum's constants as documents spell them. */
  public static <E extends Enum<E>> Value word(Class<E> type) {
    return word(type, Fields::word);
  }

  /** One of an enum's constants, spelt as is said. */
  public static <E extends Enum<E>> Value word(Class<E> type, Function<E, String> spelling) {
    return word(Arrays.stream(type.getEnumConstants()).map(spelling).toArray(String[]::new));
  }

  public static Value word(String... words) {
    return new Value(Kind.TEXT, 0, 0, 0, List.of(words), null, List.of(), NOTHING_MORE);
  }

  public static Value object(Form form) {
    return new Value(Kind.OBJECT, 0, 0, 0, List.of(), null, List.of(form), NOTHING_MORE);
  }

  /** An object of exactly one of these forms. */
  public static Value oneOf(Form... forms) {
    return new Value(Kind.OBJECT, 0, 0, 0, List.of(), null, List.of(forms), NOTHING_MORE);
  }

  public static Value list(Value item) {
    return new Value(Kind.LIST, 0, 0, 0, List.of(), item, List.of(), NOTHING_MORE);
  }

  public static Value list(Form form) {
    return list(object(form));
  }

  /** An object whose keys are the writer's. */
  public static Value map(Value item) {
    return new Value(Kind.MAP, 0, 0, 0, List.of(), item, List.of(), NOTHING_MORE);
  }

  /** A text, a number or a boolean. */
  public static Value setting() {
    return any()
        .and(
            schema -> List.of("string", "number", "boolean").forEach(schema.putArray("type")::add));
  }

  public static Value any() {
    return of(Kind.ANY);
  }

  /** Of a text: characters. Of a list or a map: members. */
  public Value atMost(int most) {
    String word =
        switch (kind) {
          case LIST -> "maxItems";
          case MAP -> "maxProperties";
          default -> "maxLength";
        };
    return and(schema -> schema.put(word, most));
  }

  /** The counterpart of {@link #atMost}. */
  public Value atLeast(int least) {
    String word =
        switch (kind) {
          case LIST -> "minItems";
          case MAP -> "minProperties";
          default -> "minLength";
        };
    Value said = and(schema -> schema.put(word, least));
    return kind == Kind.TEXT
        ? new Value(kind, least, max, digits, words, item, forms, said.more)
        : said;
  }

  /** Of a map: what its keys are. */
  public Value keys(String pattern) {
    return and(schema -> schema.putObject("propertyNames").put("pattern", "^(?:" + pattern + ")$"));
  }

  /** Of an object: with its name in it, which a path may say instead. */
  public Value named() {
    return and(
        schema -> {
          ObjectNode ref = Documents.object();
          ref.set("$ref", schema.remove("$ref"));
          schema.putArray("allOf").add(ref);
          ArrayNode required = schema.putArray("required");
          forms.get(0).names().forEach(required::add);
        });
  }

  /**
   * Its JSON schema, of the draft 2020-12.
   *
   * @param met is told of each form that it refers to
   */
  public ObjectNode schema(Consumer<Form> met) {
    ObjectNode schema = Documents.object();
    switch (kind) {
      case TEXT -> {
        schema.put("type", "string");
        if (!words.isEmpty()) {
          words.forEach(schema.putArray("enum")::add);
        }
      }
      case BOOL -> schema.put("type", "boolean");
      case WHOLE -> {
        schema.put("type", "integer").put("minimum", min);
        if (max < Long.MAX_VALUE) {
          schema.put("maximum", max);
        }
      }
      case DECIMAL -> {
        schema.put("type", "number").put("minimum", 0);
        schema.put("maximum", java.math.BigDecimal.valueOf(max, digits));
        schema.put("multipleOf", java.math.BigDecimal.valueOf(1, digits));
      }
      case DURATION -> schema.put("type", "string").put("pattern", "^" + DurationText.FORM + "$");
      case TIME -> schema.put("type", "string").put("format", "date-time");
      case OBJECT -> {
        forms.forEach(met);
        if (forms.size() == 1) {
          schema.put("$ref", ref(forms.get(0)));
        } else {
          ArrayNode each = schema.putArray("oneOf");
          forms.forEach(form -> each.addObject().put("$ref", ref(form)));
        }
      }
      case LIST -> {
        schema.put("type", "array");
        schema.set("items", item.schema(met));
      }
      case MAP -> {
        schema.put("type", "object");
        schema.set("additionalProperties", item.schema(met));
      }
      case ANY -> {}
    }
    more.accept(schema);
    return schema;
  }

  private static String ref(Form form) {
    return "#/components/schemas/" + form.name();
  }
}
