package io.springtide.server.document;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.springtide.partition.InvalidModelException;
import java.io.IOException;

/** JSON and YAML text to trees and back. */
public final class Documents {
  private static final StreamReadConstraints CONSTRAINTS =
      StreamReadConstraints.builder().maxNestingDepth(50).maxNumberLength(40).build();

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              new com.fasterxml.jackson.core.JsonFactoryBuilder()
                  .streamReadConstraints(CONSTRAINTS)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(
              com.fasterxml.jackson.databind.cfg.JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final ObjectMapper YAML =
      YAMLMapper.builder(YAMLFactory.builder().streamReadConstraints(CONSTRAINTS).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private Documents() {}

  /**
   * Reads JSON.
   *
   * @throws InvalidModelException saying the line and column where it stops being JSON
   */
  public static JsonNode json(byte[] text) {
    return parse(JSON, "JSON", text);
  }

  /**
   * Reads YAML of one document.
   *
   * @throws InvalidModelException saying the line and column where it stops being YAML
   */
  public static JsonNode yaml(byte[] text) {
    return parse(YAML, "YAML", text);
  }

  private static JsonNode parse(ObjectMapper mapper, String format, byte[] text) {
    try {
      JsonNode tree = mapper.readTree(text);
      if (tree == null || tree.isMissingNode() || tree.isNull()) {
        throw new InvalidModelException("", "the document is empty", "write an object");
      }
      return tree;
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      String where =
          at == null || at.getLineNr() < 1
              ? ""
              : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      String what = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new InvalidModelException(
          "", "not " + format + where + ": " + what, "mend the text there");
    } catch (IOException e) {
      throw new InvalidModelException("", "not " + format + ": " + e.getMessage(), "use UTF-8");
    }
  }

  /** An empty object to write a document into. */
  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** The mapper that writes documents. */
  public static ObjectMapper mapper() {
    return JSON;
  }
}
