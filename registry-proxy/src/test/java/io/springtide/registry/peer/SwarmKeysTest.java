package io.springtide.registry.peer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.registry.ProxyStory;
import io.springtide.registry.ScriptedUpstream;
import io.springtide.registry.TestProxy;
import io.springtide.registry.store.Digest;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Ask;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.tracker.Messages.Presence;
import io.springtide.registry.tracker.Messages.Self;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What each key of {@code swarm} and {@code peer} does: beside a proxy or a peer that is told it, a
 * usual one. Most hosts here are only words: they say that they are there.
 */
class SwarmKeysTest extends ProxyStory {
  /** One piece. */
  private final byte[] bytes = new byte[200 << 10];

  private Digest digest;
  private String path;

  @BeforeEach
  void blob() {
    new Random(4).nextBytes(bytes);
    digest = upstream.blob("feed/api", bytes);
    path = "/v2/feed/api/blobs/" + digest;
  }

  /** A proxy that has the blob. */
  private TestProxy proxy(String name, String more) throws Exception {
    TestProxy proxy = closed(new TestProxy(directory.resolve(name), upstream.url(), more));
    // Of a fill that ends just then nobody is told: it is over before anything is asked.
    proxy.async(path);
    proxy.await("springtide_registry_stored_bytes %d.0".formatted(bytes.length));
    return proxy;
  }

  /** {@code keys}: those of the peer section. */
  private TestProxy peer(String name, String keys) throws Exception {
    return closed(
        new TestProxy(
            "listen: 127.0.0.1:0\ndataDir: %s\nstore: {minFree: 0B}\npeer: {%s}\n"
                .formatted(directory.resolve(name), keys),
            TestSwarm.HASTY));
  }

  /** A peer of the proxy. {@code more}: further keys, each after a comma. */
  private TestProxy peer(String name, TestProxy proxy, String more) throws Exception {
    return peer(
        name,
        "proxy: \"http://127.0.0.1:%d\", listen: \"127.0.0.1:0\"%s".formatted(proxy.port(), more));
  }

  private static Self host(String name, String... around) {
    return new Self(name, Optional.empty(), 1, List.of(around));
  }

