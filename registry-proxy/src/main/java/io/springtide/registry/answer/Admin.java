package io.springtide.registry.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.client.ClientGate;
import io.springtide.registry.manifest.Manifests;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.RepoName;
import io.springtide.registry.upstream.NegativeCache;
import io.springtide.registry.upstream.Refusal;
import io.springtide.registry.upstream.Upstreams;
import io.springtide.registry.upstream.Upstreams.Target;
import io.springtide.registry.warm.ImageName;
import io.springtide.registry.warm.WarmRuns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /admin/purge}, {@code /admin/warm} and {@code /admin/notifications}, with the admin
 * token as bearer token. Bodies: {@code {"digest": "sha256:…"}}, {@code {"image": "feed/api:1.2"}}
 * or {@code {"repository": "feed/api"}} for purge; {@code {"image": "feed/api:1.2"}} for warm,
 * which answers when the image is here, or at once with {@code "wait": false}; then {@code GET
 * /admin/warm?image=} says how far it is; a registry's notification envelope for notifications.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
public final class Admin {
  private static final Logger log = LoggerFactory.getLogger(Admin.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Optional<String> token;
  private final Upstreams upstreams;
  private final BlobStore store;
  private final Catalog catalog;
  private final Manifests manifests;
  private final NegativeCache negative;
  private final WarmRuns warm;

  public Admin(
      Optional<String> token,
      Upstreams upstreams,
      BlobStore store,
      Catalog catalog,
      Manifests manifests,
      NegativeCache negative,
      WarmRuns warm) {
    this.token = token;
    this.upstreams = upstreams;
    this.store = store;
    this.catalog = catalog;
    this.manifests = manifests;
    this.negative = negative;
    this.warm = warm;
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
      progress(client);
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
      case "purge" -> purge(client, body);
      case "warm" -> warm(client, body);
      case "notifications" -> notified(client, body);
      default -> client.error(404, "UNSUPPORTED", "known are purge, warm and notifications");
    }
  }

  private void purge(ClientExchange client, JsonNode body) {
    boolean purged;
    if (body.hasNonNull("digest")) {
      Optional<Digest> digest = Digest.parse(body.get("digest").asText());
      if (digest.isEmpty()) {
        client.error(
            400, "DIGEST_INVALID", "digest: a digest is sha256:<64 hex> or sha512:<128 hex>");
        return;
      }
      purged = store.remove(digest.get());
    } else if (body.hasNonNull("image")) {
      Optional<ImageName> image = image(body.get("image").asText());
      if (image.isEmpty()) {
        badImage(client);
        return;
      }
      purged = manifests.forget(image.get().target().place(), image.get().tag());
    } else if (body.hasNonNull("repository")) {
      Optional<Target> target =
          RepoName.parse(body.get("repository").asText())
              .flatMap(name -> upstreams.resolve(name, null, null));
      if (target.isEmpty()) {
        client.error(400, "NAME_INVALID", "repository: a name of an upstream that is configured");
        return;
      }
      negative.forget(NegativeCache.prefix(target.get().place()));
      try {
        purged = catalog.removeRepository(target.get().place());
      } catch (IOException e) {
        client.error(500, "UNKNOWN", "cannot forget " + target.get().place() + ": " + e);
        return;
      }
    } else {
      client.error(400, "UNSUPPORTED", "one of digest, image and repository is needed");
      return;
    }
    json(client, HttpResponseStatus.OK, JSON.createObjectNode().put("purged", purged));
  }

  private void warm(ClientExchange client, JsonNode body) {
    Optional<ImageName> image = image(body.path("image").asText(""));
    if (image.isEmpty()) {
      badImage(client);
      return;
    }
    CompletableFuture<Digest> run = warm.start(image.get().target(), image.get().tag());
    if (!body.path("wait").asBoolean(true)) {
      json(client, HttpResponseStatus.ACCEPTED, progress(image.get()).orElseThrow());
      return;
    }
    client.whenThere(
        run,
        "MANIFEST_UNKNOWN",
        digest ->
            json(
                client,
                HttpResponseStatus.OK,
                JSON.createObjectNode().put("digest", digest.toString())));
  }

  /** {@code GET /admin/warm?image=feed/api:1.2}. */
  private void progress(ClientExchange client) {
    Optional<ImageName> image = client.parameter("image").flatMap(this::image);
    if (image.isEmpty()) {
      badImage(client);
      return;
    }
    Optional<ObjectNode> progress = progress(image.get());
    if (progress.isEmpty()) {
      client.error(404, "NAME_UNKNOWN", "nobody asked for that image since this proxy started");
    } else {
      json(client, HttpResponseStatus.OK, progress.get());
    }
  }

  private Optional<ObjectNode> progress(ImageName image) {
    return warm.progress(image.target(), image.tag());
  }

  private static void badImage(ClientExchange client) {
    client.error(
        400, "NAME_INVALID", "image: an image is name:tag, of an upstream that is configured");
  }

  /**
   * The envelope of the distribution project's notifications; answers at once, brings the images
   * afterwards.
   */
  private void notified(ClientExchange client, JsonNode body) {
    int begun = 0;
    for (JsonNode event : body.path("events")) {
      JsonNode target = event.path("target");
      Optional<ImageName> image =
          image(target.path("repository").asText("") + ":" + target.path("tag").asText(""));
      if (event.path("action").asText().equals("push") && image.isPresent()) {
        begun++;
        bring(image.get());
      }
    }
    json(client, HttpResponseStatus.ACCEPTED, JSON.createObjectNode().put("images", begun));
  }

  private void bring(ImageName image) {
    manifests.pushed(image.target().place(), image.tag());
    warm.startAnew(image.target(), image.tag())
        .whenComplete(
            (digest, error) -> {
              if (error != null) {
                log.warn(
                    "pushed {}:{} did not come: {}",
                    image.target().place(),
                    image.tag(),
                    Refusal.from(error).getMessage());
                manifests.forget(image.target().place(), image.tag());
              } else {
                log.info("pushed {}:{} is here: {}", image.target().place(), image.tag(), digest);
              }
            });
  }

  private Optional<ImageName> image(String text) {
    return ImageName.of(text, upstreams);
  }

  private static void json(ClientExchange client, HttpResponseStatus status, ObjectNode body) {
    client.json(status, body.toString().getBytes(StandardCharsets.UTF_8));
  }
}
