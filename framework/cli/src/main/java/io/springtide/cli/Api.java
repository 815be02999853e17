package io.springtide.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * The framework's HTTP API, as this command speaks it: by the JDK's old client, which is there at
 * once. The new one takes longer to start than a whole command may.
 */
final class Api {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final int CONNECT_MILLIS = 5_000;
  private static final int ANSWER_MILLIS = 40_000;

  private static final int MAX_PORT = 65_535;

  private final URI base;

  /**
   * @throws ApiException if {@code base} is no http URL
   */
  Api(String base) throws ApiException {
    try {
      URI uri = URI.create(base.contains("://") ? base : "http://" + base);
      if (uri.getHost() != null && uri.getScheme().matches("https?") && uri.getPort() <= MAX_PORT) {
        this.base = uri;
        return;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new ApiException(
        ExitCodes.USAGE,
        "'" + base + "' is not the URL of a server",
        "",
        "write such as --api http://127.0.0.1:8080");
  }

  /** An answer that is not a refusal. */
  record Answer(int status, JsonNode body) {}

  JsonNode get(String path) throws ApiException, InterruptedException {
    return send("GET", path, null, OptionalLong.empty()).body();
  }

  /** Empty where there is nothing. */
  Optional<JsonNode> find(String path) throws ApiException, InterruptedException {
    try {
      return Optional.of(get(path));
    } catch (ApiException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Says that there is no such thing, where a list that was asked for by its name came out empty.
   *
   * @param name may be null: nothing was asked for
   */
  void requireThere(String kind, String name) throws ApiException, InterruptedException {
    if (name != null) {
      get("/v1/" + kind + "/" + segment(name));
    }
  }

  /** All items of a list, page after page. */
  ArrayNode all(String path) throws ApiException, InterruptedException {
    ArrayNode items = JSON.createArrayNode();
    each(path, items::add);
    return items;
  }

  /** Each item of a list, of which only one page is held at a time. */
  void each(String path, Consumer<JsonNode> item) throws ApiException, InterruptedException {
    String cursor = "";
    do {
      String page = path + (path.contains("?") ? "&" : "?") + "limit=1000" + cursor;
      JsonNode answer = get(page);
      answer.path("items").forEach(item);
      cursor = answer.hasNonNull("next") ? "&cursor=" + segment(answer.get("next").asText()) : "";
    } while (!cursor.isEmpty());
  }

  Answer put(String path, JsonNode body, OptionalLong version)
      throws ApiException, InterruptedException {
    return send("PUT", path, body, version);
  }

  Answer post(String path) throws ApiException, InterruptedException {
    return send("POST", path, null, OptionalLong.empty());
  }

  Answer post(String path, JsonNode body) throws ApiException, InterruptedException {
    return send("POST", path, body, OptionalLong.empty());
  }

  Answer delete(String path) throws ApiException, InterruptedException {
    return delete(path, OptionalLong.empty());
  }

  Answer delete(String path, OptionalLong version) throws ApiException, InterruptedException {
    return send("DELETE", path, null, version);
  }

  /** A name as one piece of a path or of a query. */
  static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private Answer send(String method, String path, JsonNode body, OptionalLong version)
      throws ApiException, InterruptedException {
    int status;
    String text;
    try {
      HttpURLConnection connection = open(method, path, "application/json");
      version.ifPresent(v -> connection.setRequestProperty("If-Match", "\"" + v + "\""));
      if (body != null) {
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body.toString().getBytes(StandardCharsets.UTF_8));
        }
      }
      status = connection.getResponseCode();
      text = text(connection, status);
    } catch (IOException e) {
      throw unanswered(e);
    }
    JsonNode answer = parse(status, text);
    if (status / 100 != 2) {
      throw ApiException.of(status, answer);
    }
    return new Answer(status, answer);
  }

  /** The events to come, for as long as they come. */
  EventStream stream(String path) throws ApiException {
    try {
      HttpURLConnection connection = open("GET", path, "text/event-stream");
      int status = connection.getResponseCode();
      if (status / 100 == 2) {
        return new EventStream(connection.getInputStream());
      }
      throw ApiException.of(status, parse(status, text(connection, status)));
    } catch (IOException e) {
      throw unanswered(e);
    }
  }

  /** A request that is still to be sent. */
  private HttpURLConnection open(String method, String path, String accept) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) base.resolve(path).toURL().openConnection();
    connection.setRequestMethod(method);
    connection.setConnectTimeout(CONNECT_MILLIS);
    // A stream of events says each 15 s that it is still there.
    connection.setReadTimeout(ANSWER_MILLIS);
    connection.setRequestProperty("Accept", accept);
    if (!method.equals("GET")) {
      // Also without a body: the server takes no change from what could be a page's form.
      connection.setRequestProperty("Content-Type", "application/json");
    }
    return connection;
  }

  private static String text(HttpURLConnection connection, int status) throws IOException {
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private ApiException unanswered(IOException e) {
    return new ApiException(
        ExitCodes.UNREACHABLE,
        "no answer from " + base + (e.getMessage() == null ? "" : ": " + e.getMessage()),
        "",
        "start it with 'tide server --config FILE', or name another with --api or TIDE_API");
  }

  private JsonNode parse(int status, String text) throws ApiException {
    if (text.isEmpty()) {
      return JSON.nullNode();
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new ApiException(
          ExitCodes.UNREACHABLE,
          base + " answers " + status + " with something that is not JSON",
          "",
          "is it a Springtide server? Name another with --api or TIDE_API");
    }
  }
}
