package io.springtide.registry.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.springtide.registry.http.Credentials;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mapping of the configuration, read key by key; {@link #end} refuses the keys that nobody read.
 */
final class Section {
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(B|KiB|MiB|GiB|TiB)");
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
  private static final Map<String, Long> SIZES =
      Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB", 1L << 40);

  private final String path;
  private final JsonNode node;
  private final Set<String> read = new LinkedHashSet<>();

  Section(String path, JsonNode node) throws ConfigException {
    this.path = path;
    this.node = node;
    if (!node.isObject()) {
      throw new ConfigException(
          (path.isEmpty() ? "the configuration" : path) + " must be a mapping of keys to values");
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (entry.getValue().isNull()) {
        throw error(entry.getKey(), "it has no value; write one, or leave the key out");
      }
    }
  }

  private JsonNode get(String key) {
    read.add(key);
    return node.get(key);
  }

  private String full(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private ConfigException wrong(String key, JsonNode value, String allowed) {
    return new ConfigException(full(key) + ": " + value + " is not allowed; allowed is " + allowed);
  }

  boolean has(String key) {
    return get(key) != null;
  }

  /** A mapping, empty if absent. */
  Section section(String key) throws ConfigException {
    JsonNode value = get(key);
    return new Section(full(key), value == null ? JsonNodeFactory.instance.objectNode() : value);
  }

  /** A list of mappings, empty if absent. */
  List<Section> sections(String key) throws ConfigException {
    List<Section> all = new ArrayList<>();
    JsonNode value = get(key);
    if (value == null) {
      return all;
    }
    if (!value.isArray()) {
      throw wrong(key, value, "a list");
    }
    for (int i = 0; i < value.size(); i++) {
      all.add(new Section(full(key) + "[" + i + "]", value.get(i)));
    }
    return all;
  }

  Optional<String> text(String key, Pattern form, String allowed) throws ConfigException {
    JsonNode value = get(key);
    if (value == null) {
      return Optional.empty();
    }
    return Optional.of(spelled(key, value, form, allowed));
  }

  /** Text as it was written: of 1.10, read as a number, only 1.1 is left. */
  private String spelled(String key, JsonNode value, Pattern form, String allowed)
      throws ConfigException {
    if (value.isNumber() || value.isBoolean()) {
      throw wrong(key, value, "a text; put it in quotes");
    }
    if (!value.isTextual() || !form.matcher(value.asText()).matches()) {
      throw wrong(key, value, allowed);
    }
    return value.asText();
  }

  String required(String key, Pattern form, String allowed) throws ConfigException {
    Optional<String> value = text(key, form, allowed);
    if (value.isEmpty()) {
      throw new ConfigException(full(key) + " is missing; it must be " + allowed);
    }
    return value.get();
  }

  List<String> texts(String key, Pattern form, String allowed) throws ConfigException {
    JsonNode value = get(key);
    if (value == null) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong(key, value, "a list of " + allowed);
    }
    List<String> all = new ArrayList<>();
    for (JsonNode item : value) {
      all.add(spelled(key, item, form, allowed));
    }
    return List.copyOf(all);
  }

  Optional<Path> file(String key) throws ConfigException {
    return text(key, Pattern.compile(".+"), "a path").map(Path::of);
  }

  boolean flag(String key, boolean otherwise) throws ConfigException {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw wrong(key, value, "true or false");
    }
    return value.asBoolean();
  }

  long number(String key, long otherwise, long min, long max) throws ConfigException {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.asLong() < min
        || value.asLong() > max) {
      throw wrong(key, value, "a whole number from " + min + " to " + max);
    }
    return value.asLong();
  }

  double share(String key, double otherwise) throws ConfigException {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (!value.isNumber()
        || value.decimalValue().compareTo(BigDecimal.ZERO) <= 0
        || value.decimalValue().compareTo(BigDecimal.ONE) > 0) {
      throw wrong(key, value, "a share above 0 and up to 1, such as 0.9");
    }
    return value.asDouble();
  }

  /** Bytes. */
  long size(String key, long otherwise) throws ConfigException {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    Matcher matcher = SIZE.matcher(value.asText());
    try {
      if (matcher.matches()) {
        return Math.multiplyExact(Long.parseLong(matcher.group(1)), SIZES.get(matcher.group(2)));
      }
    } catch (ArithmeticException e) {
      throw wrong(key, value, "a size that fits in 64 bits");
    }
    throw wrong(key, value, "a size such as 512MiB or 100GiB (B, KiB, MiB, GiB, TiB)");
  }

  Duration duration(String key, Duration otherwise) throws ConfigException {
    return duration(key, otherwise, "0s", "36500d");
  }

  /** {@code least} and {@code most}: as they are written in a configuration. */
  Duration duration(String key, Duration otherwise, String least, String most)
      throws ConfigException {
    JsonNode value = get(key);
    if (value == null) {
      return otherwise;
    }
    if (!DURATION.matcher(value.asText()).matches()) {
      throw wrong(key, value, "a duration such as 500ms, 30s, 5m, 2h or 7d");
    }
    Duration duration = duration(value.asText());
    if (duration.compareTo(duration(least)) < 0 || duration.compareTo(duration(most)) > 0) {
      throw wrong(key, value, "a duration from " + least + " to " + most);
    }
    return duration;
  }

  private static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a duration: " + text);
    }
    long count = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  ConfigException error(String key, String message) {
    return new ConfigException(full(key) + ": " + message);
  }

  /** Makes something of a mapping. */
  interface Reader<T> {
    T read(Section section) throws ConfigException;
  }

  /** What {@code reader} makes of all of it; refuses what it never asked for. */
  <T> T whole(Reader<T> reader) throws ConfigException {
    T made = reader.read(this);
    end();
    return made;
  }

  /** Refuses what was never asked for. */
  void end() throws ConfigException {
    for (String key : (Iterable<String>) node::fieldNames) {
      if (!read.contains(key)) {
        String meant = nearest(key);
        throw new ConfigException(
            full(key)
                + " is not a key that I know"
                + (meant.isEmpty() ? "" : "; did you mean " + meant + "?")
                + " Allowed are: "
                + String.join(", ", read));
      }
    }
  }

  private String nearest(String key) {
    String best = "";
    int bestDistance = 4;
    for (String candidate : read) {
      int distance = distance(key, candidate);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return best;
  }

  /** Levenshtein's edit distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  /** A host and a port to listen on. */
  InetSocketAddress address(String key) throws ConfigException {
    String text = required(key, Forms.ADDRESS, Forms.AN_ADDRESS);
    int colon = text.lastIndexOf(':');
    int port = Integer.parseInt(text.substring(colon + 1));
    if (port > 65_535) {
      throw error(key, port + " is not a port; allowed is 0 to 65535");
    }
    return new InetSocketAddress(text.substring(0, colon), port);
  }

  /** The first line of a file: passwords stand in no configuration, process list or log. */
  Optional<String> secret(String key) throws ConfigException {
    Optional<Path> file = file(key);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      String secret = Files.readString(file.get()).lines().findFirst().orElse("").strip();
      if (secret.isEmpty()) {
        throw error(key, file.get() + " is empty; it must hold the secret on its first line");
      }
      return Optional.of(secret);
    } catch (IOException e) {
      throw error(key, "cannot read " + file.get() + ": " + e);
    }
  }

  /** {@code username} and {@code passwordFile}, which go together. */
  Optional<Credentials> credentials() throws ConfigException {
    Optional<String> username = text("username", Forms.ANY, "a user name");
    Optional<String> password = secret("passwordFile");
    if (username.isPresent() != password.isPresent()) {
      throw error(
          username.isPresent() ? "passwordFile" : "username",
          "username and passwordFile go together");
    }
    return username.map(name -> new Credentials(name, password.orElseThrow()));
  }
}
