package io.springtide.registry.peer;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.timeout.IdleStateHandler;
import io.springtide.registry.config.ProxyConfig;
import io.springtide.registry.http.HttpConnections;
import io.springtide.registry.http.Timeouts;
import io.springtide.registry.http.Transport;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.SwarmRules;
import io.springtide.registry.tracker.Messages.Self;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.Upstream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This host as one of a swarm: its fetches under way, its door for other peers, and its reports to
 * the proxy. Closing it ends its connections and threads.
 */
public final class HostPeer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HostPeer.class);
  private static final int THREADS = 2;
  private static final int BACKLOG = 1024;
  private static final int MAX_BODY = 256 << 10;
  private static final int IDLE_SECONDS = 15;

  /** Bytes a second, below a thousandth of a host's uplink. */
  private static final long MIN_RATE = 16 << 10;

  private final PeerLimits limits;
  private final SwarmRules rules;
  private final BlobStore store;
  private final PeerFiles files;
  private final PeerCounters counters = new PeerCounters();
  private final Guests guests;
  private final ProxyLink proxy;
  private final EventLoopGroup loops;
  private final HttpConnections connections;
  private final Uploads uploads;
  private final SwarmFetches fetches;
  private Channel door;
  private PeerKit kit;

  /** Opens the door and begins to report. */
  public HostPeer(
      ProxyConfig.Peer config,
      PeerLimits limits,
      BlobStore store,
      PeerFiles files,
      Upstream upstream,
      Transport transport,
      SslContext tls,
      Clock clock)
      throws IOException {
    this.limits = limits;
    this.rules = SwarmRules.DEFAULT;
    this.store = store;
    this.files = files;
    this.guests = new Guests(clock);
    this.proxy = new ProxyLink(upstream);
    this.loops = transport.group("peer", THREADS);
    this.fetches = new SwarmFetches(loops);
    this.connections =
        new HttpConnections(
            transport, loops, tls, new Timeouts(limits.connect(), limits.stall(), MIN_RATE));
    this.uploads =
        new Uploads(
            rules.uploadQueue(),
            config.uploads(),
            config.uploadBytesPerSecond(),
            System.nanoTime());
    try {
      open(config, transport);
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void open(ProxyConfig.Peer config, Transport transport) throws IOException {
    HostShares shares = new HostShares(guests, fetches, store, uploads, counters);
    try {
      door =
          transport.listen(
              loops,
              config.listen(),
              BACKLOG,
              channel ->
                  channel
                      .pipeline()
                      // An idle or stalled connection would hold an upload slot: it is closed.
                      .addLast(new IdleStateHandler(true, 0, 0, IDLE_SECONDS, TimeUnit.SECONDS))
                      .addLast(new HttpServerCodec(4096, 8192, 8192))
                      .addLast(new HttpObjectAggregator(MAX_BODY))
                      .addLast(new PeerDoor(shares)));
    } catch (IOException e) {
      throw new IOException("peer.listen: " + e.getMessage(), e);
    }
    Self self =
        new Self(
            UUID.randomUUID().toString(),
            config.host(),
            ((InetSocketAddress) door.localAddress()).getPort(),
            config.around());
    log.info("peer {} serves others on {}", self.id(), door.localAddress());
    TrackerReports reports = new TrackerReports(proxy, store, guests, loops.next(), self);
    kit =
        new PeerKit(
            self,
            rules,
            limits,
            files,
            store,
            counters,
            guests,
            proxy,
            connections,
            uploads,
            reports);
    reports.begin(limits.present().toMillis());
  }

  /** Where a blob comes from. {@code straight}: the proxy alone. */
  public BlobSource source(String repository, Digest digest, BlobSource straight) {
    return new SwarmSource(kit, fetches, digest, repository, straight);
  }

  public PeerCounters counters() {
    return counters;
  }

  /** By which the tracker knows this process. */
  public String id() {
    return kit.self().id();
  }

  /** Its door for other peers. */
  public int port() {
    return kit.self().port();
  }

  /** Live hosts, as the proxy last said. */
  public int hosts() {
    return kit.reports().hosts();
  }

  /** Reports that the proxy took. */
  public int reports() {
    return kit.reports().taken();
  }

  @Override
  public void close() {
    if (door != null) {
      door.close().awaitUninterruptibly();
    }
    fetches.cancelAll();
    connections.close();
  }
}
