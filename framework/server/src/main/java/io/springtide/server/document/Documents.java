package io.springtide.server.document;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.springtide.partition.model.InvalidModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

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

  private static final YAMLFactory YAML_TOKENS =
      YAMLFactory.builder().streamReadConstraints(CONSTRAINTS).build();

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
    refuseReferences(utf8("YAML", text));
    return parse(YAML, "YAML", text);
  }

  private static JsonNode parse(ObjectMapper mapper, String format, byte[] text) {
    String whole = utf8(format, text);
    try {
      JsonNode tree = mapper.readTree(whole);
      if (tree == null || tree.isMissingNode() || tree.isNull()) {
        throw new InvalidModelException("", "the document is empty", "write an object");
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw Complaint.of(format, e);
    }
  }

  /** No parser is asked to guess: what is not UTF-8 would come out as other letters. */
  private static String utf8(String format, byte[] text) {
    try {
      String whole = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString();
      return whole.startsWith("\ufeff") ? whole.substring(1) : whole;
    } catch (CharacterCodingException e) {
      throw new InvalidModelException(
          "", "not " + format + ": it is not UTF-8", "save it as UTF-8");
    }
  }

  /**
   * Anchors and aliases are another document inside the document, and may be one of a million
   * lines; tags say what a parser should make of a value. Neither has a use here, and to our parser
   * an alias is a text.
   */
  private static void refuseReferences(String text) {
    try (YAMLParser parser = YAML_TOKENS.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (parser.isCurrentAlias()) {
          throw new InvalidModelException(
              "",
              "not accepted" + Complaint.where(parser.currentTokenLocation()) + ": a reference",
              "write the value out instead of *" + parser.getText());
        }
        if (parser.getTypeId() != null) {
          throw new InvalidModelException(
              "",
              "not accepted" + Complaint.where(parser.currentTokenLocation()) + ": a tag",
              "leave out what begins with !, and put the value in quotes if it is a text");
        }
      }
    } catch (JsonProcessingException e) {
      throw Complaint.of("YAML", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
