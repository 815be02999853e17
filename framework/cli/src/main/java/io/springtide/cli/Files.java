package io.springtide.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Documents in files: YAML, several with {@code ---} between them, or JSON; {@code -} is stdin. */
final class Files {
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          // A document that was read is written so that the same is read again, and no line is cut.
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .build();

  /** What YAML takes for the end of a line, beside the usual. */
  private static final Pattern BREAKS = Pattern.compile("[\\u0085\\u2028\\u2029]");

  private static final ObjectWriter ESCAPED =
      Api.JSON.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);

  private Files() {}

  /** A document, or each of a list, as YAML that could be a file. */
  static String yaml(JsonNode documents) {
    try {
      StringBuilder text = new StringBuilder();
      for (JsonNode document : documents.isArray() ? documents : List.of(documents)) {
        String json = document.toString();
        // Such a break would be folded into a space. JSON, with escapes, is YAML as well.
        text.append(
            BREAKS.matcher(json).find()
                ? "---\n" + ESCAPED.writeValueAsString(document) + "\n"
                : YAML.writeValueAsString(document));
      }
      return text.toString();
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The documents of a file.
   *
   * @param key of the text that names each, {@code id} for example
   */
  static List<ObjectNode> read(Path file, String key) throws ApiException {
    List<ObjectNode> documents = read(file);
    for (ObjectNode document : documents) {
      requireNamed(file, document, key);
    }
    return documents;
  }

  /** The documents of a file, of whatever kind. */
  static List<ObjectNode> read(Path file) throws ApiException {
    List<ObjectNode> documents = new ArrayList<>();
    try {
      byte[] text =
          file.toString().equals("-")
              ? System.in.readAllBytes()
              : java.nio.file.Files.readAllBytes(file);
      refuseReferences(file, text);
      try (MappingIterator<JsonNode> parsed = YAML.readerFor(JsonNode.class).readValues(text)) {
        while (parsed.hasNextValue()) {
          documents.add(object(file, parsed.nextValue()));
        }
      }
    } catch (JsonProcessingException e) {
      throw wrong(
          file + " is not YAML" + where(e.getLocation()) + ": " + what(e),
          "mend it there: look at quotes, brackets and indentation");
    } catch (NoSuchFileException e) {
      throw wrong("there is no file " + file, "name one that is there");
    } catch (IOException e) {
      throw wrong(file + " cannot be read: " + e.getMessage(), "");
    }
    if (documents.isEmpty()) {
      throw wrong(file + " holds no document", "see docs/cli.md for one");
    }
    return documents;
  }

  /** To the parser an alias is a text, so it would not be seen later that it was one. */
  private static void refuseReferences(Path file, byte[] text) throws IOException, ApiException {
    try (YAMLParser parser = YAML.getFactory().createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          throw wrong(
              file + " has a reference" + where(parser.currentTokenLocation()),
              "write the value out instead of *" + parser.getText());
        }
      }
    }
  }

  private static String where(JsonLocation at) {
    return at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  /** The parser's own words speak of its classes; a repeated field is the one thing to be told. */
  private static String what(JsonProcessingException e) {
    String said = e.getOriginalMessage() == null ? "" : e.getOriginalMessage();
    return said.startsWith("Duplicate field")
        ? said.lines().findFirst().orElse("").replace("Duplicate field", "twice the field")
        : "it cannot be read there";
  }

  private static ObjectNode object(Path file, JsonNode document) throws ApiException {
    if (document instanceof ObjectNode object) {
      return object;
    }
    throw wrong("a document in " + file + " is no object", "write 'key: value' lines");
  }

  private static void requireNamed(Path file, ObjectNode document, String key) throws ApiException {
    if (!document.path(key).isTextual()) {
      throw new ApiException(
          ExitCodes.USAGE, "a document in " + file + " has no name", key, "write '" + key + ": …'");
    }
  }

  private static ApiException wrong(String what, String fix) {
    return new ApiException(ExitCodes.USAGE, what, "", fix);
  }
}
