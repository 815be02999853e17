package io.springtide.harness.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/** The framework's HTTP API, and Consul's, as scripts and tests speak them. */
public final class Api {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final HttpClient HTTP = client().build();

  private final Supplier<URI> base;
  private final Supplier<Optional<String>> token;
  private final HttpClient http;

  /**
   * @param base asked at each call: the framework's port changes with each start
   */
  public Api(Supplier<URI> base) {
    this(base, Optional::empty, HTTP);
  }

  private Api(Supplier<URI> base, Supplier<Optional<String>> token, HttpClient http) {
    this.base = base;
    this.token = token;
    this.http = http;
  }

  private static HttpClient.Builder client() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofSeconds(5));
  }

  /** The same, by who has that token. */
  public Api withToken(String secret) {
    return withToken(() -> Optional.of(secret));
  }

  /** The same, by who has the token that is there at each call. */
  public Api withToken(Supplier<Optional<String>> secret) {
    return new Api(base, secret, http);
  }

  /** The same, of servers by TLS that those certificates vouch for. */
  public Api trusting(SSLContext certificates) {
    return new Api(base, token, client().sslContext(certificates).build());
  }

  /**
   * What came back, whatever its status.
   *
   * @param body JSON, or a text node where it is none
   */
  public record Answer(int status, JsonNode body) {
    public boolean ok() {
      return status / 100 == 2;
    }
  }

  public Answer get(String path) throws IOException, InterruptedException {
    return send("GET", path, null);
  }

  public Answer delete(String path) throws IOException, InterruptedException {
    return send("DELETE", path, null);
  }

  /** Sends a document written as YAML (or JSON, which is YAML too). */
  public Answer put(String path, String yaml) throws IOException, InterruptedException {
    return send("PUT", path, YAML.readTree(yaml).toString());
  }

  /** Sends a document written as YAML (or JSON, which is YAML too). */
  public Answer post(String path, String yaml) throws IOException, InterruptedException {
    return send("POST", path, YAML.readTree(yaml).toString());
  }

  /** Sends a body as it is. */
  public Answer send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.get().resolve(path))
            .timeout(Duration.ofSeconds(20))
            .header("Content-Type", "application/json")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    token.get().ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
    return new Answer(response.statusCode(), parse(response));
  }

  private static JsonNode parse(HttpResponse<String> response) throws IOException {
    String type = response.headers().firstValue("Content-Type").orElse("");
    return type.contains("json") && !response.body().isEmpty()
        ? JSON.readTree(response.body())
        : JSON.getNodeFactory().textNode(response.body());
  }

  /** Whether {@code uri} answers 200 within two seconds. */
  public static boolean answers(URI uri) throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(2)).build();
      return HTTP.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
