package io.springtide.registry.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.client.ClientGate;
import java.io.IOException;
import java.util.Optional;

/**
 * {@code POST /admin/purge}, {@code /admin/warm} and {@code /admin/notifications}, with the admin
 * token as bearer token. Bodies: {@code {"digest": "sha256:…"}}, {@code {"image": "feed/api:1.2"}}
 * or {@code {"repository": "feed/api"}} for purge; {@code {"image": "feed/api:1.2"}} for warm,
 * which answers when the image is here, or at once with {@code "wait": false}; then {@code GET
 * /admin/warm?image=} says how far it is; a registry's notification envelope for notifications.
 */
public final class Admin {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Optional<String> token;
  private final Purge purge;
  private final Warming warming;
  private final Pushes pushes;

  public Admin(Optional<String> token, Purge purge, Warming warming, Pushes pushes) {
    this.token = token;
    this.purge = purge;
    this.warming = warming;
    this.pushes = pushes;
  }

  public void answer(ClientExchange client, String action) {
    client.source("admin");
    if (token.isEmpty()) {
      client.error(403, "DENIED", "set adminTokenFile in the configuration to use this");
      return;
    }
    Optional<String> given =
        client
            .header(HttpHeaderNames.AUTHORIZATION)
            .filter(v -> v.startsWith("Bearer "))
            .map(v -> v.substring(7).strip());
    if (given.isEmpty() || !ClientGate.sameSecret(token.get(), given.get())) {
      client.error(
          401,
          "UNAUTHORIZED",
          "the admin token is needed, as a bearer token",
          new DefaultHttpHeaders()
              .set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"springtide-admin\""));
      return;
    }
    boolean asks = client.request().method().equals(HttpMethod.GET);
    if (asks && action.equals("warm")) {
      warming.progress(client);
      return;
    }
    if (!client.request().method().equals(HttpMethod.POST)) {
      client.error(405, "UNSUPPORTED", "POST is needed");
      return;
    }
    JsonNode body;
    try {
      body = JSON.readTree(client.body());
    } catch (IOException e) {
      client.error(400, "UNSUPPORTED", "the body is not JSON");
      return;
    }
    switch (action) {
      case "purge" -> purge.answer(client, body);
      case "warm" -> warming.answer(client, body);
      case "notifications" -> pushes.answer(client, body);
      default -> client.error(404, "UNSUPPORTED", "known are purge, warm and notifications");
    }
  }
}
