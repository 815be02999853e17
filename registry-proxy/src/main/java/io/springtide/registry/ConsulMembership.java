package io.springtide.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.registry.config.ProxyConfig.Consul;
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
 * and learns who else is there. While Consul cannot be asked, the last known members stay:
 * forgetting them all would help nobody.
 */
final class ConsulMembership {
  private static final Logger log = LoggerFactory.getLogger(ConsulMembership.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Consul consul;
  private final URI self;
  private final Members members;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private boolean registered;

  ConsulMembership(Consul consul, URI self, Members members) {
    this.consul = consul;
    this.self = self;
    this.members = members;
  }

  /**
   * Registers if that has not succeeded yet, and reads the list. Called every few seconds; blocks.
   */
  synchronized void refresh() {
    try {
      if (!registered) {
        register();
      }
      members.set(read());
    } catch (IOException e) {
      log.warn(
          "cannot ask Consul who else is there, going on with {}: {}", members.all(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
        .put("Interval", "5s")
        .put("Timeout", "2s")
        .put("DeregisterCriticalServiceAfter", "10m");
    send("PUT", "/v1/agent/service/register", BodyPublishers.ofString(body.toString()));
    registered = true;
  }

  private List<URI> read() throws IOException, InterruptedException {
    List<URI> found = new ArrayList<>();
    String path = "/v1/health/service/" + consul.service() + "?passing=true";
    for (JsonNode entry : JSON.readTree(send("GET", path, BodyPublishers.noBody()).body())) {
      String url = entry.path("Service").path("Meta").path("url").asText("");
      if (url.matches("https?://[A-Za-z0-9.\\[\\]:_-]+")) {
        found.add(URI.create(url));
      }
    }
    return found;
  }

  /** Leaves at once rather than by a failed check. */
  synchronized void leave() {
    if (!registered) {
      return;
    }
    try {
      send("PUT", "/v1/agent/service/deregister/" + id(), BodyPublishers.noBody());
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

  private HttpResponse<String> send(String method, String path, HttpRequest.BodyPublisher body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(consul.address().resolve(path))
            .timeout(PATIENCE)
            .method(method, body)
            .build();
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(path + " answered " + response.statusCode());
    }
    return response;
  }
}
