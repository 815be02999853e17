package io.springtide.registry.warm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.springtide.registry.blob.Blobs;
import io.springtide.registry.blob.Found;
import io.springtide.registry.manifest.Accept;
import io.springtide.registry.manifest.Manifest;
import io.springtide.registry.manifest.Manifests;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.TagName;
import io.springtide.registry.upstream.ContentFailure;
import io.springtide.registry.upstream.Upstreams.Target;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Brings a whole image before it is asked for: what its tag means now, the manifests under it, and
 * their blobs. Of an index all platforms come: which ones the hosts have is not known here.
 */
public final class Warmer {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_DEPTH = 3;

  /** Done when all of it is in the store. */
  private static final Found.Visitor<CompletableFuture<Void>> UNTIL_STORED =
      new Found.Visitor<>() {
        @Override
        public CompletableFuture<Void> on(Found.Whole whole) {
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> on(Found.Filling filling) {
          return filling.fill().done();
        }

        @Override
        public CompletableFuture<Void> on(Found.Passing passing) {
          return CompletableFuture.failedFuture(
              new ContentFailure(ContentFailure.Kind.NO_ROOM, "no room for " + passing.digest()));
        }
      };

  private final Manifests manifests;
  private final Blobs blobs;

  public Warmer(Manifests manifests, Blobs blobs) {
    this.manifests = manifests;
    this.blobs = blobs;
  }

  /**
   * Completes with the tag's digest when all content is here; fails with a {@link ContentFailure}.
   */
  CompletableFuture<Digest> warm(Target target, TagName tag) {
    return warm(target, tag, new Parts());
  }

  /** As {@link #warm(Target, TagName)}; {@code parts} hears of the blobs as they become known. */
  CompletableFuture<Digest> warm(Target target, TagName tag, Parts parts) {
    return manifests
        .refreshTag(target, tag)
        .thenCompose(
            manifest -> children(target, manifest, 0, parts).thenApply(done -> manifest.digest()));
  }

  private CompletableFuture<Void> children(
      Target target, Manifest manifest, int depth, Parts known) {
    JsonNode json;
    try {
      json = JSON.readTree(manifest.bytes());
    } catch (IOException e) {
      return CompletableFuture.failedFuture(
          new ContentFailure(ContentFailure.Kind.CORRUPT, manifest.digest() + " is no JSON"));
    }
    List<CompletableFuture<?>> parts = new ArrayList<>();
    for (JsonNode child : json.path("manifests")) {
      Digest.parse(child.path("digest").asText())
          .filter(digest -> depth < MAX_DEPTH)
          .ifPresent(
              digest ->
                  parts.add(
                      manifests
                          .byDigest(target, digest, Accept.ALL)
                          .thenCompose(found -> children(target, found, depth + 1, known))));
    }
    Digest.parse(json.path("config").path("digest").asText())
        .ifPresent(digest -> parts.add(blob(target, digest, json.path("config"), known)));
    for (JsonNode layer : json.path("layers")) {
      // Layers with addresses of their own (old Windows base layers) are not in the registry.
      Digest.parse(layer.path("digest").asText())
          .filter(digest -> layer.path("urls").isEmpty())
          .ifPresent(digest -> parts.add(blob(target, digest, layer, known)));
    }
    return CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<Void> blob(
      Target target, Digest digest, JsonNode descriptor, Parts known) {
    known.add(digest, descriptor.path("size").asLong(0));
    return blobs
        .open(target.upstream(), target.place(), digest, false)
        .thenCompose(found -> found.accept(UNTIL_STORED));
  }
}
