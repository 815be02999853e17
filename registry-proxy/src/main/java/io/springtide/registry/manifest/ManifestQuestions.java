package io.springtide.registry.manifest;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.springtide.registry.http.Reply;
import io.springtide.registry.manifest.Manifest.From;
import io.springtide.registry.metrics.ProxyMetrics;
import io.springtide.registry.store.Digest;
import io.springtide.registry.upstream.ContentFailure;
import io.springtide.registry.upstream.Retries;
import io.springtide.registry.upstream.SilentUpstreams;
import io.springtide.registry.upstream.Upstreams.Target;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Asks upstream for manifests, and believes only what is what it should be. All futures fail with a
 * {@link ContentFailure}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The same future is handed on.
public final class ManifestQuestions {
  private static final String DIGEST = "Docker-Content-Digest";

  private final Retries retries;
  private final SilentUpstreams silent;
  private final Executor blocking;
  private final ProxyMetrics metrics;

  /** {@code blocking}: where the answers are checked, and go on. */
  public ManifestQuestions(
      Retries retries, SilentUpstreams silent, Executor blocking, ProxyMetrics metrics) {
    this.retries = retries;
    this.silent = silent;
    this.blocking = blocking;
    this.metrics = metrics;
  }

  /**
   * The manifest that {@code reference}, a tag or a digest, means.
   *
   * @param wanted the digest that it must have
   * @param patiently whether to ask again when the upstream fails: nobody waits who has an old one
   */
  CompletableFuture<Manifest> get(
      Target target, String reference, Optional<Digest> wanted, Accept accept, boolean patiently) {
    Supplier<CompletableFuture<Reply>> question =
        () -> ask(HttpMethod.GET, target, reference, accept, Manifest.MAX_SIZE);
    return (patiently ? retries.ask(question) : question.get())
        .thenApplyAsync(reply -> manifest(target, reference, wanted, reply), blocking);
  }

  /**
   * The digest that the tag has now, by HEAD; empty if the upstream answers HEAD with less than
   * that.
   */
  CompletableFuture<Optional<Digest>> head(Target target, String tag, Accept accept) {
    return ask(HttpMethod.HEAD, target, tag, accept, 0)
        .thenApply(
            reply -> {
              if (reply.status() != 200 && reply.status() != 405) {
                throw new CompletionException(
                    ContentFailure.ofStatus(reply.status(), target.place() + ":" + tag));
              }
              return named(reply);
            });
  }

  private CompletableFuture<Reply> ask(
      HttpMethod method, Target target, String reference, Accept accept, int limit) {
    HttpHeaders headers = new DefaultHttpHeaders();
    accept.headers().forEach(value -> headers.add(HttpHeaderNames.ACCEPT, value));
    String repository = target.place().repository().toString();
    String path = "/v2/" + repository + "/manifests/" + reference;
    CompletableFuture<Reply> reply =
        target.upstream().ask(method, repository, path, headers, limit);
    reply.whenComplete(
        (answer, error) -> {
          if (error == null) {
            silent.answered(target.place().upstream());
          } else {
            silent.silent(target.place().upstream());
          }
        });
    return reply;
  }

  private Manifest manifest(Target target, String reference, Optional<Digest> wanted, Reply reply) {
    String what = target.place() + (wanted.isPresent() ? "@" : ":") + reference;
    if (reply.status() != 200) {
      throw new CompletionException(ContentFailure.ofStatus(reply.status(), what));
    }
    metrics.fromUpstream(reply.body().length);
    String length = reply.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (length != null && !length.equals(Integer.toString(reply.body().length))) {
      throw new CompletionException(
          new ContentFailure(ContentFailure.Kind.UNAVAILABLE, what + " came only in part"));
    }
    String mediaType = mediaType(reply);
    Digest digest = wanted.or(() -> named(reply)).orElseGet(() -> Digest.of(reply.body()));
    // The digest of schema 1 is over a part of the bytes, and they may be signed anew each time.
    if (!Accept.isSchema1(mediaType) && !digest.names(reply.body())) {
      throw new CompletionException(
          new ContentFailure(ContentFailure.Kind.CORRUPT, "upstream sent other bytes for " + what));
    }
    return new Manifest(digest, mediaType, reply.body(), From.MISS);
  }

  private static Optional<Digest> named(Reply reply) {
    return Optional.ofNullable(reply.headers().get(DIGEST)).flatMap(Digest::parse);
  }

  private static String mediaType(Reply reply) {
    String header = reply.headers().get(HttpHeaderNames.CONTENT_TYPE);
    String mediaType = header == null ? "" : Accept.withoutParameters(header);
    return mediaType.matches("[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
        ? mediaType
        : "application/octet-stream";
  }
}
