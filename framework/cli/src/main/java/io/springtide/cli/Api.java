package io.springtide.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** The framework's HTTP API, as this command speaks it. */
final class Api {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(40);

  private final URI base;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();

  /**
   * @throws ApiException if {@code base} is no http URL
   */
  Api(String base) throws ApiException {
    try {
      URI uri = URI.create(base.contains("://") ? base : "http://" + base);
      if (uri.getHost() != null && uri.getScheme().matches("https?")) {
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

  /** All items of a list, page after page. */
  ArrayNode all(String path) throws ApiException, InterruptedException {
    ArrayNode items = JSON.createArrayNode();
    String cursor = "";
    do {
      String page = path + (path.contains("?") ? "&" : "?") + "limit=1000" + cursor;
      JsonNode answer = get(page);
      answer.path("items").forEach(items::add);
      cursor = answer.hasNonNull("next") ? "&cursor=" + segment(answer.get("next").asText()) : "";
    } while (!cursor.isEmpty());
    return items;
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
    return send("DELETE", path, null, OptionalLong.empty());
  }

  /** A name as one piece of a path or of a query. */
  static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private Answer send(String method, String path, JsonNode body, OptionalLong version)
      throws ApiException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path))
            .timeout(ANSWER)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.toString()));
    if (!method.equals("GET")) {
      // Also without a body: the server takes no change from what could be a page's form.
      request.header("Content-Type", "application/json");
    }
    version.ifPresent(v -> request.header("If-Match", "\"" + v + "\""));
    HttpResponse<String> response;
    try {
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new ApiException(
          ExitCodes.UNREACHABLE,
          "no answer from " + base + (e.getMessage() == null ? "" : ": " + e.getMessage()),
          "",
          "start it with 'tide server --config FILE', or name another with --api or TIDE_API");
    }
    JsonNode answer = parse(response);
    if (response.statusCode() / 100 != 2) {
      throw ApiException.of(response.statusCode(), answer);
    }
    return new Answer(response.statusCode(), answer);
  }

  private JsonNode parse(HttpResponse<String> response) throws ApiException {
    if (response.body().isEmpty()) {
      return JSON.nullNode();
    }
    try {
      return JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw new ApiException(
          ExitCodes.UNREACHABLE,
          base + " answers " + response.statusCode() + " with something that is not JSON",
          "",
          "is it a Springtide server? Name another with --api or TIDE_API");
    }
  }
}
