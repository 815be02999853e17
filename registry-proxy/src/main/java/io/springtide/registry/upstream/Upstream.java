package io.springtide.registry.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.springtide.registry.http.Credentials;
import io.springtide.registry.http.Gathering;
import io.springtide.registry.http.HttpConnections;
import io.springtide.registry.http.Reply;
import io.springtide.registry.http.Request;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.ServerAddress;
import io.springtide.registry.http.ServerExchange;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One registry: sends requests with the authorisation it wants, and follows its redirects. Asks
 * nothing at start.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
public final class Upstream {
  private static final int MAX_REDIRECTS = 5;

  /** A redirect's body up to this is read to its end, which keeps the connection. */
  private static final int MAX_DRAINED = 64 << 10;

  private static final byte[] NO_BODY = {};

  private final String name;
  private final URI base;
  private final HttpConnections connections;
  private final Authenticator authenticator;

  /**
   * @param base {@code http(s)://host[:port][/path]}, without {@code /v2}
   * @param trustedRealms hosts of token servers that may see the password besides those of the
   *     upstream's own domain
   */
  public Upstream(
      String name,
      URI base,
      Optional<Credentials> credentials,
      Set<String> trustedRealms,
      HttpConnections connections,
      Clock clock) {
    this.name = name;
    this.base = base;
    this.connections = connections;
    this.authenticator =
        new Authenticator(
            connections, new RealmGuard(credentials, ServerAddress.of(base), trustedRealms), clock);
  }

  public String name() {
    return name;
  }

  /**
   * Sends a request about {@code repository}; the listener hears only the last answer, never a
   * challenge that was met or a redirect that was followed.
   *
   * @param pathAndQuery from {@code /v2/} on
   */
  public void send(
      HttpMethod method,
      String repository,
      String pathAndQuery,
      HttpHeaders headers,
      ResponseListener listener) {
    send(method, repository, pathAndQuery, headers, NO_BODY, listener);
  }

  /**
   * As {@link #send(HttpMethod, String, String, HttpHeaders, ResponseListener)}, with a body, which
   * may be sent twice.
   */
  public void send(
      HttpMethod method,
      String repository,
      String pathAndQuery,
      HttpHeaders headers,
      byte[] body,
      ResponseListener listener) {
    String scope = "repository:" + repository + ":pull";
    String prefix = base.getRawPath() == null ? "" : base.getRawPath().replaceAll("/+$", "");
    URI uri = base.resolve(prefix + pathAndQuery);
    new Attempt(new Request(method, uri, headers, body, listener), scope).begin();
  }

  /**
   * As {@link #send}, for answers of at most {@code limit} bytes. Fails with an {@link IOException}
   * only.
   */
  public CompletableFuture<Reply> ask(
      HttpMethod method, String repository, String pathAndQuery, HttpHeaders headers, int limit) {
    return ask(method, repository, pathAndQuery, headers, NO_BODY, limit);
  }

  /** As above, with a body, which may be sent twice. */
  public CompletableFuture<Reply> ask(
      HttpMethod method,
      String repository,
      String pathAndQuery,
      HttpHeaders headers,
      byte[] body,
      int limit) {
    Gathering gathering = new Gathering(limit);
    send(method, repository, pathAndQuery, headers, body, gathering);
    return gathering.reply();
  }

  /**
   * Asks for a blob's bytes from {@code from} to the end; for {@code from} 0 without a Range.
   *
   * @param headers more of them, to which the Range is added
   */
  public void getBlob(
      Place place, Digest digest, long from, HttpHeaders headers, ResponseListener listener) {
    if (from > 0) {
      headers.set(HttpHeaderNames.RANGE, "bytes=" + from + "-");
    }
    send(HttpMethod.GET, place.repository().toString(), blobPath(place, digest), headers, listener);
  }

  /** A source that reads the blob straight from here. */
  public BlobSource blob(Place place, Digest digest) {
    return (from, attempt, listener) ->
        getBlob(place, digest, from, new DefaultHttpHeaders(), listener);
  }

  /**
   * What the upstream says of a blob without sending it. Fails with an {@link IOException} only.
   */
  public CompletableFuture<Reply> headBlob(Place place, Digest digest) {
    return ask(
        HttpMethod.HEAD,
        place.repository().toString(),
        blobPath(place, digest),
        new DefaultHttpHeaders(),
        0);
  }

  private static String blobPath(Place place, Digest digest) {
    return "/v2/" + place.repository() + "/blobs/" + digest;
  }

  private final class Attempt {
    private final Request asked;
    private final String scope;
    private int redirects;
    private int challenges;

    Attempt(Request asked, String scope) {
      this.asked = asked;
      this.scope = scope;
    }

    void begin() {
      go(asked.uri(), authenticator.known(scope));
    }

    private void go(URI uri, Optional<String> authorization) {
      HttpHeaders sent = new DefaultHttpHeaders().set(asked.headers());
      authorization.ifPresent(value -> sent.set(HttpHeaderNames.AUTHORIZATION, value));
      Hop hop = new Hop(uri, authorization);
      connections.send(new Request(asked.method(), uri, sent, asked.body(), hop));
    }

    private final class Hop implements ResponseListener {
      private final URI uri;
      private final Optional<String> authorization;
      private boolean last;
      private boolean handedOn;

      Hop(URI uri, Optional<String> authorization) {
        this.uri = uri;
        this.authorization = authorization;
      }

      @Override
      public void head(int status, HttpHeaders answer, ServerExchange exchange) {
        boolean ours = ServerAddress.of(uri).equals(ServerAddress.of(base));
        if (status == 401 && ours && challenges++ < 2) {
          handedOn = true;
          exchange.cancel();
          authenticator
              .answer(scope, authorization, answer)
              .whenComplete(
                  (next, error) -> {
                    if (error != null) {
                      asked.listener().failed(asIoException(error));
                    } else if (next.isPresent()) {
                      go(uri, next);
                    } else {
                      asked.listener().head(status, answer, exchange);
                      asked.listener().end();
                    }
                  });
          return;
        }
        String location = answer.get(HttpHeaderNames.LOCATION);
        boolean redirect =
            status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
        if (redirect && location != null) {
          handedOn = true;
          if (answer.getInt(HttpHeaderNames.CONTENT_LENGTH, Integer.MAX_VALUE) > MAX_DRAINED) {
            exchange.cancel();
          }
          follow(location);
          return;
        }
        last = true;
        asked.listener().head(status, answer, exchange);
      }

      private void follow(String location) {
        URI target;
        try {
          target = uri.resolve(location);
          // Authorization must not cross hosts: the target is often a bucket with a signed address
          // of its own.
          boolean sameOrigin = ServerAddress.of(target).equals(ServerAddress.of(uri));
          if (++redirects > MAX_REDIRECTS) {
            asked
                .listener()
                .failed(new IOException(name + " redirects more than " + MAX_REDIRECTS + " times"));
            return;
          }
          go(target, sameOrigin ? authorization : Optional.empty());
        } catch (IllegalArgumentException e) {
          asked.listener().failed(new IOException(name + " redirects to a bad address"));
        }
      }

      @Override
      public void data(ByteBuf bytes) {
        if (last) {
          asked.listener().data(bytes);
        }
      }

      @Override
      public void batch() {
        if (last) {
          asked.listener().batch();
        }
      }

      @Override
      public void end() {
        if (last) {
          asked.listener().end();
        }
      }

      @Override
      public void failed(IOException why) {
        if (last || !handedOn) {
          asked.listener().failed(why);
        }
      }
    }
  }

  private static IOException asIoException(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return cause instanceof IOException io ? io : new IOException(cause);
  }
}
