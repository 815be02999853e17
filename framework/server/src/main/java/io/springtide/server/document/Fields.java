package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import io.springtide.partition.model.InvalidModelException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The fields of one object of a document, read strictly. Every method throws {@link
 * InvalidModelException} whose field is relative to this object; {@link #object} and {@link #list}
 * put the path in front as the complaint travels outwards.
 */
public final class Fields {
  private static final int SHOWN = 60;

  private final JsonNode node;
  private final Set<String> known;

  /** Null: nothing is said of the fields but their names. */
  private final Form form;

  private Fields(JsonNode node, Set<String> known, Form form) {
    this.node = node;
    this.known = known;
    this.form = form;
  }

  /**
   * The fields of {@code node}, as {@code form} has them: kinds, bounds and what is usual.
   *
   * @throws InvalidModelException if it is no object, or has a field that is not known
   */
  public static Fields of(JsonNode node, Form form) {
    check(node, form.known(), form.isOpen());
    return new Fields(node, form.known(), form);
  }

  /**
   * The fields of {@code node}, which may have those of {@code known} and no others.
   *
   * @throws InvalidModelException if it is no object, or has a field that is not known
   */
  public static Fields of(JsonNode node, String... known) {
    Set<String> names = Collections.unmodifiableSet(new java.util.LinkedHashSet<>(List.of(known)));
    check(node, names, false);
    return new Fields(node, names, null);
  }

  private static void check(JsonNode node, Set<String> names, boolean open) {
    if (!node.isObject()) {
      throw new InvalidModelException(
          "",
          "expected an object, found " + show(node),
          "write an object with the fields " + String.join(", ", names));
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!open && !names.contains(field.getKey())) {
        throw unknown(field.getKey(), names);
      }
      if (field.getValue().isNull()) {
        throw new InvalidModelException(
            field.getKey(), "it has no value", "write one, or leave the field out");
      }
    }
  }

  /**
   * What the form says of a field.
   *
   * @throws IllegalArgumentException if it is read as something else than the form says
   */
  private Form.Field said(String name, Value.Kind kind) {
    if (form == null) {
      throw new IllegalArgumentException("there is no form that says what " + name + " is");
    }
    Form.Field field = form.field(name);
    if (field.value().kind != kind) {
      throw new IllegalArgumentException(name + " is read as " + kind + ", and the form differs");
    }
    return field;
  }

  /** What stands there; null where nothing does and something else is usual. */
  private JsonNode given(String name, Form.Field field) {
    JsonNode value = get(name);
    if (value == null && field.usual() == null) {
      throw new InvalidModelException(
          name, "it is missing", field.fix().isEmpty() ? "write it" : field.fix());
    }
    return value;
  }

  /** A text that must be there. */
  public String requireText(String name) {
    Form.Field field = said(name, Value.Kind.TEXT);
    JsonNode value = given(name, field);
    if (value == null) {
      return (String) field.usual();
    }
    String text = asText(name, value);
    if (text.length() < field.value().min) {
      throw new InvalidModelException(name, "it is empty", "write a text, or leave the field out");
    }
    return text;
  }

  /** True or false, or what is usual. */
  public boolean bool(String name) {
    return bool(name, (Boolean) said(name, Value.Kind.BOOL).usual());
  }

  /** A whole number within the form's bounds, or what is usual. */
  public int integer(String name) {
    Form.Field field = said(name, Value.Kind.WHOLE);
    int min = Math.toIntExact(field.value().min);
    int max = Math.toIntExact(field.value().max);
    return field.usual() == null
        ? requireInteger(name, min, max)
        : integer(name, (Integer) field.usual(), min, max);
  }

  /** A whole number within the form's bounds; nothing is usual. */
  public int integer(String name, int otherwise) {
    Form.Field field = said(name, Value.Kind.WHOLE);
    return integer(
        name, otherwise, Math.toIntExact(field.value().min), Math.toIntExact(field.value().max));
  }

  /** An amount; 0 if it is left out. */
  public long amount(String name) {
    said(name, Value.Kind.WHOLE);
    return amount(name, 0);
  }

  /** A decimal, times ten to the form's number of digits. */
  public Optional<Long> decimal(String name) {
    Value value = said(name, Value.Kind.DECIMAL).value();
    Optional<Long> read = decimal(name, value.digits);
    if (read.filter(number -> number > value.max).isPresent()) {
      throw new InvalidModelException(
          name,
          show(get(name)) + " is too large",
          "write at most " + BigDecimal.valueOf(value.max, value.digits).toPlainString());
    }
    return read;
  }

  /** A duration, or what is usual. */
  public Duration span(String name) {
    String usual = (String) said(name, Value.Kind.DURATION).usual();
    return duration(name).orElseGet(() -> DurationText.parse(name, usual));
  }

  /** One of an enum's constants; the usual one if it is left out. */
  public <E extends Enum<E>> E word(String name, Class<E> type) {
    Form.Field field = said(name, Value.Kind.TEXT);
    if (has(name) || field.usual() == null) {
      return requireOneOf(name, type);
    }
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> word(constant).equals(field.usual()))
        .findFirst()
        .orElseThrow();
  }

  /** An object of the form that the field has. */
  public <T> Optional<T> inner(String name, Function<Fields, T> reader) {
    return object(name, reading(said(name, Value.Kind.OBJECT).value(), reader));
  }

  public <T> T requireInner(String name, Function<Fields, T> reader) {
    Form.Field field = said(name, Value.Kind.OBJECT);
    return requireObject(name, reading(field.value(), reader), field.fix());
  }

  /** A list of objects of the form that the field has; absent is empty. */
  public <T> List<T> inners(String name, Function<Fields, T> reader) {
    return list(name, reading(said(name, Value.Kind.LIST).value().item, reader));
  }

  /** Objects of the form that the field has by names of the writer's own; absent is empty. */
  public <T> Map<String, T> innerMap(String name, Function<Fields, T> reader) {
    return map(name, reading(said(name, Value.Kind.MAP).value().item, reader));
  }

  private static <T> Function<JsonNode, T> reading(Value value, Function<Fields, T> reader) {
    Form of = value.forms.get(0);
    return node -> reader.apply(of(node, of));
  }

  /** What else an object has whose form lets anything in. */
  Map<String, JsonNode> others() {
    Map<String, JsonNode> others = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!known.contains(field.getKey())) {
        others.put(field.getKey(), field.getValue());
      }
    }
    return others;
  }

  static InvalidModelException unknown(String name, Set<String> known) {
    String all = String.join(", ", known);
    return new InvalidModelException(
        name,
        "there is no field '" + cut(name) + "' here",
        Suggestion.of(name, known)
            .map(meant -> "did you mean '" + meant + "'? Known are: " + all)
            .orElse("leave it out; known are: " + all));
  }

  /** How many fields are there. */
  int size() {
    return node.size();
  }

  /** Whether the field is there and not null. */
  public boolean has(String name) {
    return get(name) != null;
  }

  private JsonNode get(String name) {
    if (!known.contains(name)) {
      throw new IllegalArgumentException("field " + name + " is read but not declared");
    }
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? null : value;
  }

  private JsonNode require(String name, String fix) {
    JsonNode value = get(name);
    if (value == null) {
      throw new InvalidModelException(name, "it is missing", fix);
    }
    return value;
  }

  /** A text; a number or a boolean is refused, since its spelling would be lost. */
  public Optional<String> text(String name) {
    return Optional.ofNullable(get(name)).map(value -> asText(name, value));
  }

  public String text(String name, String otherwise) {
    return text(name).orElse(otherwise);
  }

  public String requireText(String name, String fix) {
    return asText(name, require(name, fix));
  }

  static String asText(String name, JsonNode value) {
    if (!value.isTextual()) {
      throw new InvalidModelException(
          name,
          "expected a text, found " + show(value),
          value.isValueNode() ? "put it in quotes" : "write a text");
    }
    return requireWritable(name, value.textValue());
  }

  /** No process, header or file name can hold a NUL, and UTF-8 no half of a character. */
  private static String requireWritable(String name, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new InvalidModelException(
          name, "it holds the character NUL, which no program can be given", "take it out");
    }
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSurrogatePair(
            text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
          throw new InvalidModelException(
              name, "it holds half of a character", "write the character whole, in UTF-8");
        }
        i++;
      }
    }
    return text;
  }

  public boolean bool(String name, boolean otherwise) {
    JsonNode value = get(name);
    if (value == null) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw new InvalidModelException(
          name, "expected true or false, found " + show(value), "write true or false");
    }
    return value.booleanValue();
  }

  /** A whole number from {@code min} to {@code max}. */
  public int integer(String name, int otherwise, int min, int max) {
    return has(name) ? requireInteger(name, min, max) : otherwise;
  }

  public int requireInteger(String name, int min, int max) {
    String range = "write a whole number from " + min + " to " + max;
    return (int) whole(name, require(name, range), min, max, range);
  }

  /** An amount: a whole number, 0 or more. */
  public long amount(String name, long otherwise) {
    JsonNode value = get(name);
    return value == null ? otherwise : asAmount(name, value);
  }

  static long asAmount(String name, JsonNode value) {
    return whole(
        name, value, 0, io.springtide.partition.model.Resources.MAX_AMOUNT, "write a whole number");
  }

  private static long whole(String name, JsonNode value, long min, long max, String fix) {
    BigDecimal number = number(name, value, "a whole number", fix);
    if (number.stripTrailingZeros().scale() > 0) {
      throw new InvalidModelException(name, show(value) + " is not a whole number", fix);
    }
    if (number.compareTo(BigDecimal.valueOf(min)) < 0) {
      throw new InvalidModelException(
          name,
          show(value) + (min == 0 ? " is negative" : " is less than " + min),
          "write a whole number of at least " + min);
    }
    if (number.compareTo(BigDecimal.valueOf(max)) > 0) {
      throw new InvalidModelException(name, show(value) + " is too large", "write at most " + max);
    }
    return number.longValueExact();
  }

  private static BigDecimal number(String name, JsonNode value, String wanted, String fix) {
    if (!value.isNumber()) {
      throw new InvalidModelException(
          name,
          "expected " + wanted + ", found " + show(value),
          value.isTextual() ? fix + ", without quotes" : fix);
    }
    return value.decimalValue();
  }

  /**
   * A decimal of 0 or more with at most {@code digits} decimals, times ten to the {@code digits}:
   * cores as milli cores, money as millionths.
   */
  public Optional<Long> decimal(String name, int digits) {
    return Optional.ofNullable(get(name)).map(value -> asDecimal(name, value, digits));
  }

  static long asDecimal(String name, JsonNode value, int digits) {
    String fix = "write a number of 0 or more with at most " + digits + " decimals";
    BigDecimal number = number(name, value, "a number", fix);
    if (number.signum() < 0) {
      throw new InvalidModelException(name, show(value) + " is negative", fix);
    }
    BigDecimal scaled = number.stripTrailingZeros();
    if (scaled.scale() > digits) {
      throw new InvalidModelException(
          name, show(value) + " has more than " + digits + " decimals", fix);
    }
    if (scaled.precision() - scaled.scale() > 12) {
      throw new InvalidModelException(name, show(value) + " is too large", fix);
    }
    return scaled.movePointRight(digits).longValueExact();
  }

  /** A duration, see {@link DurationText}. */
  public Duration duration(String name, Duration otherwise) {
    return text(name).map(value -> DurationText.parse(name, value)).orElse(otherwise);
  }

  public Optional<Duration> duration(String name) {
    return text(name).map(value -> DurationText.parse(name, value));
  }

  /** One of an enum's constants, written in lower case with '-' for '_'. */
  public <E extends Enum<E>> E oneOf(String name, Class<E> type, E otherwise) {
    return has(name) ? requireOneOf(name, type) : otherwise;
  }

  public <E extends Enum<E>> E requireOneOf(String name, Class<E> type) {
    List<String> words = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      words.add(word(constant));
    }
    String fix = "write one of " + String.join(", ", words);
    String value = asText(name, require(name, fix));
    int index = words.indexOf(value);
    if (index < 0) {
      throw new InvalidModelException(
          name,
          "'" + cut(value) + "' is none of the words allowed here",
          Suggestion.of(value, words)
              .map(meant -> "did you mean '" + meant + "'? " + fix)
              .orElse(fix));
    }
    return type.getEnumConstants()[index];
  }

  /** An enum's constant as documents spell it. */
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** A nested object. */
  public <T> Optional<T> object(String name, Function<JsonNode, T> reader) {
    return Optional.ofNullable(get(name)).map(value -> within(name, value, reader));
  }

  public <T> T object(String name, Function<JsonNode, T> reader, T otherwise) {
    return object(name, reader).orElse(otherwise);
  }

  public <T> T requireObject(String name, Function<JsonNode, T> reader, String fix) {
    return within(name, require(name, fix), reader);
  }

  /** A list; absent is empty. */
  public <T> List<T> list(String name, Function<JsonNode, T> reader) {
    JsonNode value = container(name, JsonNodeType.ARRAY, "a list", "[a, b]");
    if (value == null) {
      return List.of();
    }
    List<T> list = new ArrayList<>(value.size());
    for (int i = 0; i < value.size(); i++) {
      list.add(within(name + "[" + i + "]", value.get(i), reader));
    }
    return List.copyOf(list);
  }

  private JsonNode container(String name, JsonNodeType type, String what, String such) {
    JsonNode value = get(name);
    if (value != null && value.getNodeType() != type) {
      throw new InvalidModelException(
          name,
          "expected " + what + ", found " + show(value),
          "write " + what + ", such as " + such);
    }
    return value;
  }

  /** Whether a list is there with nothing in it, where that says something else than no list. */
  public boolean isEmptyList(String name) {
    return get(name) != null && get(name).isArray() && get(name).isEmpty();
  }

  public List<String> texts(String name) {
    return list(name, value -> asText("", value));
  }

  /** An object whose keys are names of the user's; absent is empty. Keeps the order. */
  public <T> Map<String, T> map(String name, Function<JsonNode, T> reader) {
    JsonNode value = container(name, JsonNodeType.OBJECT, "an object", "{a: b}");
    if (value == null) {
      return Map.of();
    }
    Map<String, T> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      requireWritable(name, entry.getKey());
      map.put(entry.getKey(), within(name + "." + entry.getKey(), entry.getValue(), reader));
    }
    return Collections.unmodifiableMap(map);
  }

  public Map<String, String> textMap(String name) {
    return map(name, value -> asText("", value));
  }

  private static <T> T within(String prefix, JsonNode value, Function<JsonNode, T> reader) {
    try {
      return reader.apply(value);
    } catch (InvalidModelException e) {
      throw e.within(prefix);
    }
  }

  private static String show(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "a list";
      case STRING -> "the text '" + cut(value.textValue()) + "'";
      case NULL, MISSING -> "nothing";
      default -> cut(value.asText());
    };
  }

  static String cut(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }
}
