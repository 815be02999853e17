package io.springtide.executor.discovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The HTTP API of the host's Consul agent (v1, as of Consul 1.8). The agent, not the catalog, is
 * the authority for its host's services: what is deleted in the catalog only comes back.
 */
final class ConsulAgent implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI base;
  private final Optional<String> token;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          step -> {
            var it = new Thread(step, "consul");
            it.setDaemon(true);
            return it;
          });
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(TIMEOUT)
          .executor(thread)
          .build();
  private int underWay; // guarded by thread, as is closed
  private boolean closed;

  /**
   * @param address {@code host:port}
   * @param token an ACL token; never logged
   */
  ConsulAgent(String address, Optional<String> token) {
    this.base = URI.create("http://" + address + "/v1/agent/");
    this.token = token;
  }

  /** Registers a service, or changes the one of the same id; checks that it names not go away. */
  CompletionStage<Void> register(JsonNode service) {
    return put("service/register?replace-existing-checks=true", service.toString());
  }

  /** Takes a service out; one that is not there is fine (200 up to Consul 1.8, 404 later). */
  CompletionStage<Void> deregister(String serviceId) {
    return send(request("service/deregister/" + encoded(serviceId)).PUT(BodyPublishers.noBody()))
        .thenAccept(
            answer -> {
              if (answer.status != 200 && answer.status != 404) {
                throw answer.failure();
              }
            });
  }

  /** Sets a TTL check. Fails when the agent does not know it. */
  CompletionStage<Void> pass(String checkId) {
    return put("check/pass/" + encoded(checkId), "");
  }

  /** Sets a TTL check. Fails when the agent does not know it. */
  CompletionStage<Void> fail(String checkId, String note) {
    return put("check/fail/" + encoded(checkId) + "?note=" + encoded(note), "");
  }

  /** All services of this agent, by id. */
  CompletionStage<JsonNode> services() {
    return send(request("services").GET())
        .thenApply(
            answer -> {
              if (answer.status != 200) {
                throw answer.failure();
              }
              try {
                return JSON.readTree(answer.body);
              } catch (JsonProcessingException e) {
                throw new ConsulFailure("services", 200, e.getOriginalMessage());
              }
            });
  }

  private CompletionStage<Void> put(String path, String body) {
    return send(request(path).PUT(BodyPublishers.ofString(body)))
        .thenAccept(
            answer -> {
              if (answer.status != 200) {
                throw answer.failure();
              }
            });
  }

  private HttpRequest.Builder request(String path) {
    var request = HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT);
    token.ifPresent(secret -> request.header("X-Consul-Token", secret));
    return request;
  }

  private record Answer(String request, int status, String body) {
    ConsulFailure failure() {
      return new ConsulFailure(request, status, body);
    }
  }

  private CompletableFuture<Answer> send(HttpRequest.Builder builder) {
    var request = builder.build();
    String name = "consul " + request.method() + " " + request.uri().getPath();
    synchronized (thread) {
      if (closed) {
        return CompletableFuture.failedFuture(new IllegalStateException(name + ": closed"));
      }
      underWay++;
    }
    return http.sendAsync(request, BodyHandlers.ofString())
        .thenApply(response -> new Answer(name, response.statusCode(), response.body()))
        .whenComplete((answer, error) -> over());
  }

  private void over() {
    synchronized (thread) {
      underWay--;
      endIfDone();
    }
  }

  private void endIfDone() {
    if (closed && underWay == 0) {
      thread.shutdown();
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** What is under way still has its outcome, within {@link #TIMEOUT}; nothing new is sent. */
  @Override
  public void close() {
    synchronized (thread) {
      closed = true;
      endIfDone();
    }
  }
}
