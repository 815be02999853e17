package io.springtide.registry.answer;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.http.Reply;
import io.springtide.registry.manifest.Accept;
import io.springtide.registry.manifest.Manifest;
import io.springtide.registry.manifest.Manifests;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.RepoName;
import io.springtide.registry.store.TagName;
import io.springtide.registry.upstream.ContentFailure;
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

  public void byDigest(ClientExchange client, Target target, Digest digest) {
    answer(client, manifests.byDigest(target, digest, accept(client)));
  }

  public void byTag(ClientExchange client, Target target, TagName tag) {
    answer(client, manifests.byTag(target, tag, accept(client)));
  }

  private static Accept accept(ClientExchange client) {
    return Accept.of(client.request().headers().getAll(HttpHeaderNames.ACCEPT));
  }

  private static void answer(ClientExchange client, CompletableFuture<Manifest> asked) {
    client.whenThere(asked, "MANIFEST_UNKNOWN", manifest -> found(client, manifest));
  }

  private static void found(ClientExchange client, Manifest manifest) {
    client.source(manifest.from().name().toLowerCase(Locale.ROOT));
    HttpHeaders headers = BlobHeaders.of(manifest.digest(), manifest.mediaType());
    headers.remove(HttpHeaderNames.ACCEPT_RANGES);
    if (manifest.from() == Manifest.From.STALE) {
      headers.set(HttpHeaderNames.WARNING, "110 - \"Response is Stale\"");
    }
    boolean same = BlobHeaders.known(client, manifest.digest());
    client.answer(
        same ? HttpResponseStatus.NOT_MODIFIED : HttpResponseStatus.OK,
        headers,
        same ? new byte[0] : manifest.bytes());
  }

  /** A list: always the upstream's own answer, with our name for the repository in its links. */
  public void listing(ClientExchange client, Target target, RepoName asked, String rest) {
    String query = client.request().uri().indexOf('?') < 0 ? "" : withoutNamespace(client);
    String path = "/v2/" + target.place().repository() + rest + query;
    HttpHeaders sent = new DefaultHttpHeaders();
    client
        .header(HttpHeaderNames.ACCEPT)
        .ifPresent(value -> sent.set(HttpHeaderNames.ACCEPT, value));
    client.whenThere(
        target
            .upstream()
            .ask(HttpMethod.GET, target.place().repository().toString(), path, sent, MAX_LISTING),
        "NAME_UNKNOWN",
        reply -> listed(client, target, asked, reply));
  }

  private static void listed(ClientExchange client, Target target, RepoName asked, Reply reply) {
    client.source("miss");
    if (reply.status() != 200) {
      client.refuse(
          ContentFailure.ofStatus(reply.status(), target.place().toString()), "NAME_UNKNOWN");
      return;
    }
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(
        HttpHeaderNames.CONTENT_TYPE,
        reply.headers().get(HttpHeaderNames.CONTENT_TYPE, "application/json"));
    Optional.ofNullable(reply.headers().get("OCI-Filters-Applied"))
        .ifPresent(value -> headers.set("OCI-Filters-Applied", value));
    Optional.ofNullable(reply.headers().get("Link"))
        .map(link -> ours(client, link, target, asked))
        .ifPresent(link -> headers.set("Link", link));
    client.answer(HttpResponseStatus.OK, headers, reply.body());
  }

  /** The link to the next page, which upstream has in its own terms, in those of the request. */
  private static String ours(ClientExchange client, String link, Target target, RepoName asked) {
    String theirs = "<[^<>]*?/v2/" + Pattern.quote(target.place().repository() + "/") + "([^<>]*)>";
    String namespace =
        client.parameter("ns").filter(ClientExchange.NAMESPACE).map(ns -> "&ns=" + ns).orElse("");
    return link.replaceFirst(theirs, "</v2/" + asked + "/$1" + namespace + ">");
  }

  private static String withoutNamespace(ClientExchange client) {
    String raw = client.request().uri().substring(client.request().uri().indexOf('?') + 1);
    StringBuilder query = new StringBuilder();
    for (String pair : raw.split("&", -1)) {
      if (!pair.startsWith("ns=") && pair.matches("[A-Za-z0-9._~%+:/=-]+")) {
        query.append(query.isEmpty() ? "?" : "&").append(pair);
      }
    }
    return query.toString();
  }
}
