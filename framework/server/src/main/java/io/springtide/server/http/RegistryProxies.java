package io.springtide.server.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The registry proxies' admin API. All proxies of a zone are asked at the same time. */
public final class RegistryProxies {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * A proxy.
   *
   * @param zone whose pools it serves; empty: those of all zones
   */
  public record Proxy(Optional<String> zone, URI url) {}

  /**
   * How far an image is at a proxy.
   *
   * @param state {@code running}, {@code done} or {@code failed}
   * @param error why it failed; else empty
   */
  record State(URI url, String state, long bytes, long storedBytes, String error) {}

  private final List<Proxy> proxies;
  private final String token;
  private final HttpClient http;

  /** {@code token}: the admin token of all of them. */
  public RegistryProxies(List<Proxy> proxies, String token) {
    this.proxies = List.copyOf(proxies);
    this.token = token;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
  }

  /** Without any. */
  static RegistryProxies none() {
    return new RegistryProxies(List.of(), "");
  }

  /** Has an image brought; does not wait for it. Empty if no proxy serves the zone. */
  List<State> warm(String zone, String image) {
    String body = JSON.createObjectNode().put("image", image).put("wait", false).toString();
    return all(zone, "/admin/warm", r -> r.POST(BodyPublishers.ofString(body)));
  }

  /** How far an image is that was asked for before. */
  List<State> progress(String zone, String image) {
    String query = "?image=" + URLEncoder.encode(image, StandardCharsets.UTF_8);
    return all(zone, "/admin/warm" + query, HttpRequest.Builder::GET);
  }

  private interface Method {
    HttpRequest.Builder of(HttpRequest.Builder request);
  }

  private List<State> all(String zone, String path, Method method) {
    List<CompletableFuture<State>> asked =
        proxies.stream()
            .filter(proxy -> proxy.zone().isEmpty() || proxy.zone().get().equals(zone))
            .map(proxy -> ask(proxy.url(), path, method))
            .toList();
    return asked.stream().map(CompletableFuture::join).toList();
  }

  private CompletableFuture<State> ask(URI proxy, String path, Method method) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(proxy.resolve(path))
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + token);
    return http.sendAsync(method.of(request).build(), BodyHandlers.ofString())
        .handle(
            (response, error) ->
                error == null ? state(proxy, response) : failed(proxy, "no answer: " + why(error)));
  }

  private static String why(Throwable error) {
    Throwable cause = error.getCause() == null ? error : error.getCause();
    return cause instanceof IOException && cause.getMessage() != null
        ? cause.getMessage()
        : "the connection failed";
  }

  private static State state(URI proxy, HttpResponse<String> response) {
    JsonNode body;
    try {
      body = JSON.readTree(response.body());
    } catch (JsonProcessingException e) {
      return failed(proxy, "it answers " + response.statusCode() + " with no JSON");
    }
    if (response.statusCode() / 100 != 2) {
      String message = body.path("errors").path(0).path("message").asText("");
      return failed(proxy, message.isEmpty() ? "it answers " + response.statusCode() : message);
    }
    return new State(
        proxy,
        body.path("state").asText("failed"),
        body.path("bytes").asLong(),
        body.path("storedBytes").asLong(),
        body.path("error").asText(""));
  }

  private static State failed(URI proxy, String why) {
    return new State(proxy, "failed", 0, 0, why);
  }
}
