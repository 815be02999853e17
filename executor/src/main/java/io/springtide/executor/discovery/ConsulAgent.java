package io.springtide.executor.discovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * The HTTP API of the host's Consul agent (v1, as of Consul 1.8). The agent, not the catalog, is
 * the authority for its host's services: what is deleted in the catalog only comes back.
 *
 * <p>One request after the other, on a thread that waits: an agent answers in a millisecond, and
 * {@code java.net.http} takes two of processor time to ask.
 */
final class ConsulAgent implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 3000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String base;
  private final Optional<String> token;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          step -> {
            var it = new Thread(step, "consul");
            it.setDaemon(true);
            return it;
          });

  /**
   * @param address {@code host:port}
   * @param token an ACL token; never logged
   */
  ConsulAgent(String address, Optional<String> token) {
    this.base = "http://" + address + "/v1/agent/";
    this.token = token;
  }

  /** Registers a service, or changes the one of the same id; checks that it names not go away. */
  CompletionStage<Void> register(JsonNode service) {
    return put("service/register?replace-existing-checks=true", service.toString());
  }

  /** Takes a service out; one that is not there is fine (200 up to Consul 1.8, 404 later). */
  CompletionStage<Void> deregister(String serviceId) {
    return send("PUT", "service/deregister/" + encoded(serviceId), "")
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
    return send("GET", "services", "")
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
    return send("PUT", path, body)
        .thenAccept(
            answer -> {
              if (answer.status != 200) {
                throw answer.failure();
              }
            });
  }

  private record Answer(String request, int status, String body) {
    ConsulFailure failure() {
      return new ConsulFailure(request, status, body);
    }
  }

  private CompletionStage<Answer> send(String method, String path, String body) {
    try {
      return CompletableFuture.supplyAsync(() -> exchange(method, path, body), thread);
    } catch (RejectedExecutionException closed) {
      return CompletableFuture.failedFuture(closed);
    }
  }

  private Answer exchange(String method, String path, String body) {
    try {
      var connection = (HttpURLConnection) new URL(base + path).openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setInstanceFollowRedirects(false);
      connection.setRequestMethod(method);
      token.ifPresent(secret -> connection.setRequestProperty("X-Consul-Token", secret));
      if (method.equals("PUT")) {
        connection.setDoOutput(true);
        try (var out = connection.getOutputStream()) {
          out.write(body.getBytes(StandardCharsets.UTF_8));
        }
      }
      int status = connection.getResponseCode();
      // Read to its end: only then the connection is kept for the next request.
      try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        String answer = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        return new Answer("consul " + method + " " + connection.getURL().getPath(), status, answer);
      }
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** What was asked still has its outcome, each within {@link #TIMEOUT_MILLIS}; nothing new is. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
