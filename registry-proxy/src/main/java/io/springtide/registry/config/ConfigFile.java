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
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
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
import java.io.UncheckedIOException;
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
  /** What stands twice, or behind the end of the document, would be without effect. */
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ConfigFile() {}

  public static ProxyConfig read(Path file) throws ConfigException {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new ConfigException("cannot read " + file + ": " + e);
    }
  }

  public static ProxyConfig parse(String text) throws ConfigException {
    Section root = new Section("", tree(text));
    Optional<Peer> peer = OtherHosts.peer(root);
    ProxyConfig config =
        new ProxyConfig(
            root.address("listen"),
            Path.of(root.required("dataDir", ANY, "a directory of its own")),
            root.section("store").whole(ConfigFile::store),
            peer.isPresent() ? OtherHosts.proxyAsUpstream(root, peer.get()) : upstreams(root),
            root.section("tags").whole(section -> tags(section, peer.isPresent())),
            root.duration("recheckVisibility", Duration.ofHours(1)),
            root.duration("negativeTtl", Duration.ofSeconds(5)),
            root.section("fills").whole(ConfigFile::fills),
            root.section("timeouts").whole(ConfigFile::timeouts),
            tls(root),
            root.section("clients").whole(ConfigFile::clients),
            root.secret("adminTokenFile"),
            root.section("sync").whole(ConfigFile::sync),
            OtherHosts.cluster(root),
            root.section("swarm").whole(OtherHosts::swarm),
            peer);
    root.end();
    return config;
  }

  private static JsonNode tree(String text) throws ConfigException {
    try {
      YAMLParser parser = YAML.getFactory().createParser(text);
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          // Read as a tree, it would be a text.
          throw new ConfigException(
              "line %d: write the value out instead of *%s"
                  .formatted(parser.currentTokenLocation().getLineNr(), parser.getText()));
        }
      }
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "not YAML of one document, line "
              + (e.getLocation() == null ? "?" : e.getLocation().getLineNr())
              + ": "
              + e.getOriginalMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
    return new Store(
        limits,
        section.texts("pin", PATTERN, "patterns such as hub/library/*"),
        section.duration("scrubEvery", Duration.ofDays(1), "1s", "36500d"),
        section.size("scrubRate", 32L << 20));
  }

  private static List<UpstreamConfig> upstreams(Section root) throws ConfigException {
    List<UpstreamConfig> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    boolean fallback = false;
    for (Section section : root.sections("upstreams")) {
      UpstreamConfig upstream = section.whole(ConfigFile::upstream);
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
    return new UpstreamConfig(
        section.required("name", NAME, "lower-case letters, digits and inner dashes"),
        URI.create(section.required("url", URL, A_URL)),
        section.texts("namespaces", HOST, "registry hosts such as docker.io"),
        section.text("prefix", PREFIX, "the first part of repository names, such as docker.io"),
        section.flag("default", false),
        section.flag("library", false),
        section.credentials(),
        Set.copyOf(section.texts("trustedRealms", HOST, "hosts of token servers")));
  }

  private static Tags tags(Section section, boolean peer) throws ConfigException {
    // Its proxy knows better for how long a tag means the same.
    Duration ttl = peer ? Duration.ZERO : Duration.ofSeconds(30);
    List<TagRule> rules = new ArrayList<>();
    for (Section rule : section.sections("rules")) {
      rules.add(rule.whole(ConfigFile::tagRule));
    }
    return new Tags(
        section.duration("ttl", ttl),
        section.duration("maxStale", Duration.ofDays(30)),
        List.copyOf(rules));
  }

  private static TagRule tagRule(Section rule) throws ConfigException {
    return new TagRule(
        rule.required("match", PATTERN, "a tag pattern such as v1.*"),
        rule.duration("ttl", Duration.ofSeconds(30)));
  }

  private static Fills fills(Section section) throws ConfigException {
    return new Fills(
        (int) section.number("running", 64, 1, 10_000),
        (int) section.number("queued", 10_000, 0, 1_000_000));
  }

  private static Timeouts timeouts(Section section) throws ConfigException {
    return new Timeouts(
        section.duration("connect", Duration.ofSeconds(5), "1ms", "1d"),
        section.duration("stall", Duration.ofSeconds(30), "1ms", "1d"),
        section.size("minRate", 1L << 10));
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
      users.add(user.whole(ConfigFile::user));
    }
    return new Clients(
        List.copyOf(users),
        section.number("requestsPerSecond", 0, 0, 1_000_000),
        section.size("bytesPerSecond", 0));
  }

  private static User user(Section user) throws ConfigException {
    Optional<String> secret = user.secret("secretFile");
    if (secret.isEmpty()) {
      throw user.error("secretFile", "is missing; it must be a file with the password or token");
    }
    List<String> repositories = user.texts("repositories", PATTERN, "patterns such as feed/*");
    return new User(
        user.required("name", ANY, "a user name"),
        secret.get(),
        repositories.isEmpty() ? List.of("*") : repositories);
  }

  private static Sync sync(Section section) throws ConfigException {
    return new Sync(
        section.duration("every", Duration.ofMinutes(1), "100ms", "36500d"),
        section.texts("images", IMAGE, "name:tag, such as feed/api:latest"));
  }
}
