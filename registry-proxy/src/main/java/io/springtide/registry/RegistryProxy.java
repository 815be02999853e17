package io.springtide.registry;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.springtide.registry.answer.Admin;
import io.springtide.registry.answer.Answers;
import io.springtide.registry.answer.BlobFront;
import io.springtide.registry.answer.ManifestFront;
import io.springtide.registry.answer.Purge;
import io.springtide.registry.answer.Pushes;
import io.springtide.registry.answer.TrackerDoor;
import io.springtide.registry.answer.Warming;
import io.springtide.registry.blob.Blobs;
import io.springtide.registry.blob.PieceHasher;
import io.springtide.registry.client.ClientGate;
import io.springtide.registry.config.ProxyConfig;
import io.springtide.registry.door.Front;
import io.springtide.registry.door.Listener;
import io.springtide.registry.fill.FillTable;
import io.springtide.registry.http.HttpConnections;
import io.springtide.registry.http.Transport;
import io.springtide.registry.manifest.KeptManifests;
import io.springtide.registry.manifest.ManifestQuestions;
import io.springtide.registry.manifest.Manifests;
import io.springtide.registry.member.ConsulMembership;
import io.springtide.registry.member.Members;
import io.springtide.registry.member.OwnerFirst;
import io.springtide.registry.metrics.ProxyMetrics;
import io.springtide.registry.peer.HostPeer;
import io.springtide.registry.peer.PeerLimits;
import io.springtide.registry.rule.Links;
import io.springtide.registry.rule.PinRules;
import io.springtide.registry.rule.TagRules;
import io.springtide.registry.rule.Wildcard;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.DirectoryLock;
import io.springtide.registry.store.Scrubber;
import io.springtide.registry.swarm.SwarmRules;
import io.springtide.registry.tracker.Admissions;
import io.springtide.registry.tracker.Tracker;
import io.springtide.registry.tracker.TrackerRules;
import io.springtide.registry.upstream.BlobSources;
import io.springtide.registry.upstream.NegativeCache;
import io.springtide.registry.upstream.Retries;
import io.springtide.registry.upstream.RetryPolicy;
import io.springtide.registry.upstream.SilentUpstreams;
import io.springtide.registry.upstream.Upstream;
import io.springtide.registry.upstream.Upstreams;
import io.springtide.registry.warm.Sync;
import io.springtide.registry.warm.WarmRuns;
import io.springtide.registry.warm.Warmer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxy, put together. Starts without asking any upstream; closing it ends every thread,
 * connection and file it owns.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The timer's work ends with the timer.
