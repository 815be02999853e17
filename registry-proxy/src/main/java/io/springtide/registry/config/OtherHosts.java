package io.springtide.registry.config;

import static io.springtide.registry.config.Forms.A_LABEL;
import static io.springtide.registry.config.Forms.A_URL;
import static io.springtide.registry.config.Forms.HOST_ONLY;
import static io.springtide.registry.config.Forms.LABEL;
import static io.springtide.registry.config.Forms.NAME;
import static io.springtide.registry.config.Forms.URL;

import io.springtide.registry.config.ProxyConfig.Cluster;
import io.springtide.registry.config.ProxyConfig.Consul;
import io.springtide.registry.config.ProxyConfig.Peer;
import io.springtide.registry.config.ProxyConfig.Swarm;
import io.springtide.registry.config.ProxyConfig.UpstreamConfig;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The sections about other hosts: the proxies of a cluster, the peers of a swarm. */
final class OtherHosts {
  private OtherHosts() {}

  static Optional<Cluster> cluster(Section root) throws ConfigException {
    if (!root.has("cluster")) {
      return Optional.empty();
    }
    Section section = root.section("cluster");
    Optional<Consul> consul = Optional.empty();
    if (section.has("consul")) {
      Section at = section.section("consul");
      consul =
          Optional.of(
              new Consul(
                  URI.create(
                      at.required("address", URL, "an address such as http://127.0.0.1:8500")),
                  at.text("service", NAME, "a service name").orElse("registry-proxy")));
      at.end();
    }
    Cluster cluster =
        new Cluster(
            URI.create(
                section.required("self", URL, "this proxy's address as the others reach it")),
            section.texts("members", URL, A_URL).stream().map(URI::create).toList(),
            consul);
    section.end();
    return Optional.of(cluster);
  }

  static Swarm swarm(Section section) throws ConfigException {
    return new Swarm(
        (int) section.number("minHosts", 10, 1, 1_000_000),
        section.size("minBlob", 8L << 20),
        (int) section.number("uploads", 16, 1, 10_000),
        // The tracker looks once a second who has left.
        section.duration("silence", Duration.ofSeconds(15), "1s", "1d"));
  }

  static Optional<Peer> peer(Section root) throws ConfigException {
    if (!root.has("peer")) {
      return Optional.empty();
    }
    Section section = root.section("peer");
    // From small to large: the tracker looks for neighbours in this order. A rack has its name
    // within its zone, a switch within its rack.
    String zone = section.text("zone", LABEL, A_LABEL).orElse("");
    String rack = section.text("rack", LABEL, A_LABEL).orElse("");
    String below = section.text("switch", LABEL, A_LABEL).orElse("");
    List<String> around = new ArrayList<>();
    if (!below.isEmpty()) {
      around.add("switch:" + zone + "/" + rack + "/" + below);
    }
    if (!rack.isEmpty()) {
      around.add("rack:" + zone + "/" + rack);
    }
    if (!zone.isEmpty()) {
      around.add("zone:" + zone);
    }
    Peer peer =
        new Peer(
            URI.create(section.required("proxy", URL, "the proxy's address")),
            section.credentials(),
            section.address("listen"),
            section.text("host", HOST_ONLY, "how other peers reach this host"),
            List.copyOf(around),
            (int) section.number("uploads", 2, 1, 1000),
            section.size("uploadRate", 0));
    section.end();
    return Optional.of(peer);
  }

  /** A peer asks its proxy for everything. */
  static List<UpstreamConfig> proxyAsUpstream(Section root, Peer peer) throws ConfigException {
    for (String key : List.of("upstreams", "cluster", "swarm", "sync")) {
      if (root.has(key)) {
        throw root.error(key, "is not allowed beside peer: a peer knows only its proxy");
      }
    }
    return List.of(
        new UpstreamConfig(
            "proxy",
            peer.proxy(),
            List.of(),
            Optional.empty(),
            true,
            false,
            peer.credentials(),
            Set.of()));
  }
}
