package io.springtide.registry.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.store.Digest;
import io.springtide.registry.upstream.Upstreams;
import io.springtide.registry.warm.ImageName;
import io.springtide.registry.warm.WarmRuns;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** {@code /admin/warm}: brings an image ahead of those who will ask for it. */
public record Warming(Upstreams upstreams, WarmRuns warm) {
  /** {@code POST}. */
  void answer(ClientExchange client, JsonNode body) {
    Optional<ImageName> image = ImageName.of(body.path("image").asText(""), upstreams);
    if (image.isEmpty()) {
      AdminAnswers.badImage(client);
      return;
    }
    CompletableFuture<Digest> run = warm.start(image.get().target(), image.get().tag());
    if (!body.path("wait").asBoolean(true)) {
      AdminAnswers.json(client, HttpResponseStatus.ACCEPTED, progress(image.get()).orElseThrow());
      return;
    }
    client.whenThere(
        run,
        "MANIFEST_UNKNOWN",
        digest ->
            AdminAnswers.json(
                client,
                HttpResponseStatus.OK,
                JsonNodeFactory.instance.objectNode().put("digest", digest.toString())));
  }

  /** {@code GET /admin/warm?image=feed/api:1.2}. */
  void progress(ClientExchange client) {
    Optional<ImageName> image =
        client.parameter("image").flatMap(text -> ImageName.of(text, upstreams));
    if (image.isEmpty()) {
      AdminAnswers.badImage(client);
      return;
    }
    Optional<ObjectNode> progress = progress(image.get());
    if (progress.isEmpty()) {
      client.error(404, "NAME_UNKNOWN", "nobody asked for that image since this proxy started");
    } else {
      AdminAnswers.json(client, HttpResponseStatus.OK, progress.get());
    }
  }

  private Optional<ObjectNode> progress(ImageName image) {
    return warm.progress(image.target(), image.tag());
  }
}
