package io.springtide.registry.config;

import io.springtide.registry.http.Credentials;
import io.springtide.registry.http.Timeouts;
import io.springtide.registry.store.StoreLimits;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All that the process is told. Made by {@link ConfigFile}; passwords and tokens come from files of
 * their own.
 */
public record ProxyConfig(
    InetSocketAddress listen,
    Path dataDir,
    Store store,
    List<UpstreamConfig> upstreams,
    Tags tags,
    Duration linkLife,
    Duration negativeLife,
    Fills fills,
    Timeouts timeouts,
    Optional<Tls> tls,
    Clients clients,
    Optional<String> adminToken,
    Sync sync,
    Optional<Cluster> cluster,
    Swarm swarm,
    Optional<Peer> peer) {

  /** {@code scrubBytesPerSecond}: 0 for no limit. */
  public record Store(
      StoreLimits limits, List<String> pins, Duration scrubEvery, long scrubBytesPerSecond) {}

  /**
   * A registry to fetch from.
   *
   * @param namespaces values of {@code ?ns=}, or Host headers, that mean this upstream
   * @param prefix first part of repository names that mean this upstream, which it is not told; or
   *     none
   * @param fallback whether names that mean no other upstream go here
   * @param library whether a name without a slash is in {@code library/}, as on Docker Hub
   */
  public record UpstreamConfig(
      String name,
      URI url,
      List<String> namespaces,
      Optional<String> prefix,
      boolean fallback,
      boolean library,
      Optional<Credentials> credentials,
      Set<String> trustedRealms) {}

  public record TagRule(String match, Duration ttl) {}

  public record Tags(Duration ttl, Duration maxStale, List<TagRule> rules) {}

  public record Fills(int running, int queued) {}

  public record Tls(Path certificates, Path key) {}

  /** Who may read; an empty list of users means everybody. Rates are per client, 0 for none. */
  public record Clients(List<User> users, long requestsPerSecond, long bytesPerSecond) {}

  /**
   * {@code secret} is the password of basic authentication, or a bearer token. Shown in no text
   * form.
   */
  public record User(String name, String secret, List<String> repositories) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** Images ({@code name:tag}) to keep fresh without being asked. */
  public record Sync(Duration every, List<String> images) {}

  /** The proxies that share the digests between them, this one included. */
  public record Cluster(URI self, List<URI> members, Optional<Consul> consul) {}

  public record Consul(URI address, String service) {}

  /**
   * What the proxy does for peers, if any come.
   *
   * @param minHosts below so many live hosts they are told to pull straight from the proxy
   * @param minBlob bytes; smaller blobs come without a swarm
   * @param uploads pieces that the proxy sends at a time
   * @param silence a host that said nothing for so long has left
   */
  public record Swarm(int minHosts, long minBlob, int uploads, Duration silence) {}

  /**
   * This process is a host's peer, and its one upstream is the proxy.
   *
   * @param listen its door for other peers
   * @param host how other peers reach it, if not by the address that the proxy sees
   * @param around places that it is in, the smallest first
   * @param uploads pieces that it sends at a time
   * @param uploadBytesPerSecond 0 for no limit
   */
  public record Peer(
      URI proxy,
      Optional<Credentials> credentials,
      InetSocketAddress listen,
      Optional<String> host,
      List<String> around,
      int uploads,
      long uploadBytesPerSecond) {}
}
