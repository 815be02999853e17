package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;

/** A request of the recording, the connection that it goes over here, and what came of it. */
final class Conversation {

  final String key;
  final String conn;
  final JsonNode request;
  RawHttp http;
  StreamCheck stream;
  RawHttp.Head head;
  byte[] body;
  boolean closedByUs;

  Conversation(String key, JsonNode request) {
    this.key = key;
    this.conn = request.get("conn").asText();
    this.request = request;
  }

  static String key(JsonNode line) {
    return line.get("conn").asText() + "#" + line.get("req").asText();
  }

  RawHttp.Item poll() {
    return http == null || closedByUs ? null : http.poll();
  }

  void hangUp() throws InterruptedException {
    if (!closedByUs && http != null) {
      closedByUs = true;
      http.close();
      // The other side has to notice before the recording goes on.
      Thread.sleep(20);
    }
  }
}
