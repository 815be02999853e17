package io.springtide.registry.member;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.registry.config.ProxyConfig.Consul;
import io.springtide.registry.http.ServerAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins this proxy to the others through the local Consul agent, which checks its {@code /healthz},
 * and learns who else is there, by blocking queries: a change is known at once. While Consul cannot
 * be asked, the last known members stay.
 */
public final class ConsulMembership {
  private static final Logger log = LoggerFactory.getLogger(ConsulMembership.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** How long Consul may hold a question back while nothing changes; it adds up to a sixteenth. */
  private static final Duration HELD = Duration.ofSeconds(30);

  private final Consul consul;
  private final URI self;
  private final Members members;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private volatile boolean left;

  /** Of the list as we know it; only the thread that refreshes reads and writes it. */
  private String index = "0";

  public ConsulMembership(Consul consul, URI self, Members members) {
    this.consul = consul;
    this.self = self;
    this.members = members;
  }

  /**
   * Registers if the agent does not know us (any more: it may have lost its state), and waits for a
   * change of the list. Called again a moment later; blocks.
   */
  public void refresh() {
    try {
      if (!left && !known()) {
        register();
      }
      members.set(read());
    } catch (IOException e) {
      index = "0";
      log.warn(
          "cannot ask Consul who else is there, going on with {}: {}", members.all(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean known() throws IOException, InterruptedException {
    return exchange("GET", "/v1/agent/service/" + id(), BodyPublishers.noBody(), PATIENCE)
            .statusCode()
        == 200;
  }

  private void register() throws IOException, InterruptedException {
    ObjectNode body = JSON.createObjectNode();
    body.put("ID", id())
        .put("Name", consul.service())
        .put("Address", self.getHost())
        .put("Port", self.getPort());
    body.putObject("Meta").put("url", self.toString());
    body.putObject("Check")
        .put("HTTP", self + "/healthz")
        .put("Interval", "3s")
        .put("Timeout", "2s")
        .put("DeregisterCriticalServiceAfter", "10m");
    send("PUT", "/v1/agent/service/register", BodyPublishers.ofString(body.toString()), PATIENCE);
  }

  private List<URI> read() throws IOException, InterruptedException {
    List<URI> found = new ArrayList<>();
    String path =
        "/v1/health/service/"
            + consul.service()
            + "?passing=true&wait="
            + HELD.toSeconds()
            + "s&index="
            + index;
    HttpResponse<String> answer =
        send("GET", path, BodyPublishers.noBody(), HELD.plus(HELD.dividedBy(16)).plus(PATIENCE));
    String now = answer.headers().firstValue("X-Consul-Index").orElse("0");
    // An index that went backwards is of another Consul: begin anew (Consul, "Blocking Queries").
    index = now.matches("[0-9]{1,18}") && Long.parseLong(now) >= Long.parseLong(index) ? now : "0";
    for (JsonNode entry : JSON.readTree(answer.body())) {
      String url = entry.path("Service").path("Meta").path("url").asText("");
      if (url.matches("https?://[A-Za-z0-9.\\[\\]:_-]+")) {
        ServerAddress.parse(url).ifPresent(found::add);
      }
    }
    return found;
  }

  /** Leaves at once rather than by a failed check. */
  public void leave() {
    left = true;
    try {
      send("PUT", "/v1/agent/service/deregister/" + id(), BodyPublishers.noBody(), PATIENCE);
    } catch (IOException e) {
      log.warn("Consul will notice by its check that we left: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String id() {
    return consul.service()
        + "-"
        + self.getHost().replaceAll("[^A-Za-z0-9.-]", "")
        + "-"
        + self.getPort();
  }

  private HttpResponse<String> send(
      String method, String path, HttpRequest.BodyPublisher body, Duration patience)
      throws IOException, InterruptedException {
    HttpResponse<String> response = exchange(method, path, body, patience);
    if (response.statusCode() != 200) {
      throw new IOException(path + " answered " + response.statusCode());
    }
    return response;
  }

  private HttpResponse<String> exchange(
      String method, String path, HttpRequest.BodyPublisher body, Duration patience)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(consul.address().resolve(path))
            .timeout(patience)
            .method(method, body)
            .build();
    return client.send(request, BodyHandlers.ofString());
  }
}