public final class RegistryProxy implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RegistryProxy.class);

  private static final Duration BAN = Duration.ofHours(1);

  private final PeerLimits peerLimits;
  private final Owned owned = new Owned();
  private Listener listener;
  private Optional<HostPeer> hostPeer = Optional.empty();

  private RegistryProxy(PeerLimits peerLimits) {
    this.peerLimits = peerLimits;
  }

  /** Opens the store and listens. */
  public static RegistryProxy start(ProxyConfig config) throws IOException {
    Clock wall = Clock.systemUTC();
    return start(config, new SteadyClock(wall, System::nanoTime), wall, PeerLimits.DEFAULT);
  }

  /**
   * As {@link #start(ProxyConfig)}, for a peer that waits as long as the caller says.
   *
   * @param clock for all that ages: tags, links, negative answers; one that does not jump
   * @param wall for what processes on several machines must agree upon: how long an admission holds
   */
  static RegistryProxy start(ProxyConfig config, Clock clock, Clock wall, PeerLimits limits)
      throws IOException {
    RegistryProxy proxy = new RegistryProxy(limits);
    try {
      proxy.open(config, clock, wall);
      return proxy;
    } catch (IOException | RuntimeException e) {
      proxy.close();
      throw e;
    }
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return listener.address();
  }

  /** This process as one of a swarm, if it is a peer. */
  Optional<HostPeer> peer() {
    return hostPeer;
  }

  private void open(ProxyConfig config, Clock clock, Clock wall) throws IOException {
    owned.add(DirectoryLock.take(config.dataDir()));
    BlobStore store = BlobStore.open(config.dataDir(), config.store().limits(), clock);
    Catalog catalog = new Catalog(config.dataDir(), clock);
    PinRules pins = new PinRules(config.store().pins().stream().map(Wildcard::new).toList());
    catalog.forEachLink(
        (place, digest) -> {
          if (pins.pinned(place)) {
            store.pin(digest);
          }
        });

    ExecutorService blocking = owned.disk("disk", 4);
    // Threads of their own: a manifest must not wait behind gigabytes of blobs.
    ExecutorService manifestDisk = owned.disk("manifests", 2);
    ScheduledExecutorService timer = owned.timer("timer");
    blocking.execute(RegistryProxy::warmHash);
    Transport transport = Transport.best();
    int cores = Math.max(2, Math.min(8, Runtime.getRuntime().availableProcessors()));
    SslContext clientTls = SslContextBuilder.forClient().build();
    HttpConnections connections =
        new HttpConnections(
            transport, transport.group("upstream", cores), clientTls, config.timeouts());
    owned.add(connections::close);

    ProxyMetrics metrics = new ProxyMetrics();
    metrics.gauge(
        "springtide_registry_stored_bytes", "Bytes of blobs in the store", store::usedBytes);
    metrics.gauge(
        "springtide_registry_evictions", "Blobs evicted since the start", store::evictions);

    Upstreams upstreams =
        new Upstreams(
            config.upstreams(),
            config.peer().isPresent(),
            u ->
                new Upstream(
                    u.name(), u.url(), u.credentials(), u.trustedRealms(), connections, clock));
    NegativeCache negative = new NegativeCache(clock, config.negativeLife());
    SilentUpstreams silent = new SilentUpstreams(clock);
    FillTable fills =
        new FillTable(
            store,
            negative,
            blocking,
            timer,
            RetryPolicy.DEFAULT,
            metrics,
            config.fills().running(),
            config.fills().queued());
    BlobSources route;
    if (config.peer().isPresent()) {
      HostPeer peer =
          new HostPeer(
              config.peer().get(),
              peerLimits,
              store,
              new FillFiles(fills),
              upstreams.byName("proxy"),
              transport,
              clientTls,
              wall);
      owned.add(peer::close);
      hostPeer = Optional.of(peer);
      PeerMetrics.show(peer, metrics);
      route =
          (upstream, place, digest, direct) ->
              peer.source(place.repository().toString(), digest, upstream.blob(place, digest));
    } else {
      route = route(config, connections, metrics, clock);
    }
    Links links = new Links(catalog, pins, store, clock, config.linkLife());
    Blobs blobs = new Blobs(store, links, fills, negative, silent, route);
    TagRules rules =
        new TagRules(
            config.tags().rules().stream()
                .map(rule -> new TagRules.Rule(new Wildcard(rule.match()), rule.ttl()))
                .toList(),
            config.tags().ttl(),
            config.tags().maxStale());
    Manifests manifests =
        new Manifests(
            new KeptManifests(store, catalog, links, clock),
            new ManifestQuestions(
                new Retries(RetryPolicy.DEFAULT, timer), silent, manifestDisk, metrics),
            negative,
            silent,
            rules,
            config.linkLife(),
            manifestDisk);
    Warmer warmer = new Warmer(manifests, blobs);
    WarmRuns warm = new WarmRuns(warmer, store, fills);
    Admin admin =
        new Admin(
            config.adminToken(),
            new Purge(upstreams, store, catalog, manifests, negative),
            new Warming(upstreams, warm),
            new Pushes(upstreams, manifests, warm));
    Answers answers =
        new Answers(
            new BlobFront(blobs, store, fills),
            new ManifestFront(manifests),
            config.peer().isPresent()
                ? Optional.empty()
                : Optional.of(tracker(config, blobs, wall, metrics)),
            admin);
    Front front = new Front(upstreams, answers, metrics, store);
    timer.scheduleWithFixedDelay(store::persistUse, 60, 60, TimeUnit.SECONDS);
    if (!config.sync().images().isEmpty()) {
      Sync sync = new Sync(config.sync().images(), upstreams, warmer);
      timer.scheduleWithFixedDelay(
          sync::round, 0, config.sync().every().toMillis(), TimeUnit.MILLISECONDS);
    }
    scrub(config, store, owned.thread("scrub"));
    listener =
        Listener.open(config, transport, cores, front, new ClientGate(config.clients()), metrics);
  }

  private BlobSources route(
      ProxyConfig config, HttpConnections connections, ProxyMetrics metrics, Clock clock) {
    if (config.cluster().isEmpty()) {
      return (upstream, place, digest, direct) -> upstream.blob(place, digest);
    }
    ProxyConfig.Cluster cluster = config.cluster().get();
    Members members = new Members(cluster.self(), cluster.members(), clock);
    metrics.gauge(
        "springtide_registry_members",
        "Proxies that share the digests, this one included",
        () -> members.all().size());
    if (cluster.consul().isPresent()) {
      ConsulMembership consul =
          new ConsulMembership(cluster.consul().get(), cluster.self(), members);
      // Its own thread: it blocks, and the timer's fills must not wait for it.
      ScheduledExecutorService thread = owned.timer("consul");
      thread.scheduleWithFixedDelay(consul::refresh, 0, 1, TimeUnit.SECONDS);
      owned.add(consul::leave);
    }
    return new OwnerFirst(
        members, uri -> new Upstream("proxy", uri, Optional.empty(), Set.of(), connections, clock));
  }

  private TrackerDoor tracker(ProxyConfig config, Blobs blobs, Clock wall, ProxyMetrics metrics)
      throws IOException {
    ProxyConfig.Swarm swarm = config.swarm();
    TrackerRules rules =
        new TrackerRules(
            swarm.minHosts(),
            swarm.minBlob(),
            swarm.silence(),
            BAN,
            // As for links: what the upstream does not show any more, peers stop sharing then.
            config.linkLife(),
            SwarmRules.DEFAULT);
    Tracker tracker =
        new Tracker(rules, Admissions.open(config.dataDir()), new SecureRandom().nextLong());
    metrics.gauge("springtide_registry_swarm_hosts", "Hosts with a live peer", tracker::hosts);
    metrics.gauge("springtide_registry_swarm_banned", "Peers that lied", tracker::banned);
    ExecutorService hashing = owned.thread("pieces");
    return new TrackerDoor(tracker, blobs, new PieceHasher(hashing), wall, swarm.uploads());
  }

  private static void scrub(ProxyConfig config, BlobStore store, ExecutorService thread) {
    long perSecond = config.store().scrubBytesPerSecond();
    Scrubber.Pace unhurried = bytes -> TimeUnit.MICROSECONDS.sleep(bytes * 1_000_000L / perSecond);
    Scrubber scrubber = new Scrubber(store, perSecond == 0 ? bytes -> {} : unhurried);
    thread.execute(
        () -> {
          try {
            while (true) {
              scrubber.scrub();
              TimeUnit.MILLISECONDS.sleep(config.store().scrubEvery().toMillis());
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the proxy closes
          }
        });
  }

  /**
   * The processor's own SHA instructions are used only in compiled code: better now than in the
   * first fill.
   */
  private static void warmHash() {
    MessageDigest hash = Digest.of(new byte[0]).newHash();
    ByteBuffer some = ByteBuffer.allocateDirect(64 << 10);
    for (int i = 0; i < 256; i++) {
      hash.update(some.clear());
    }
    log.debug("hash is warm: {}", Digest.of("sha256", hash));
  }

  /** Blocks until the process is told to stop. */
  void awaitClose() {
    listener.awaitClose();
  }

  @Override
  public void close() {
    if (listener != null) {
      listener.close();
    }
    owned.close();
  }
}
