package io.springtide.registry.answer;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.client.Turn;
import io.springtide.registry.http.Reply;
import io.springtide.registry.manifest.Accept;
import io.springtide.registry.manifest.Manifest;
import io.springtide.registry.manifest.Manifests;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.RepoName;
import io.springtide.registry.store.TagName;
import io.springtide.registry.upstream.Refusal;
import io.springtide.registry.upstream.Upstreams.Target;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/** Answers requests for manifests, and hands on those for lists of tags and referrers. */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
public final class ManifestFront {
  private static final int MAX_LISTING = 8 << 20;

  private final Manifests manifests;

  public ManifestFront(Manifests manifests) {
    this.manifests = manifests;
  }

  public void byDigest(Turn turn, Target target, Digest digest) {
    answer(turn, manifests.byDigest(target, digest, accept(turn)));
  }

  public void byTag(Turn turn, Target target, TagName tag) {
    answer(turn, manifests.byTag(target, tag, accept(turn)));
  }

  private static Accept accept(Turn turn) {
    return Accept.of(turn.request().headers().getAll(HttpHeaderNames.ACCEPT));
  }

  private static void answer(Turn turn, CompletableFuture<Manifest> future) {
    future.whenComplete(
        (manifest, error) ->
            turn.onLoop(
                () -> {
                  if (turn.isOver()) {
                    return;
                  }
                  if (error != null) {
                    turn.refuse(Refusal.from(error), "MANIFEST_UNKNOWN");
                    return;
                  }
                  turn.source(manifest.from().name().toLowerCase(Locale.ROOT));
                  HttpHeaders headers = BlobHeaders.of(manifest.digest(), manifest.mediaType());
                  headers.remove(HttpHeaderNames.ACCEPT_RANGES);
                  if (manifest.from() == Manifest.From.STALE) {
                    headers.set(HttpHeaderNames.WARNING, "110 - \"Response is Stale\"");
                  }
                  boolean same = BlobHeaders.known(turn, manifest.digest());
                  turn.answer(
                      same ? HttpResponseStatus.NOT_MODIFIED : HttpResponseStatus.OK,
                      headers,
                      same ? new byte[0] : manifest.bytes());
                }));
  }

  /** A list: always the upstream's own answer, with our name for the repository in its links. */
  public void listing(Turn turn, Target target, RepoName asked, String rest) {
    String query = turn.request().uri().indexOf('?') < 0 ? "" : withoutNamespace(turn);
    String path = "/v2/" + target.place().repository() + rest + query;
    HttpHeaders sent = new DefaultHttpHeaders();
    turn.header(HttpHeaderNames.ACCEPT).ifPresent(value -> sent.set(HttpHeaderNames.ACCEPT, value));
    target
        .upstream()
        .ask(HttpMethod.GET, target.place().repository().toString(), path, sent, MAX_LISTING)
        .whenComplete(
            (reply, error) -> turn.onLoop(() -> listed(turn, target, asked, reply, error)));
  }

  private static void listed(
      Turn turn, Target target, RepoName asked, Reply reply, Throwable error) {
    if (turn.isOver()) {
      return;
    }
    turn.source("miss");
    if (error != null) {
      turn.refuse(Refusal.from(error), "NAME_UNKNOWN");
      return;
    }
    if (reply.status() != 200) {
      turn.refuse(Refusal.ofStatus(reply.status(), target.place().toString()), "NAME_UNKNOWN");
      return;
    }
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(
        HttpHeaderNames.CONTENT_TYPE,
        reply.headers().get(HttpHeaderNames.CONTENT_TYPE, "application/json"));
    Optional.ofNullable(reply.headers().get("OCI-Filters-Applied"))
        .ifPresent(value -> headers.set("OCI-Filters-Applied", value));
    Optional.ofNullable(reply.headers().get("Link"))
        .map(link -> ours(turn, link, target, asked))
        .ifPresent(link -> headers.set("Link", link));
    turn.answer(HttpResponseStatus.OK, headers, reply.body());
  }

  /** The link to the next page, which upstream has in its own terms, in those of the request. */
  private static String ours(Turn turn, String link, Target target, RepoName asked) {
    String theirs = "<[^<>]*?/v2/" + Pattern.quote(target.place().repository() + "/") + "([^<>]*)>";
    String namespace =
        turn.parameter("ns").filter(Turn.NAMESPACE).map(ns -> "&ns=" + ns).orElse("");
    return link.replaceFirst(theirs, "</v2/" + asked + "/$1" + namespace + ">");
  }

  private static String withoutNamespace(Turn turn) {
    String raw = turn.request().uri().substring(turn.request().uri().indexOf('?') + 1);
    StringBuilder query = new StringBuilder();
    for (String pair : raw.split("&", -1)) {
      if (!pair.startsWith("ns=") && pair.matches("[A-Za-z0-9._~%+:/=-]+")) {
        query.append(query.isEmpty() ? "?" : "&").append(pair);
      }
    }
    return query.toString();
  }
}
