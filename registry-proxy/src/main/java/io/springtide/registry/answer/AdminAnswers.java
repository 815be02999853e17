package io.springtide.registry.answer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.client.ClientExchange;
import java.nio.charset.StandardCharsets;

/** What the administration's doors say alike. */
final class AdminAnswers {
  private AdminAnswers() {}

  static void json(ClientExchange client, HttpResponseStatus status, ObjectNode body) {
    client.json(status, body.toString().getBytes(StandardCharsets.UTF_8));
  }

  static void badImage(ClientExchange client) {
    client.error(
        400, "NAME_INVALID", "image: an image is name:tag, of an upstream that is configured");
  }
}
