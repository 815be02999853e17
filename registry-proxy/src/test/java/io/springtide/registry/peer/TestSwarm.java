package io.springtide.registry.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.ScriptedUpstream;
import io.springtide.registry.TestProxy;
import io.springtide.registry.config.ConfigException;
import io.springtide.registry.store.Digest;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A proxy and its peers in this JVM, over loopback, each with a store of its own. */
final class TestSwarm implements AutoCloseable {
  /** As in production, in small. */
  static final PeerLimits HASTY =
      new PeerLimits(
          Duration.ofSeconds(1),
          Duration.ofMillis(1500),
          Duration.ofSeconds(2),
          Duration.ofSeconds(15),
          Duration.ofMillis(300),
          Duration.ofMillis(50),
          Duration.ofMillis(200));

  final List<TestProxy> peers = new ArrayList<>();
  private final Path directory;
  private final String proxyConfig;
  private TestProxy proxy;
  private int port;

  TestSwarm(Path directory, ScriptedUpstream upstream, int minHosts)
      throws IOException, ConfigException {
    this.directory = directory;
    this.proxyConfig =
        "dataDir: "
            + directory.resolve("proxy")
            + "\ntimeouts: {connect: 1s, stall: 10s}\n"
            + "upstreams:\n- {name: up, url: \""
            + upstream.url()
            + "\", default: true}\n"
            + "swarm: {minHosts: "
            + minHosts
            + ", minBlob: 1MiB, silence: 3s}\n"
            + "listen: 127.0.0.1:";
    proxy = new TestProxy(proxyConfig + 0);
    port = proxy.port();
  }

  TestProxy proxy() {
    return proxy;
  }

  /** {@code more}: further keys of the peer section, each after a comma. */
  TestProxy peer(String more) throws IOException, ConfigException {
    TestProxy peer =
        new TestProxy(
            "listen: 127.0.0.1:0\ndataDir: "
                + directory.resolve("peer" + peers.size())
                + "\ntimeouts: {connect: 1s, stall: 5s}\nstore: {quota: 1GiB, minFree: 0B}\n"
                + "peer: {proxy: \"http://127.0.0.1:"
                + port
                + "\", listen: \"127.0.0.1:0\""
                + more
                + "}\n",
            HASTY);
    peers.add(peer);
    return peer;
  }

  void peers(int count) throws IOException, ConfigException {
    for (int i = 0; i < count; i++) {
      peer(", zone: z1, rack: r" + i % 2);
    }
  }

  /** Until the tracker knows so many hosts, and they know its key. */
  void awaitHosts(int count) {
    await(
        count + " hosts",
        () -> peers.stream().filter(peer -> peer.peer().hosts() >= count).count() >= count);
  }

  void killProxy() {
    proxy.stop();
  }

  void restartProxy() throws IOException, ConfigException {
    proxy = new TestProxy(proxyConfig + port);
  }

  CompletableFuture<HttpResponse<byte[]>> pull(TestProxy peer, String path) {
    return peer.client.sendAsync(peer.request("GET", path), BodyHandlers.ofByteArray());
  }

  List<CompletableFuture<HttpResponse<byte[]>>> pullAll(String path, Predicate<TestProxy> who) {
    return peers.stream().filter(who).map(peer -> pull(peer, path)).toList();
  }

  static void assertAllRight(List<CompletableFuture<HttpResponse<byte[]>>> pulls, byte[] bytes)
      throws Exception {
    for (var pull : pulls) {
      HttpResponse<byte[]> response = pull.get(Patience.seconds(), TimeUnit.SECONDS);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(Digest.of(response.body())).isEqualTo(Digest.of(bytes));
    }
  }

  /** Bytes of content that the proxy sent, in pieces or not. */
  long sentByProxy() throws Exception {
    long sum = 0;
    Matcher line =
        Pattern.compile(
                "springtide_registry_sent_bytes_total\\{source=\"(piece|hit|miss|filling|stale|relay)\"\\}"
                    + " (\\S+)")
            .matcher(proxy.metrics());
    while (line.find()) {
      sum += (long) Double.parseDouble(line.group(2));
    }
    return sum;
  }

  long fromPeers() {
    return peers.stream().mapToLong(peer -> peer.peer().counters().bytesFromPeers()).sum();
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for: " + what).isLessThan(deadline);
      LockSupport.parkNanos(10_000_000);
    }
  }

  @Override
  public void close() {
    peers.forEach(TestProxy::close);
    proxy.close();
  }
}
