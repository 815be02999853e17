package io.springtide.registry.door;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.springtide.registry.answer.Answers;
import io.springtide.registry.answer.TrackerDoor;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.member.OwnerFirst;
import io.springtide.registry.metrics.ProxyMetrics;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.RepoName;
import io.springtide.registry.upstream.Upstreams;
import io.springtide.registry.upstream.Upstreams.Target;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

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
    route.accept(new Answer(client));
  }

  /** What one request gets. */
  private final class Answer implements Route.Visitor {
    private final ClientExchange client;
    private final HttpMethod method;

    Answer(ClientExchange client) {
      this.client = client;
      this.method = client.request().method();
    }

    @Override
    public void on(Route.Admin route) {
      answers.admin().answer(client, route.action());
    }

    @Override
    public void on(Route.SwarmHosts route) {
      tracker().ifPresent(tracker -> tracker.hosts(client));
    }

    @Override
    public void on(Route.SwarmBlob route) {
      tracker()
          .ifPresent(
              tracker ->
                  target(route.name(), () -> upstreams.resolve(route.name(), null, null))
                      .ifPresent(
                          target -> {
                            if (route.action().equals("announce")) {
                              tracker.announce(client, target, route.digest());
                            } else {
                              tracker.piece(client, target, route.digest());
                            }
                          }));
    }

    @Override
    public void on(Route.Base route) {
      if (reads()) {
        client.json(HttpResponseStatus.OK, "{}".getBytes(StandardCharsets.UTF_8));
      }
    }

    @Override
    public void on(Route.Metrics route) {
      if (reads()) {
        client.answer(
            HttpResponseStatus.OK,
            new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
            metrics.scrape().getBytes(StandardCharsets.UTF_8));
      }
    }

    /** Healthy means: can answer. An upstream that is down does not make a cache unhealthy. */
    @Override
    public void on(Route.Health route) {
      if (reads()) {
        ObjectNode body =
            JSON.createObjectNode().put("status", "ok").put("storedBytes", store.usedBytes());
        client.json(HttpResponseStatus.OK, body.toString().getBytes(StandardCharsets.UTF_8));
      }
    }

    @Override
    public void on(Route.Unknown route) {
      if (reads()) {
        client.error(route.status(), route.code(), route.message());
      }
    }

    @Override
    public void on(Route.BlobRoute route) {
      content(route.name())
          .ifPresent(target -> answers.blobs().answer(client, target, route.digest()));
    }

    @Override
    public void on(Route.ManifestByDigest route) {
      content(route.name())
          .ifPresent(target -> answers.manifests().byDigest(client, target, route.digest()));
    }

    @Override
    public void on(Route.ManifestByTag route) {
      content(route.name())
          .ifPresent(target -> answers.manifests().byTag(client, target, route.tag()));
    }

    @Override
    public void on(Route.Listing route) {
      content(route.name())
          .ifPresent(
              target -> answers.manifests().listing(client, target, route.name(), route.rest()));
    }

    // ---- Each of these says no to the client where it gives nothing back.

    private boolean reads() {
      boolean reads = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
      if (!reads) {
        client.error(
            405,
            "UNSUPPORTED",
            "this is a cache: push to the registry behind it",
            new DefaultHttpHeaders().set(HttpHeaderNames.ALLOW, "GET, HEAD"));
      }
      return reads;
    }

    private Optional<TrackerDoor> tracker() {
      if (answers.tracker().isEmpty()) {
        client.error(404, "UNSUPPORTED", "this is a peer: it tracks nobody");
      } else if (!method.equals(HttpMethod.POST)) {
        client.error(405, "UNSUPPORTED", "POST is needed");
        return Optional.empty();
      }
      return answers.tracker();
    }

    private Optional<Target> content(RepoName name) {
      return reads() ? target(name, () -> named(name)) : Optional.empty();
    }

    private Optional<Target> named(RepoName name) {
      return client
          .header(OwnerFirst.DIRECT_HEADER)
          .map(resolved -> upstreams.named(resolved, name))
          .orElseGet(
              () ->
                  upstreams.resolve(
                      name,
                      client.parameter("ns").orElse(null),
                      client.header(HttpHeaderNames.HOST).orElse(null)));
    }

    /** Where the repository is, for somebody who may read it. */
    private Optional<Target> target(RepoName name, Supplier<Optional<Target>> resolve) {
      if (!client.identity().mayRead(name)) {
        client.error(403, "DENIED", client.identity().name() + " may not read " + name);
        return Optional.empty();
      }
      Optional<Target> target = resolve.get();
      if (target.isEmpty()) {
        client.error(404, "NAME_UNKNOWN", "no upstream is configured for " + name);
      }
      return target;
    }
  }
}
