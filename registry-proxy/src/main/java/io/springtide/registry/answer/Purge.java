package io.springtide.registry.answer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.manifest.Manifests;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.RepoName;
import io.springtide.registry.upstream.NegativeCache;
import io.springtide.registry.upstream.Upstreams;
import io.springtide.registry.upstream.Upstreams.Target;
import io.springtide.registry.warm.ImageName;
import java.io.IOException;
import java.util.Optional;

/** {@code POST /admin/purge}: forgets a blob, what a tag means, or what a repository shows. */
public record Purge(
    Upstreams upstreams,
    BlobStore store,
    Catalog catalog,
    Manifests manifests,
    NegativeCache negative) {

  void answer(ClientExchange client, JsonNode body) {
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
      Optional<ImageName> image = ImageName.of(body.get("image").asText(), upstreams);
      if (image.isEmpty()) {
        AdminAnswers.badImage(client);
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
    AdminAnswers.json(
        client, HttpResponseStatus.OK, JsonNodeFactory.instance.objectNode().put("purged", purged));
  }
}
