package io.springtide.cloud;

import static io.springtide.cloud.CloudException.Fault.OUT_OF_STOCK;
import static io.springtide.cloud.CloudException.Fault.REFUSED;
import static io.springtide.cloud.CloudException.Fault.THROTTLED;
import static io.springtide.cloud.CloudException.Fault.UNKNOWN_OUTCOME;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.Resources;
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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The cloud of one machine: asks a local cluster's HTTP endpoint for hosts. Template key {@code
 * endpoint}: the base URL, such as {@code http://127.0.0.1:9000}.
 *
 * <p>{@code POST /hosts} with {@code {token, cluster, pool, count, resources, attributes}} and
 * {@code GET /hosts?cluster=…} answer {@code {"hosts": [{id, pool, token, state}]}}; {@code DELETE
 * /hosts/<id>} gives one back. Refusals are {@code {"error": …, "detail": …}}: 503 with error
 * {@code out-of-stock}, 429 with {@code Retry-After}, 404 with error {@code not-found} for a host
 * that the endpoint does not know, any other 4xx but 404 for good. Any other answer, and none,
 * leaves the outcome unknown.
 */
public final class LocalCloudDriver implements CloudDriver {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final String ENDPOINT = "endpoint";
  private static final String NOT_FOUND = "not-found";

  private final ObjectMapper json = new ObjectMapper();
  private final Set<String> endpoints;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  /**
   * @param endpoints the base URLs that templates may name, without a slash at the end: whoever may
   *     put a pool shall not thereby have this process ask any address of its network
   */
  public LocalCloudDriver(Set<String> endpoints) {
    this.endpoints = Set.copyOf(endpoints);
  }

  @Override
  public String name() {
    return "local";
  }

  @Override
  public void check(Map<String, String> settings) {
    for (String key : settings.keySet()) {
      if (!key.equals(ENDPOINT)) {
        throw new IllegalArgumentException(
            key + ": unknown key; driver local knows only 'endpoint'");
      }
    }
    endpoint(settings);
  }

  @Override
  public List<CloudHost> order(OrderRequest request) throws CloudException, InterruptedException {
    ObjectNode body = json.createObjectNode();
    body.put("token", request.token());
    body.put("cluster", request.account().cluster());
    body.put("pool", request.pool());
    body.put("count", request.count());
    body.set("resources", document(request.resources()));
    ObjectNode attributes = body.putObject("attributes");
    request.attributes().forEach(attributes::put);
    return hosts(
        send(
            HttpRequest.newBuilder(hostsOf(request.account(), ""))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))));
  }

  @Override
  public List<CloudHost> list(CloudAccount account) throws CloudException, InterruptedException {
    return hosts(
        send(HttpRequest.newBuilder(hostsOf(account, "?cluster=" + url(account.cluster())))));
  }

  @Override
  public Set<String> release(CloudAccount account, Set<String> ids)
      throws CloudException, InterruptedException {
    Set<String> unknown = new TreeSet<>();
    for (String id : ids) {
      if (!released(account, id)) {
        unknown.add(id);
      }
    }
    return unknown;
  }

  /** False where the endpoint does not know the host. */
  private boolean released(CloudAccount account, String id)
      throws CloudException, InterruptedException {
    HttpRequest request = request(HttpRequest.newBuilder(hostsOf(account, "/" + url(id))).DELETE());
    HttpResponse<String> response = answer(request);
    if (response.statusCode() == 404 && error(response.body()).error().equals(NOT_FOUND)) {
      return false;
    }
    accepted(request, response);
    return true;
  }

  @Override
  public void close() {
    // The JDK's client ends with its last reference; it has nothing to close on Java 17.
  }

  private String send(HttpRequest.Builder builder) throws CloudException, InterruptedException {
    HttpRequest request = request(builder);
    return accepted(request, answer(request));
  }

  private static HttpRequest request(HttpRequest.Builder builder) {
    return builder.timeout(TIMEOUT).build();
  }

  private HttpResponse<String> answer(HttpRequest request)
      throws CloudException, InterruptedException {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      // Even a refused connection says nothing about an earlier attempt with the same token.
      throw new CloudException(UNKNOWN_OUTCOME, "no answer from " + request.uri(), e);
    }
  }

  private String accepted(HttpRequest request, HttpResponse<String> response)
      throws CloudException {
    if (response.statusCode() / 100 == 2) {
      return response.body();
    }
    throw fault(request, response);
  }

  private CloudException fault(HttpRequest request, HttpResponse<String> response) {
    int status = response.statusCode();
    ErrorDocument error = error(response.body());
    String detail =
        "%s %s answered %d: %s".formatted(request.method(), request.uri(), status, error.detail());
    if (status == 503 && error.error().equals("out-of-stock")) {
      return new CloudException(OUT_OF_STOCK, detail, null);
    }
    if (status == 429) {
      long seconds =
          response.headers().firstValue("Retry-After").map(LocalCloudDriver::seconds).orElse(0L);
      return new CloudException(THROTTLED, detail, Duration.ofSeconds(seconds), null);
    }
    if (status == 404) {
      // It is not the host service that answers there: that says nothing about any host.
      return new CloudException(UNKNOWN_OUTCOME, detail, null);
    }
    return new CloudException(status / 100 == 4 ? REFUSED : UNKNOWN_OUTCOME, detail, null);
  }

  private List<CloudHost> hosts(String body) throws CloudException {
    try {
      return json.readValue(body, Hosts.class).hosts().stream().map(HostDocument::host).toList();
    } catch (JsonProcessingException | IllegalArgumentException | NullPointerException e) {
      throw new CloudException(UNKNOWN_OUTCOME, "an answer that cannot be read: " + body, e);
    }
  }

  private ErrorDocument error(String body) {
    try {
      ErrorDocument read = json.readValue(body, ErrorDocument.class);
      return new ErrorDocument(
          read.error() == null ? "" : read.error(), read.detail() == null ? body : read.detail());
    } catch (JsonProcessingException e) {
      return new ErrorDocument("", body);
    }
  }

  private ObjectNode document(Resources resources) {
    ObjectNode node = json.createObjectNode();
    node.put("cpus", resources.cpuMillis() / 1000.0);
    node.put("memoryMiB", resources.memoryMiB());
    node.put("diskMiB", resources.diskMiB());
    node.put("gpus", resources.gpus());
    if (!resources.scalars().isEmpty()) {
      ObjectNode scalars = node.putObject("scalars");
      resources.scalars().forEach(scalars::put);
    }
    return node;
  }

  private URI hostsOf(CloudAccount account, String suffix) {
    return URI.create(endpoint(account.settings()) + "/hosts" + suffix);
  }

  private String endpoint(Map<String, String> settings) {
    String endpoint = settings.get(ENDPOINT);
    if (endpoint == null || !endpoint.matches("https?://[^/\\s?#]+/?")) {
      throw new IllegalArgumentException(
          "endpoint: "
              + (endpoint == null ? "missing" : "'" + endpoint + "' is not a base URL")
              + "; write such as http://127.0.0.1:9000");
    }
    String base = endpoint.endsWith("/") ? endpoint.substring(0, endpoint.length() - 1) : endpoint;
    if (!endpoints.contains(base)) {
      throw new IllegalArgumentException(
          "endpoint: '"
              + base
              + "' is not among cloud.local.endpoints of the server's configuration");
    }
    return base;
  }

  private static String url(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static long seconds(String header) {
    return header.matches("[0-9]{1,6}") ? Long.parseLong(header) : 0;
  }

  private record Hosts(List<HostDocument> hosts) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record HostDocument(String id, String pool, String token, String state) {
    CloudHost host() {
      return new CloudHost(
          id,
          pool == null ? "" : pool,
          token == null ? "" : token,
          CloudHost.State.valueOf(state.toUpperCase(Locale.ROOT)));
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record ErrorDocument(String error, String detail) {}
}
