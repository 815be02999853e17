package io.springtide.registry.client;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.config.ProxyConfig.Clients;
import io.springtide.registry.config.ProxyConfig.User;
import io.springtide.registry.http.TokenBucket;
import io.springtide.registry.rule.Wildcard;
import io.springtide.registry.store.RepoName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may read what, and how fast. Without users in the configuration, everybody may read
 * everything.
 */
public final class ClientGate {
  /** How long a request may be held back for its rate before it is refused. */
  public static final long MAX_DELAY_NANOS = 10_000_000_000L;

  private static final int MAX_BUCKETS = 100_000;

  /**
   * A client as far as we know it: its user's name, or its address; and the repositories it may
   * read.
   */
  public record Client(String name, List<Wildcard> repositories) {
    public boolean mayRead(RepoName repository) {
      return repositories.stream().anyMatch(pattern -> pattern.matches(repository.toString()));
    }
  }

  private static final List<Wildcard> EVERYTHING = List.of(new Wildcard("*"));

  private final Clients config;
  private final Map<String, Client> known = new HashMap<>();

  // Guarded by this.
  private final Map<String, TokenBucket> requests = new HashMap<>();
  private final Map<String, TokenBucket> bytes = new HashMap<>();

  public ClientGate(Clients config) {
    this.config = config;
    for (User user : config.users()) {
      known.put(
          user.name(),
          new Client(user.name(), user.repositories().stream().map(Wildcard::new).toList()));
    }
  }

  /** The client of a request, or empty if it must authenticate first. */
  public Optional<Client> admit(HttpHeaders headers, String address) {
    if (config.users().isEmpty()) {
      return Optional.of(new Client(address, EVERYTHING));
    }
    String header = headers.get(HttpHeaderNames.AUTHORIZATION);
    if (header == null) {
      return Optional.empty();
    }
    if (header.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return find(null, header.substring(7).strip());
    }
    if (header.regionMatches(true, 0, "Basic ", 0, 6)) {
      try {
        String pair =
            new String(
                Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
        int colon = pair.indexOf(':');
        return colon < 0
            ? Optional.empty()
            : find(pair.substring(0, colon), pair.substring(colon + 1));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private Optional<Client> find(String name, String secret) {
    Client found = null;
    for (User user : config.users()) {
      // All users are compared, each in full, so that the time it takes tells nothing.
      boolean same = sameSecret(user.secret(), secret);
      if (same && (name == null || user.name().equals(name))) {
        found = known.get(user.name());
      }
    }
    return Optional.ofNullable(found);
  }

  /** Compares without telling by its duration how much was right. */
  public static boolean sameSecret(String one, String other) {
    return MessageDigest.isEqual(
        one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
  }

  /** Nanoseconds to hold a request of this client back; above the maximum it is to be refused. */
  public long requestDelay(Client client, long now) {
    return config.requestsPerSecond() == 0
        ? 0
        : bucket(requests, client, config.requestsPerSecond(), now).take(1, now, MAX_DELAY_NANOS);
  }

  /** The bucket of bytes sent to this client, or empty if they are not limited. */
  public Optional<TokenBucket> byteBucket(Client client, long now) {
    return config.bytesPerSecond() == 0
        ? Optional.empty()
        : Optional.of(bucket(bytes, client, config.bytesPerSecond(), now));
  }

  private synchronized TokenBucket bucket(
      Map<String, TokenBucket> buckets, Client client, long perSecond, long now) {
    if (buckets.size() > MAX_BUCKETS) {
      buckets.values().removeIf(bucket -> bucket.full(now));
    }
    return buckets.computeIfAbsent(client.name(), name -> new TokenBucket(perSecond, now));
  }
}
