package io.springtide.registry.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.cache.CacheBuilder;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringEncoder;
import io.springtide.registry.http.Credentials;
import io.springtide.registry.http.HttpConnections;
import io.springtide.registry.http.Reply;
import io.springtide.registry.http.ServerAddress;
import io.springtide.registry.http.Why;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The Authorization header for one upstream, by the token flow of the distribution project ("Token
 * Authentication Specification"). Challenges are met when they come, never asked for at start; a
 * token is fetched once for all who wait for it, and used until shortly before it expires.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
final class Authenticator {
  private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);
  private static final Duration SLACK = Duration.ofSeconds(5);
  private static final int MAX_SCOPES = 10_000;
  private static final int MAX_TOKEN_ANSWER = 256 << 10;
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Key(URI realm, String service, String scope) {}

  private record Token(String header, Instant expires) {}

  private final HttpConnections connections;
  private final RealmGuard guard;
  private final Clock clock;

  /** Bounded: whoever asks for repositories that are none must not fill the memory with tokens. */
  private final Map<String, Token> byScope =
      CacheBuilder.newBuilder().maximumSize(MAX_SCOPES).<String, Token>build().asMap();

  private final Map<Key, CompletableFuture<Token>> underWay = new ConcurrentHashMap<>();

  Authenticator(HttpConnections connections, RealmGuard guard, Clock clock) {
    this.connections = connections;
    this.guard = guard;
    this.clock = clock;
  }

  /** What is known to work for {@code scope}, without asking anybody. */
  Optional<String> known(String scope) {
    return usable(scope).map(Token::header);
  }

  private Optional<Token> usable(String scope) {
    Token token = byScope.get(scope);
    if (token == null) {
      return Optional.empty();
    }
    if (token.expires.isBefore(clock.instant())) {
      byScope.remove(scope, token);
      return Optional.empty();
    }
    return Optional.of(token);
  }

  /**
   * Answers the challenge of a 401: the header to try next, or empty if we have nothing better to
   * offer.
   *
   * @param refused the header that was refused, if one was sent
   */
  CompletableFuture<Optional<String>> answer(
      String scope, Optional<String> refused, HttpHeaders challenged) {
    if (refused.isPresent()) {
      byScope.computeIfPresent(
          scope, (s, token) -> token.header.equals(refused.get()) ? null : token);
    }
    // Somebody else met the same challenge while this request was under way.
    Optional<String> meanwhile = known(scope);
    if (meanwhile.isPresent()) {
      return CompletableFuture.completedFuture(meanwhile);
    }
    Map<String, Challenge> byScheme = new HashMap<>();
    for (String header : challenged.getAll(HttpHeaderNames.WWW_AUTHENTICATE)) {
      Challenge.parse(header).forEach(found -> byScheme.putIfAbsent(found.scheme(), found));
    }
    // A token first: it opens less than the password, which basic authentication would send.
    if (byScheme.containsKey("bearer")) {
      return bearer(scope, byScheme.get("bearer"));
    }
    Optional<String> basic =
        guard
            .credentials()
            .filter(known -> byScheme.containsKey("basic"))
            .map(Credentials::basic)
            .filter(header -> !refused.equals(Optional.of(header)));
    basic.ifPresent(header -> byScope.put(scope, new Token(header, Instant.MAX)));
    return CompletableFuture.completedFuture(basic);
  }

  private CompletableFuture<Optional<String>> bearer(String wantedScope, Challenge challenge) {
    String realm = challenge.parameters().get("realm");
    if (realm == null) {
      return CompletableFuture.failedFuture(new IOException("upstream's challenge names no realm"));
    }
    Key key;
    try {
      key =
          new Key(
              URI.create(realm),
              challenge.parameters().getOrDefault("service", ""),
              challenge.parameters().getOrDefault("scope", wantedScope));
      ServerAddress.of(key.realm);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          new IOException("upstream's challenge names a bad realm: " + realm));
    }
    CompletableFuture<Token> mine = new CompletableFuture<>();
    CompletableFuture<Token> token = underWay.putIfAbsent(key, mine);
    if (token == null) {
      // Another request may have fetched one since we looked: a token is among the known ones
      // before its fetch is no longer under way.
      Optional<Token> meanwhile = usable(wantedScope);
      if (meanwhile.isPresent()) {
        underWay.remove(key, mine);
        mine.complete(meanwhile.get());
        return CompletableFuture.completedFuture(meanwhile.map(Token::header));
      }
      token = mine;
      fetch(key).whenComplete((fetched, error) -> fetched(key, wantedScope, mine, fetched, error));
    }
    return token.thenApply(
        fetched -> {
          byScope.put(wantedScope, fetched);
          return Optional.of(fetched.header);
        });
  }

  private void fetched(
      Key key, String scope, CompletableFuture<Token> mine, Token fetched, Throwable error) {
    if (error == null) {
      byScope.put(scope, fetched);
    }
    underWay.remove(key, mine);
    if (error == null) {
      mine.complete(fetched);
    } else {
      mine.completeExceptionally(error);
    }
  }

  private CompletableFuture<Token> fetch(Key key) {
    QueryStringEncoder query = new QueryStringEncoder(key.realm.toString());
    if (!key.service.isEmpty()) {
      query.addParam("service", key.service);
    }
    query.addParam("scope", key.scope);
    HttpHeaders headers = new DefaultHttpHeaders();
    // Without our password the token server can still give an anonymous token.
    guard
        .credentials(key.realm)
        .ifPresent(known -> headers.set(HttpHeaderNames.AUTHORIZATION, known.basic()));
    return connections
        .ask(HttpMethod.GET, URI.create(query.toString()), headers, new byte[0], MAX_TOKEN_ANSWER)
        .thenApply(reply -> token(key, reply));
  }

  private Token token(Key key, Reply reply) {
    if (reply.status() != 200) {
      throw new CompletionException(
          new IOException(
              "token server "
                  + key.realm.getHost()
                  + " answered "
                  + reply.status()
                  + " for "
                  + key.scope));
    }
    try {
      JsonNode json = JSON.readTree(reply.body());
      String token = json.path("token").asText(json.path("access_token").asText(""));
      if (token.isEmpty() || token.chars().anyMatch(c -> c < 0x21 || c > 0x7e)) {
        throw new IOException("token server " + key.realm.getHost() + " gave no usable token");
      }
      long seconds = json.path("expires_in").asLong(DEFAULT_LIFE.toSeconds());
      Duration life = Duration.ofSeconds(Math.max(1, Math.min(seconds, 86_400)));
      Duration slack = life.compareTo(SLACK.multipliedBy(4)) > 0 ? SLACK : life.dividedBy(4);
      return new Token("Bearer " + token, clock.instant().plus(life).minus(slack));
    } catch (IOException e) {
      throw new CompletionException(
          new IOException("token server " + key.realm.getHost() + ": " + Why.of(e)));
    }
  }
}
