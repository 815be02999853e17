package io.springtide.registry.door;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.answer.Answers;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.member.OwnerFirst;
import io.springtide.registry.metrics.ProxyMetrics;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.RepoName;
import io.springtide.registry.upstream.Upstreams;
import io.springtide.registry.upstream.Upstreams.Target;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Hands each request to the one who answers it. */
public final class Front {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Upstreams upstreams;
  private final Answers answers;
  private final ProxyMetrics metrics;
  private final BlobStore store;

  public Front(Upstreams upstreams, Answers answers, ProxyMetrics metrics, BlobStore store) {
    this.upstreams = upstreams;
    this.answers = answers;
    this.metrics = metrics;
    this.store = store;
  }

  void answer(ClientExchange client, Route route) {
    HttpMethod method = client.request().method();
    boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
    if (route instanceof Route.Admin action) {
      answers.admin().answer(client, action.action());
    } else if (route instanceof Route.SwarmHosts || route instanceof Route.SwarmBlob) {
      swarm(client, route);
    } else if (!reads) {
      client.error(
          405,
          "UNSUPPORTED",
          "this is a cache: push to the registry behind it",
          new DefaultHttpHeaders().set(HttpHeaderNames.ALLOW, "GET, HEAD"));
    } else if (route instanceof Route.Base) {
      client.json(HttpResponseStatus.OK, "{}".getBytes(StandardCharsets.UTF_8));
    } else if (route instanceof Route.Metrics) {
      client.answer(
          HttpResponseStatus.OK,
          new DefaultHttpHeaders()
              .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
          metrics.scrape().getBytes(StandardCharsets.UTF_8));
    } else if (route instanceof Route.Health) {
      health(client);
    } else if (route instanceof Route.Unknown unknown) {
      client.error(unknown.status(), unknown.code(), unknown.message());
    } else {
      content(client, route);
    }
  }

  private void swarm(ClientExchange client, Route route) {
    if (answers.tracker().isEmpty()) {
      client.error(404, "UNSUPPORTED", "this is a peer: it tracks nobody");
    } else if (!client.request().method().equals(HttpMethod.POST)) {
      client.error(405, "UNSUPPORTED", "POST is needed");
    } else if (!(route instanceof Route.SwarmBlob blob)) {
      answers.tracker().get().hosts(client);
    } else if (!client.identity().mayRead(blob.name())) {
      client.error(403, "DENIED", client.identity().name() + " may not read " + blob.name());
    } else {
      Optional<Target> target = upstreams.resolve(blob.name(), null, null);
      if (target.isEmpty()) {
        client.error(404, "NAME_UNKNOWN", "no upstream is configured for " + blob.name());
      } else if (blob.action().equals("announce")) {
        answers.tracker().get().announce(client, target.get(), blob.digest());
      } else {
        answers.tracker().get().piece(client, target.get(), blob.digest());
      }
    }
  }

  private void content(ClientExchange client, Route route) {
    RepoName name =
        route instanceof Route.BlobRoute blob
            ? blob.name()
            : route instanceof Route.ManifestByDigest byDigest
                ? byDigest.name()
                : route instanceof Route.ManifestByTag byTag
                    ? byTag.name()
                    : ((Route.Listing) route).name();
    if (!client.identity().mayRead(name)) {
      client.error(403, "DENIED", client.identity().name() + " may not read " + name);
      return;
    }
    Optional<String> resolved = client.header(OwnerFirst.DIRECT_HEADER);
    Optional<Target> target =
        resolved.isPresent()
            ? upstreams.named(resolved.get(), name)
            : upstreams.resolve(
                name,
                client.parameter("ns").orElse(null),
                client.header(HttpHeaderNames.HOST).orElse(null));
    if (target.isEmpty()) {
      client.error(404, "NAME_UNKNOWN", "no upstream is configured for " + name);
    } else if (route instanceof Route.BlobRoute blob) {
      answers.blobs().answer(client, target.get(), blob.digest());
    } else if (route instanceof Route.ManifestByDigest manifest) {
      answers.manifests().byDigest(client, target.get(), manifest.digest());
    } else if (route instanceof Route.ManifestByTag manifest) {
      answers.manifests().byTag(client, target.get(), manifest.tag());
    } else if (route instanceof Route.Listing listing) {
      answers.manifests().listing(client, target.get(), listing.name(), listing.rest());
    }
  }

  /** Healthy means: can answer. An upstream that is down does not make a cache unhealthy. */
  private void health(ClientExchange client) {
    ObjectNode body =
        JSON.createObjectNode().put("status", "ok").put("storedBytes", store.usedBytes());
    client.json(HttpResponseStatus.OK, body.toString().getBytes(StandardCharsets.UTF_8));
  }
}
