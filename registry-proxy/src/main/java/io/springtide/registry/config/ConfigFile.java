package io.springtide.registry.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.springtide.registry.config.ProxyConfig.Clients;
import io.springtide.registry.config.ProxyConfig.Cluster;
import io.springtide.registry.config.ProxyConfig.Consul;
import io.springtide.registry.config.ProxyConfig.Fills;
import io.springtide.registry.config.ProxyConfig.Peer;
import io.springtide.registry.config.ProxyConfig.Store;
import io.springtide.registry.config.ProxyConfig.Swarm;
import io.springtide.registry.config.ProxyConfig.Sync;
import io.springtide.registry.config.ProxyConfig.TagRule;
import io.springtide.registry.config.ProxyConfig.Tags;
import io.springtide.registry.config.ProxyConfig.Tls;
import io.springtide.registry.config.ProxyConfig.UpstreamConfig;
import io.springtide.registry.config.ProxyConfig.User;
import io.springtide.registry.store.StoreLimits;
import io.springtide.registry.upstream.Credentials;
import io.springtide.registry.upstream.Timeouts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the YAML file; everything that is wrong with it is a {@link ConfigException} that names the
 * key.
 */
public final class ConfigFile {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final Pattern ANY = Pattern.compile(".+");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern URL =
      Pattern.compile("https?://[A-Za-z0-9.\\[\\]:_-]+(/[A-Za-z0-9._~/-]*)?");
  private static final Pattern ADDRESS =
      Pattern.compile("(\\[[0-9a-fA-F:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]+(:[0-9]{1,5})?");
  private static final Pattern HOST_ONLY =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9.-]{0,252}|\\[[0-9a-fA-F:.]{2,45}\\]");
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9._-]{1,60}");
  private static final String A_LABEL = "a name such as idc-1 (letters, digits, . _ -)";
  private static final Pattern PREFIX = Pattern.compile("[a-z0-9]+([._/-][a-z0-9]+)*");
  private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._*/:-]+");
  private static final Pattern IMAGE =
      Pattern.compile("[a-z0-9][a-z0-9._/-]*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
  private static final String A_URL = "an address such as https://registry.example";
  private static final String AN_ADDRESS = "host:port, such as 0.0.0.0:5000";

  private ConfigFile() {}

  public static ProxyConfig read(Path file) throws ConfigException {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + ": " + e);
    }
  }

  public static ProxyConfig parse(String text) throws ConfigException {
    JsonNode tree;
    try {
      tree = YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "not YAML, line "
              + (e.getLocation() == null ? "?" : e.getLocation().getLineNr())
              + ": "
              + e.getOriginalMessage());
    }
    Section root = new Section("", tree);
    Optional<Peer> peer = peer(root);
    ProxyConfig config =
        new ProxyConfig(
            address(root, "listen"),
            Path.of(root.required("dataDir", ANY, "a directory of its own")),
            store(root.section("store")),
            peer.isPresent() ? proxyAsUpstream(root, peer.get()) : upstreams(root),
            tags(root.section("tags"), peer.isPresent() ? Duration.ZERO : Duration.ofSeconds(30)),
            root.duration("recheckVisibility", Duration.ofHours(1)),
            root.duration("negativeTtl", Duration.ofSeconds(5)),
            fills(root.section("fills")),
            timeouts(root.section("timeouts")),
            tls(root),
            clients(root.section("clients")),
            secret(root, "adminTokenFile"),
            sync(root.section("sync")),
            cluster(root),
            swarm(root.section("swarm")),
            peer);
    root.end();
    return config;
  }

  private static InetSocketAddress address(Section section, String key) throws ConfigException {
    String text = section.required(key, ADDRESS, AN_ADDRESS);
    int colon = text.lastIndexOf(':');
    int port = Integer.parseInt(text.substring(colon + 1));
    if (port > 65_535) {
      throw section.error(key, port + " is not a port; allowed is 0 to 65535");
    }
    return new InetSocketAddress(text.substring(0, colon), port);
  }

  private static Store store(Section section) throws ConfigException {
    double high = section.share("highWater", 0.95);
    double low = section.share("lowWater", Math.min(high, 0.85));
    if (low > high) {
      throw section.error(
          "lowWater", low + " is above highWater " + high + "; allowed is up to that");
    }
    long quota = section.size("quota", 100L << 30);
    if (quota == 0) {
      throw section.error("quota", "0B is not allowed; allowed is any size above 0");
    }
    StoreLimits limits = new StoreLimits(quota, high, low, section.size("minFree", 1L << 30));
    Store store =
        new Store(
            limits,
            section.texts("pin", PATTERN, "patterns such as hub/library/*"),
            section.duration("scrubEvery", Duration.ofDays(1)),
            section.size("scrubRate", 32L << 20));
    section.end();
    return store;
  }

  private static List<UpstreamConfig> upstreams(Section root) throws ConfigException {
    List<UpstreamConfig> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    boolean fallback = false;
    for (Section section : root.sections("upstreams")) {
      UpstreamConfig upstream = upstream(section);
      if (!names.add(upstream.name())) {
        throw section.error(
            "name", "\"" + upstream.name() + "\" is the name of two upstreams; allowed is one");
      }
      if (upstream.fallback() && fallback) {
        throw section.error("default", "two upstreams are the default; allowed is one");
      }
      fallback |= upstream.fallback();
      all.add(upstream);
    }
    if (all.isEmpty()) {
      throw root.error("upstreams", "is missing or empty; at least one {name, url} is needed");
    }
    return List.copyOf(all);
  }

  private static UpstreamConfig upstream(Section section) throws ConfigException {
    Optional<String> username = section.text("username", ANY, "a user name");
    Optional<String> password = secret(section, "passwordFile");
    if (username.isPresent() != password.isPresent()) {
      throw section.error(
          username.isPresent() ? "passwordFile" : "username",
          "username and passwordFile go together");
    }
    UpstreamConfig upstream =
        new UpstreamConfig(
            section.required("name", NAME, "lower-case letters, digits and inner dashes"),
            URI.create(section.required("url", URL, A_URL)),
            section.texts("namespaces", HOST, "registry hosts such as docker.io"),
            section.text("prefix", PREFIX, "the first part of repository names, such as docker.io"),
            section.flag("default", false),
            section.flag("library", false),
            username.map(name -> new Credentials(name, password.orElseThrow())),
            Set.copyOf(section.texts("trustedRealms", HOST, "hosts of token servers")));
    section.end();
    return upstream;
  }

  private static Tags tags(Section section, Duration ttl) throws ConfigException {
    List<TagRule> rules = new ArrayList<>();
    for (Section rule : section.sections("rules")) {
      rules.add(
          new TagRule(
              rule.required("match", PATTERN, "a tag pattern such as v1.*"),
              rule.duration("ttl", Duration.ofSeconds(30))));
      rule.end();
    }
    Tags tags =
        new Tags(
            section.duration("ttl", ttl),
            section.duration("maxStale", Duration.ofDays(30)),
            List.copyOf(rules));
    section.end();
    return tags;
  }

  private static Fills fills(Section section) throws ConfigException {
    Fills fills =
        new Fills(
            (int) section.number("running", 64, 1, 10_000),
            (int) section.number("queued", 10_000, 0, 1_000_000));
    section.end();
    return fills;
  }

  private static Timeouts timeouts(Section section) throws ConfigException {
    Timeouts timeouts =
        new Timeouts(
            section.duration("connect", Duration.ofSeconds(5)),
            section.duration("stall", Duration.ofSeconds(30)),
            section.size("minRate", 1L << 10));
    section.end();
    return timeouts;
  }

  private static Optional<Tls> tls(Section root) throws ConfigException {
    if (!root.has("tls")) {
      return Optional.empty();
    }
    Section section = root.section("tls");
    Optional<Path> certificates = section.file("certificateFile");
    Optional<Path> key = section.file("keyFile");
    section.end();
    if (certificates.isEmpty() || key.isEmpty()) {
      throw root.error("tls", "certificateFile and keyFile (PEM, key as PKCS#8) are both needed");
    }
    return Optional.of(new Tls(certificates.get(), key.get()));
  }

  private static Clients clients(Section section) throws ConfigException {
    List<User> users = new ArrayList<>();
    for (Section user : section.sections("users")) {
      Optional<String> secret = secret(user, "secretFile");
      if (secret.isEmpty()) {
        throw user.error("secretFile", "is missing; it must be a file with the password or token");
      }
      List<String> repositories = user.texts("repositories", PATTERN, "patterns such as feed/*");
      users.add(
          new User(
              user.required("name", ANY, "a user name"),
              secret.get(),
              repositories.isEmpty() ? List.of("*") : repositories));
      user.end();
    }
    Clients clients =
        new Clients(
            List.copyOf(users),
            section.number("requestsPerSecond", 0, 0, 1_000_000),
            section.size("bytesPerSecond", 0));
    section.end();
    return clients;
  }

  private static Sync sync(Section section) throws ConfigException {
    Sync sync =
        new Sync(
            section.duration("every", Duration.ofMinutes(1)),
            section.texts("images", IMAGE, "name:tag, such as feed/api:latest"));
    section.end();
    return sync;
  }

  private static Optional<Cluster> cluster(Section root) throws ConfigException {
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

  private static Swarm swarm(Section section) throws ConfigException {
    Swarm swarm =
        new Swarm(
            (int) section.number("minHosts", 10, 1, 1_000_000),
            section.size("minBlob", 8L << 20),
            (int) section.number("uploads", 16, 1, 10_000),
            section.duration("silence", Duration.ofSeconds(15)));
    section.end();
    return swarm;
  }

  private static Optional<Peer> peer(Section root) throws ConfigException {
    if (!root.has("peer")) {
      return Optional.empty();
    }
    Section section = root.section("peer");
    Optional<String> username = section.text("username", ANY, "a user name");
    Optional<String> password = secret(section, "passwordFile");
    if (username.isPresent() != password.isPresent()) {
      throw section.error(
          username.isPresent() ? "passwordFile" : "username",
          "username and passwordFile go together");
    }
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
            username.map(name -> new Credentials(name, password.orElseThrow())),
            address(section, "listen"),
            section.text("host", HOST_ONLY, "how other peers reach this host"),
            List.copyOf(around),
            (int) section.number("uploads", 2, 1, 1000),
            section.size("uploadRate", 0));
    section.end();
    return Optional.of(peer);
  }

  /** A peer asks its proxy for everything. */
  private static List<UpstreamConfig> proxyAsUpstream(Section root, Peer peer)
      throws ConfigException {
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

  /** The first line of a file: passwords stand in no configuration, process list or log. */
  private static Optional<String> secret(Section section, String key) throws ConfigException {
    Optional<Path> file = section.file(key);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      String secret = Files.readString(file.get()).lines().findFirst().orElse("").strip();
      if (secret.isEmpty()) {
        throw section.error(
            key, file.get() + " is empty; it must hold the secret on its first line");
      }
      return Optional.of(secret);
    } catch (IOException e) {
      throw section.error(key, "cannot read " + file.get() + ": " + e);
    }
  }
}
