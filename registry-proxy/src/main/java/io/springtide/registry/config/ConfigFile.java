package io.springtide.registry.config;

import static io.springtide.registry.config.Forms.ANY;
import static io.springtide.registry.config.Forms.A_URL;
import static io.springtide.registry.config.Forms.HOST;
import static io.springtide.registry.config.Forms.IMAGE;
import static io.springtide.registry.config.Forms.NAME;
import static io.springtide.registry.config.Forms.PATTERN;
import static io.springtide.registry.config.Forms.PREFIX;
import static io.springtide.registry.config.Forms.URL;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.springtide.registry.config.ProxyConfig.Clients;
import io.springtide.registry.config.ProxyConfig.Fills;
import io.springtide.registry.config.ProxyConfig.Peer;
import io.springtide.registry.config.ProxyConfig.Store;
import io.springtide.registry.config.ProxyConfig.Sync;
import io.springtide.registry.config.ProxyConfig.TagRule;
import io.springtide.registry.config.ProxyConfig.Tags;
import io.springtide.registry.config.ProxyConfig.Tls;
import io.springtide.registry.config.ProxyConfig.UpstreamConfig;
import io.springtide.registry.config.ProxyConfig.User;
import io.springtide.registry.http.Timeouts;
import io.springtide.registry.store.StoreLimits;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the YAML file; everything that is wrong with it is a {@link ConfigException} that names the
 * key.
 */
public final class ConfigFile {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

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
    Optional<Peer> peer = OtherHosts.peer(root);
    ProxyConfig config =
        new ProxyConfig(
            root.address("listen"),
            Path.of(root.required("dataDir", ANY, "a directory of its own")),
            store(root.section("store")),
            peer.isPresent() ? OtherHosts.proxyAsUpstream(root, peer.get()) : upstreams(root),
            tags(root.section("tags"), peer.isPresent() ? Duration.ZERO : Duration.ofSeconds(30)),
            root.duration("recheckVisibility", Duration.ofHours(1)),
            root.duration("negativeTtl", Duration.ofSeconds(5)),
            fills(root.section("fills")),
            timeouts(root.section("timeouts")),
            tls(root),
            clients(root.section("clients")),
            root.secret("adminTokenFile"),
            sync(root.section("sync")),
            OtherHosts.cluster(root),
            OtherHosts.swarm(root.section("swarm")),
            peer);
    root.end();
    return config;
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
            section.duration("scrubEvery", Duration.ofDays(1), "1s", "36500d"),
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
    UpstreamConfig upstream =
        new UpstreamConfig(
            section.required("name", NAME, "lower-case letters, digits and inner dashes"),
            URI.create(section.required("url", URL, A_URL)),
            section.texts("namespaces", HOST, "registry hosts such as docker.io"),
            section.text("prefix", PREFIX, "the first part of repository names, such as docker.io"),
            section.flag("default", false),
            section.flag("library", false),
            section.credentials(),
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
            section.duration("connect", Duration.ofSeconds(5), "1ms", "1d"),
            section.duration("stall", Duration.ofSeconds(30), "1ms", "1d"),
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
      Optional<String> secret = user.secret("secretFile");
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
            section.duration("every", Duration.ofMinutes(1), "100ms", "36500d"),
            section.texts("images", IMAGE, "name:tag, such as feed/api:latest"));
    section.end();
    return sync;
  }
}
