package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Answers against the recorded ones: status, headers, body. */
final class Answers {

  private final Differences differences;
  private final Bindings bindings;
  private final Comparison comparison;

  Answers(Differences differences, Bindings bindings, Comparison comparison) {
    this.differences = differences;
    this.bindings = bindings;
    this.comparison = comparison;
  }

  /** What is wrong with status and headers. */
  List<String> head(JsonNode line, Conversation conversation) {
    String key = Conversation.key(line);
    if (differences.ignoresAnswer(key)) {
      return List.of();
    }
    if (conversation.head == null) {
      return List.of("no answer");
    }
    int status = differences.status(key, line.get("status").asInt());
    if (conversation.head.status() != status) {
      return List.of(
          "recorded status "
              + status
              + ", here "
              + conversation.head.status()
              + (conversation.body == null
                  ? ""
                  : " " + new String(conversation.body, StandardCharsets.UTF_8)));
    }
    List<String> wrong = new ArrayList<>();
    for (JsonNode header : line.get("headers")) {
      String difference = header(conversation, header.get(0).asText(), header.get(1).asText());
      if (difference != null) {
        wrong.add(difference);
      }
    }
    return wrong;
  }

  private String header(Conversation conversation, String name, String recorded) {
    String here = conversation.head.header(name);
    boolean scrubbed = name.equals("Content-Length") && !recorded.equals("0");
    if (name.equals("Date") || scrubbed) {
      return here == null ? "no header " + name : null;
    }
    return here != null && bindings.unify(recorded, here)
        ? null
        : name + ": recorded " + recorded + ", here " + here;
  }

  /** What is wrong with the body, or null. */
  String body(JsonNode line, Conversation conversation) {
    String key = Conversation.key(line);
    boolean none =
        conversation.head == null
            || conversation.body == null
            || differences.ignoresAnswer(key)
            || conversation.request.get("method").asText().equals("HEAD");
    return none ? null : differences.body(key, line, content(conversation), comparison, bindings);
  }

  private static byte[] content(Conversation conversation) {
    if (!"gzip".equals(conversation.head.header("content-encoding"))) {
      return conversation.body;
    }
    try (var unzipped = new GZIPInputStream(new ByteArrayInputStream(conversation.body))) {
      return unzipped.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
