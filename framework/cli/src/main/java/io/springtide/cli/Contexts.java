package io.springtide.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The clusters that somebody asks, by name: {@code config.yaml} of his configuration, in which each
 * has the URL of a server and may have a file with a token and a CA.
 */
final class Contexts {
  private static final Set<String> KEYS = Set.of("current", "contexts");
  private static final Set<String> KEYS_OF_ONE = Set.of("api", "tokenFile", "ca");

  private final Path file;
  private final ObjectNode document;

  private Contexts(Path file, ObjectNode document) {
    this.file = file;
    this.document = document;
  }

  /** The directory of this user's configuration of {@code tide}; it need not be there. */
  static Path directory(Surroundings around) {
    String config = around.variable("XDG_CONFIG_HOME");
    if (config != null && Path.of(config).isAbsolute()) {
      return Path.of(config, "tide");
    }
    return Path.of(home(around), ".config", "tide");
  }

  private static String home(Surroundings around) {
    String home = around.variable("HOME");
    return home == null ? System.getProperty("user.home") : home;
  }

  /** Those of this user; none if there is no file. */
  static Contexts of(Surroundings around) throws ApiException {
    Path file = directory(around).resolve("config.yaml");
    // The reader of YAML takes a while to be there: not for nothing.
    ObjectNode document =
        java.nio.file.Files.exists(file) ? Files.read(file).get(0) : Api.JSON.createObjectNode();
    requireKnown(file, "", document, KEYS);
    JsonNode all = document.path("contexts");
    if (document.has("contexts") && !all.isObject()) {
      throw wrong(
          file, "contexts", "it holds no contexts by their names", "write {NAME: {api: …}}");
    }
    for (Map.Entry<String, JsonNode> one : all.properties()) {
      String field = "contexts." + one.getKey();
      requireKnown(file, field + ".", one.getValue(), KEYS_OF_ONE);
      if (!one.getValue().path("api").isTextual()) {
        throw wrong(file, field + ".api", "it names no server", "write such as http://host:8080");
      }
    }
    return new Contexts(file, document);
  }

  private static void requireKnown(Path file, String field, JsonNode node, Set<String> known)
      throws ApiException {
    for (Map.Entry<String, JsonNode> one : node.properties()) {
      if (!known.contains(one.getKey())) {
        throw wrong(
            file,
            field + one.getKey(),
            "there is no such key",
            "known are " + String.join(", ", known.stream().sorted().toList()));
      }
    }
  }

  private static ApiException wrong(Path file, String field, String what, String fix) {
    return new ApiException(ExitCodes.USAGE, file + ": " + what, field, fix);
  }

  /** The name of the one that is used if nobody says another. */
  Optional<String> current() {
    return Optional.ofNullable(document.path("current").asText(null));
  }

  /** All of them, by name. */
  ObjectNode all() {
    return document.withObjectProperty("contexts");
  }

  /**
   * One of them.
   *
   * @throws ApiException if there is none of that name
   */
  ObjectNode get(String name) throws ApiException {
    if (document.path("contexts").path(name) instanceof ObjectNode one) {
      return one;
    }
    StringBuilder known = new StringBuilder();
    document
        .path("contexts")
        .properties()
        .forEach(one -> known.append(known.length() == 0 ? "" : ", ").append(one.getKey()));
    throw new ApiException(
        ExitCodes.USAGE,
        "there is no context '" + name + "'",
        "",
        known.length() == 0
            ? "make it: tide context set " + name + " --api URL"
            : "there is " + known + "; 'tide context set' makes another");
  }

  /** A file that one of them names: {@code ~/} is home, and what is relative begins here. */
  Path path(Surroundings around, String named) {
    return named.startsWith("~/")
        ? Path.of(home(around)).resolve(named.substring(2))
        : file.resolveSibling(named);
  }

  /** Makes one the current; null: none. */
  void use(String name) {
    if (name == null) {
      document.remove("current");
    } else {
      document.put("current", name);
    }
  }

  /** Writes them, all or nothing. */
  void save() throws ApiException {
    try {
      Path directory = file.getParent();
      java.nio.file.Files.createDirectories(directory);
      // Only its owner reads it, who says where his tokens are.
      Path fresh =
          java.nio.file.Files.createTempFile(
              directory,
              "config",
              ".tmp",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      java.nio.file.Files.writeString(fresh, Files.yaml(document));
      try {
        java.nio.file.Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        java.nio.file.Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new ApiException(
          ExitCodes.USAGE,
          file + " cannot be written: " + e.getMessage(),
          "",
          "see to its directory's rights, or set XDG_CONFIG_HOME");
    }
  }
}
