package io.springtide.registry.member;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.http.Filtered;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.ServerExchange;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.BlobSources;
import io.springtide.registry.upstream.Upstream;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A miss goes to the proxy that owns the digest, so that the upstream is asked once by all proxies
 * together; whatever goes wrong there, the next attempt goes straight upstream.
 */
public final class OwnerFirst implements BlobSources {
  /**
   * Marks a request by another proxy, which names the upstream that it means: nobody asks a third
   * one.
   */
  public static final String DIRECT_HEADER = "Springtide-Direct";

  private final Members members;
  private final Function<URI, Upstream> connect;
  private final Map<URI, Upstream> owners = new ConcurrentHashMap<>();

  public OwnerFirst(Members members, Function<URI, Upstream> connect) {
    this.members = members;
    this.connect = connect;
  }

  @Override
  public BlobSource source(Upstream upstream, Place place, Digest digest, boolean direct) {
    BlobSource straight = upstream.blob(place, digest);
    Optional<URI> owner = direct ? Optional.empty() : members.owner(digest);
    if (owner.isEmpty()) {
      return straight;
    }
    return (from, attempt, listener) -> {
      if (attempt > 0) {
        straight.open(from, attempt, listener);
      } else {
        ask(owner.get(), place, digest, from, listener);
      }
    };
  }

  private void ask(URI owner, Place place, Digest digest, long from, ResponseListener listener) {
    HttpHeaders headers = new DefaultHttpHeaders().set(DIRECT_HEADER, place.upstream());
    owners
        .computeIfAbsent(owner, connect)
        .getBlob(place, digest, from, headers, new Trial(owner, listener));
  }

  /**
   * Turns everything but content into a broken attempt: the owner's refusal is not the upstream's.
   */
  private final class Trial extends Filtered {
    private final URI owner;

    Trial(URI owner, ResponseListener listener) {
      super(listener);
      this.owner = owner;
    }

    @Override
    public void head(int status, HttpHeaders headers, ServerExchange exchange) {
      if (status == 200 || status == 206) {
        next().head(status, headers, exchange);
      } else {
        refuse(exchange, new IOException(owner + " answered " + status));
      }
    }

    @Override
    protected void broken() {
      members.failed(owner);
    }
  }
}
