package io.springtide.registry.upstream;

import io.springtide.registry.config.ProxyConfig.UpstreamConfig;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.RepoName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Says which upstream a request means: by {@code ?ns=} (containerd), else by the first part of the
 * name, else by the Host it was sent to, else the default one.
 */
public final class Upstreams {
  /** A repository of an upstream, and the upstream itself. */
  public record Target(Upstream upstream, Place place) {}

  private final List<UpstreamConfig> configs;
  private final Map<String, Upstream> byName = new LinkedHashMap<>();
  private final boolean behindProxy;

  /**
   * @param behindProxy the one upstream is a proxy, which tells its upstreams apart by the first
   *     part of the name
   */
  public Upstreams(
      List<UpstreamConfig> configs,
      boolean behindProxy,
      Function<UpstreamConfig, Upstream> connect) {
    this.configs = configs;
    this.behindProxy = behindProxy;
    configs.forEach(config -> byName.put(config.name(), connect.apply(config)));
  }

  /**
   * What a request means.
   *
   * @param namespace value of {@code ?ns=}, or null
   * @param host value of the Host header, or null
   * @return empty if no upstream is meant, or what remains of the name is no name
   */
  public Optional<Target> resolve(RepoName name, String namespace, String host) {
    if (behindProxy) {
      String full = namespace == null ? name.toString() : namespace + "/" + name;
      return target(configs.get(0), full);
    }
    if (namespace != null) {
      Optional<UpstreamConfig> named = byNamespace(namespace);
      return named.flatMap(config -> target(config, name.toString()));
    }
    Optional<Target> byPrefix = byPrefix(name.toString());
    if (byPrefix.isPresent()) {
      return byPrefix;
    }
    Optional<UpstreamConfig> byHost = host == null ? Optional.empty() : byNamespace(host);
    return byHost
        .or(() -> configs.stream().filter(UpstreamConfig::fallback).findFirst())
        .or(
            () ->
                configs.size() == 1 && configs.get(0).prefix().isEmpty()
                    ? Optional.of(configs.get(0))
                    : Optional.empty())
        .flatMap(config -> target(config, name.toString()));
  }

  /** The upstream of a name in the configuration. */
  public Upstream byName(String name) {
    return byName.get(name);
  }

  /** The target of a name whose first part is an upstream's prefix. */
  public Optional<Target> byPrefix(String name) {
    return configs.stream()
        .filter(config -> config.prefix().filter(p -> name.startsWith(p + "/")).isPresent())
        .findFirst()
        .flatMap(
            config -> target(config, name.substring(config.prefix().orElseThrow().length() + 1)));
  }

  /** The target that another proxy has resolved already. */
  public Optional<Target> named(String upstream, RepoName repository) {
    return Optional.ofNullable(byName.get(upstream))
        .map(found -> new Target(found, new Place(upstream, repository)));
  }

  private Optional<UpstreamConfig> byNamespace(String text) {
    String host = text.toLowerCase(Locale.ROOT);
    return configs.stream()
        .filter(
            config ->
                host.equalsIgnoreCase(config.url().getRawAuthority())
                    || config.namespaces().stream()
                        .anyMatch(
                            n ->
                                n.equalsIgnoreCase(host)
                                    || host.startsWith(n.toLowerCase(Locale.ROOT) + ":")))
        .findFirst();
  }

  private Optional<Target> target(UpstreamConfig config, String repository) {
    String full =
        config.library() && repository.indexOf('/') < 0 ? "library/" + repository : repository;
    return RepoName.parse(full)
        .map(name -> new Target(byName.get(config.name()), new Place(config.name(), name)));
  }
}
