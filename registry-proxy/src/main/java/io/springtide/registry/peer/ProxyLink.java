package io.springtide.registry.peer;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.springtide.registry.http.Reply;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.store.Digest;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Ask;
import io.springtide.registry.tracker.Messages.Presence;
import io.springtide.registry.upstream.Upstream;
import java.util.concurrent.CompletableFuture;

/** What a peer says to its proxy: with the same credentials, and the same checks, as any pull. */
final class ProxyLink {
  private static final int MAX_ANSWER = 4 << 20;

  private final Upstream proxy;

  ProxyLink(Upstream proxy) {
    this.proxy = proxy;
  }

  CompletableFuture<Reply> present(Presence presence) {
    return proxy.ask(
        HttpMethod.POST,
        "springtide",
        "/swarm/hosts",
        json(),
        Messages.write(presence),
        MAX_ANSWER);
  }

  CompletableFuture<Reply> announce(String repository, Digest digest, Announce announce) {
    return proxy.ask(
        HttpMethod.POST,
        repository,
        "/swarm/announce/" + repository + "/" + digest,
        json(),
        Messages.write(announce),
        MAX_ANSWER);
  }

  void piece(String repository, Digest digest, Ask ask, ResponseListener listener) {
    proxy.send(
        HttpMethod.POST,
        repository,
        "/swarm/piece/" + repository + "/" + digest,
        json(),
        Messages.write(ask),
        listener);
  }

  private static HttpHeaders json() {
    return new DefaultHttpHeaders()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON);
  }
}