  private static HttpRequest post(TestProxy proxy, String where, byte[] body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + where))
        .POST(BodyPublishers.ofByteArray(body))
        .timeout(Patience.limit())
        .build();
  }

  /** What the proxy says to a host that wants the blob. */
  private Optional<Introduction> announce(TestProxy proxy, Self host) throws Exception {
    Announce announce = new Announce(host, new BitSet(), 0, false, Set.of());
    String where = "/swarm/announce/feed/api/" + digest;
    return Messages.introduction(
        proxy
            .client
            .send(post(proxy, where, Messages.write(announce)), BodyHandlers.ofByteArray())
            .body());
  }

  /** How many hosts there are, as the proxy says to one that is there. */
  private static int hosts(TestProxy proxy, String name) {
    byte[] presence = Messages.write(new Presence(host(name), Optional.empty()));
    try {
      return Messages.present(
              proxy
                  .client
                  .send(post(proxy, "/swarm/hosts", presence), BodyHandlers.ofByteArray())
                  .body())
          .hosts();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void withFewerHostsThanToldEverybodyPullsStraight() throws Exception {
    TestProxy told = proxy("told", "swarm: {minHosts: 2, minBlob: 1B}\n");
    TestProxy usual = proxy("usual", "swarm: {minBlob: 1B}\n");
    for (TestProxy proxy : List.of(told, usual)) {
      assertThat(announce(proxy, host("a"))).isEmpty();
      hosts(proxy, "a");
      assertThat(announce(proxy, host("b")).isPresent()).isEqualTo(proxy == told);
    }
  }

  @Test
  void blobsSmallerThanToldComeWithoutASwarm() throws Exception {
    for (int least : new int[] {bytes.length, bytes.length + 1}) {
      TestProxy proxy = proxy("least" + least, "swarm: {minHosts: 1, minBlob: " + least + "B}\n");
      assertThat(announce(proxy, host("a")).isPresent()).isEqualTo(least == bytes.length);
    }
  }

  @Test
  void whoIsSilentForLongerThanToldHasLeft() throws Exception {
    TestProxy usual = proxy("usual", "");
    TestProxy told = proxy("told", "swarm: {silence: 1s}\n");
    hosts(usual, "silent");
    hosts(told, "silent");
    TestSwarm.await("one host", () -> hosts(told, "other") == 1);
    assertThat(hosts(usual, "other")).isEqualTo(2);
  }

  /**
   * At a byte a second no piece is ever sent whole: each keeps its place. The proxy gives a piece
   * twice, so the third host that it hears is told to ask others.
   */
  @Test
  void theProxySendsSoManyPiecesAtATime() throws Exception {
    List<List<CompletableFuture<HttpResponse<byte[]>>>> asks = new ArrayList<>();
    for (String uploads : List.of(", uploads: 2", "")) {
      TestProxy proxy =
          proxy(
              "data" + asks.size(),
              "clients: {bytesPerSecond: 1B}\nswarm: {minHosts: 1, minBlob: 1B%s}\n"
                  .formatted(uploads));
      awaitPiece(proxy, "a");
      announce(proxy, host("b"));
      announce(proxy, host("c"));
      asks.add(Stream.of("a", "b", "c").map(name -> askForAPiece(proxy, name)).toList());
    }
    CompletableFuture.anyOf(asks.get(1).toArray(CompletableFuture[]::new)).join();
    assertThat(asks.get(1)).filteredOn(CompletableFuture::isDone).hasSize(1);
    assertThat(asks.get(0)).noneMatch(CompletableFuture::isDone);
  }

  /** Until the proxy has a piece to give, as it says to {@code name}. */
  private void awaitPiece(TestProxy proxy, String name) {
    TestSwarm.await(
        "a piece",
        () -> {
          try {
            return announce(proxy, host(name)).orElseThrow().hashes().length > 0;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private CompletableFuture<HttpResponse<byte[]>> askForAPiece(TestProxy proxy, String name) {
    byte[] ask = Messages.write(new Ask(name, new BitSet(), false));
    return proxy.client.sendAsync(
        post(proxy, "/swarm/piece/feed/api/" + digest, ask), BodyHandlers.ofByteArray());
  }

  @Test
  void aPeerAsksTheProxyThatItIsToldAsTheUserThatItIsTold() throws Exception {
    String basic = "Basic " + Base64.getEncoder().encodeToString("host-7:pa55".getBytes(UTF_8));
    try (ScriptedUpstream other = new ScriptedUpstream()) {
      other.blob("feed/api", bytes);
      String user = ", username: host-7, passwordFile: " + secret("password", "pa55");
      for (ScriptedUpstream proxy : List.of(upstream, other)) {
        proxy.script(
            path, ScriptedUpstream.status(401, "WWW-Authenticate: Basic realm=\"springtide\""));
        String keys = "proxy: \"%s\", listen: \"127.0.0.1:0\"".formatted(proxy.url());
        HttpResponse<byte[]> answer =
            peer("peer" + proxy.port(), keys + (proxy == other ? user : "")).get(path);
        assertThat(answer.statusCode()).isEqualTo(proxy == other ? 200 : 403);
      }
      assertThat(other.requests("GET", path).get(1).headers())
          .containsEntry("authorization", basic);
    }
  }

  @Test
  void aPeersDoorIsWhereItIsTold() throws Exception {
    TestProxy proxy = proxy("proxy", "");
    String keys = "proxy: \"http://127.0.0.1:%d\", listen: \"127.0.0.2:0\"";
    TestProxy peer = peer("peer", keys.formatted(proxy.port()));
    new Socket("127.0.0.2", peer.peer().port()).close();
    assertThatThrownBy(() -> new Socket("127.0.0.1", peer.peer().port()))
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void othersReachAPeerUnderTheNameThatItIsTold() throws Exception {
    TestProxy proxy = proxy("proxy", "swarm: {minHosts: 1, minBlob: 1B}\n");
    TestProxy told = peer("told", proxy, ", host: localhost");
    TestProxy usual = peer("usual", proxy, "");
    for (TestProxy peer : List.of(told, usual)) {
      assertThat(peer.get(path).body()).isEqualTo(bytes);
    }
    assertThat(announce(proxy, host("a")).orElseThrow().neighbours())
        .extracting(neighbour -> neighbour.address().host())
        .containsExactlyInAnyOrder("localhost", "127.0.0.1");
  }

  /** Of a hundred hosts six are near: by chance alone hardly one of five neighbours would be. */
  @ParameterizedTest
  @CsvSource({"zone: z1, zone:z1", "rack: r1, rack:/r1", "switch: s1, switch://s1"})
  void aPeersNeighboursAreThoseInThePlaceThatItIsTold(String key, String place) throws Exception {
    TestProxy proxy = proxy("proxy", "swarm: {minHosts: 1, minBlob: 1B}\n");
    for (int i = 0; i < 100; i++) {
      announce(proxy, i % 16 == 0 ? host("near-" + i, place) : host("far-" + i, "zone:z2"));
    }
    TestProxy peer = peer("peer", proxy, ", " + key);
    assertThat(peer.get(path).body()).isEqualTo(bytes);
    assertThat(announce(proxy, host(peer.peer().id())).orElseThrow().neighbours())
        .filteredOn(neighbour -> neighbour.address().id().startsWith("near-"))
        .hasSizeGreaterThan(2);
  }

  /** Asks at a peer's door for the blob's one piece, by the proxy's word. */
  private CompletableFuture<HttpResponse<byte[]>> askAtTheDoor(TestProxy peer, String admission) {
    URI door = URI.create("http://127.0.0.1:" + peer.peer().port());
    HttpRequest request =
        HttpRequest.newBuilder(door.resolve("/swarm/pieces/" + digest + "/262144/0"))
            .header("Authorization", "Bearer " + admission)
            .timeout(Patience.limit())
            .build();
    return peer.client.sendAsync(request, BodyHandlers.ofByteArray());
  }

  /** A peer that has the blob whole and knows whom to let in. */
  private TestProxy stocked(String name, TestProxy proxy, String more) throws Exception {
    TestProxy peer = peer(name, proxy, more);
    assertThat(peer.get(path).body()).isEqualTo(bytes);
    peer.awaitStored();
    return peer;
  }

  @Test
  void aPeerSendsPiecesAsFastAsItIsTold() throws Exception {
    TestProxy proxy = proxy("proxy", "swarm: {minHosts: 1, minBlob: 1B}\n");
    String admission = announce(proxy, host("a")).orElseThrow().admission();
    // A second's worth may go at once; a piece is two.
    TestProxy told = stocked("told", proxy, ", uploadRate: 100KiB");
    long begin = System.nanoTime();
    assertThat(askAtTheDoor(told, admission).join().body()).isEqualTo(bytes);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(900));
  }

  /** None of nine is ever sent at this rate: who is not being sent to waits, up to six do so. */
  @Test
  void aPeerSendsSoManyPiecesAtATime() throws Exception {
    var atUsual = nineAtOnce("usual", ", uploadRate: 1B");
    var atTold = nineAtOnce("told", ", uploadRate: 1B, uploads: 1");
    TestSwarm.await("one refused", () -> refused(atUsual) == 1);
    TestSwarm.await("two refused", () -> refused(atTold) == 2);
    assertThat(refused(atUsual)).isEqualTo(1);
  }

  /** Each at a proxy of its own: a peer's neighbour would ask it too. */
  private List<CompletableFuture<HttpResponse<byte[]>>> nineAtOnce(String name, String more)
      throws Exception {
    TestProxy proxy = proxy("proxy of " + name, "swarm: {minHosts: 1, minBlob: 1B}\n");
    String admission = announce(proxy, host("a")).orElseThrow().admission();
    TestProxy peer = stocked(name, proxy, more);
    return Stream.generate(() -> askAtTheDoor(peer, admission)).limit(9).toList();
  }

  private static long refused(List<CompletableFuture<HttpResponse<byte[]>>> asks) {
    // Who waits for longer than the door lets anybody idle is hung up on: that is no refusal.
    return asks.stream()
        .filter(ask -> ask.isDone() && !ask.isCompletedExceptionally())
        .filter(ask -> ask.join().statusCode() == 503)
        .count();
  }

  @Test
  void whoWaitsForAPieceAndHangsUpMakesRoom() throws Exception {
    TestProxy proxy = proxy("proxy", "swarm: {minHosts: 1, minBlob: 1B}\n");
    String admission = announce(proxy, host("a")).orElseThrow().admission();
    TestProxy peer = stocked("peer", proxy, ", uploadRate: 1B, uploads: 1");
    List<CompletableFuture<HttpResponse<byte[]>>> asks = new ArrayList<>();
    TestSwarm.await(
        "a full queue",
        () -> {
          asks.add(askAtTheDoor(peer, admission));
          return refused(asks) > 0;
        });
    asks.forEach(ask -> ask.cancel(true));
    TestSwarm.await("nobody waits, nor is anybody sent to", () -> load(peer) == 0);
  }

  /** Requests that wait, as the door says to anybody. */
  private static int load(TestProxy peer) {
    URI door = URI.create("http://127.0.0.1:" + peer.peer().port() + "/healthz");
    return peer
        .client
        .sendAsync(HttpRequest.newBuilder(door).build(), BodyHandlers.discarding())
        .join()
        .headers()
        .firstValueAsLong("Springtide-Load")
        .stream()
        .mapToInt(Math::toIntExact)
        .findFirst()
        .orElse(-1);
  }
}
