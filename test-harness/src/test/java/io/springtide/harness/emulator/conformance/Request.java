package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.emulator.http.Gzip;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/** Builds the bytes of a recorded request, with the run's names in the place of the recorded. */
final class Request {

  private Request() {}

  static byte[] bytes(JsonNode line, Bindings bindings) {
    byte[] body = body(line, bindings);
    StringBuilder head =
        new StringBuilder(line.get("method").asText() + " " + line.get("path").asText())
            .append(" HTTP/1.1\r\n");
    boolean chunked = false;
    boolean gzip = false;
    StringBuilder rest = new StringBuilder();
    for (JsonNode header : line.get("headers")) {
      String name = header.get(0).asText();
      String value = header.get(1).asText();
      if (name.equalsIgnoreCase("Content-Length")) {
        continue;
      }
      chunked |= name.equals("Transfer-Encoding");
      gzip |= name.equals("Content-Encoding");
      rest.append(name).append(": ").append(stream(name, value, bindings)).append("\r\n");
    }
    body = gzip ? Gzip.of(body) : body;
    head.append(rest);
    if (!chunked && (body.length > 0 || line.get("method").asText().equals("POST"))) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, head.append("\r\n").toString());
    if (chunked) {
      write(out, Integer.toHexString(body.length) + "\r\n");
      out.writeBytes(body);
      write(out, "\r\n0\r\n\r\n");
    } else {
      out.writeBytes(body);
    }
    return out.toByteArray();
  }

  /** A stream id in upper case is still about the stream id of the run. */
  private static String stream(String name, String value, Bindings bindings) {
    String quiet = value.toLowerCase(Locale.ROOT);
    if (name.equalsIgnoreCase("Mesos-Stream-Id") && !quiet.equals(value)) {
      bindings.bind(value, bindings.toRun(quiet).toUpperCase(Locale.ROOT));
    }
    return bindings.toRun(value);
  }

  private static byte[] body(JsonNode line, Bindings bindings) {
    JsonNode body = line.get("body");
    if (body == null || body.isNull()) {
      return new byte[0];
    }
    if (body.isObject() && body.size() <= 2 && body.has("base64")) {
      return Protobuf.renamed(Base64.getDecoder().decode(body.get("base64").asText()), bindings);
    }
    if (body.isObject() && body.size() == 1 && body.has("text")) {
      return bindings.toRun(body.get("text").asText()).getBytes(StandardCharsets.UTF_8);
    }
    return Names.in(body, bindings).toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
