package io.springtide.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.registry.ScriptedUpstream.Answer;
import io.springtide.registry.store.Digest;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a proxy does that is told a key, beside what a usual one does. */
class KeyEffectsTest extends ProxyStory {
  private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";

  private final byte[] layer = "some layer".getBytes(UTF_8);

  @Test
  void itListensWhereItIsTold() throws Exception {
    TestProxy told =
        closed(
            new TestProxy(
                "listen: 127.0.0.2:0\ndataDir: %s\nupstreams: [{name: up, url: \"%s\"}]\n"
                    .formatted(data, upstream.url())));
    new Socket("127.0.0.2", told.port()).close();
    assertThatThrownBy(() -> new Socket("127.0.0.1", told.port()))
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void evictionBeginsAndEndsAtTheMarksThatItIsTold() throws Exception {
    Map<String, Integer> evictions = Map.of("", 1, ", highWater: 0.5", 3, ", lowWater: 0.3", 4);
    for (String marks : evictions.keySet()) {
      TestProxy proxy =
          told("d" + marks.length(), "store: {quota: 1MiB, minFree: 0B%s}\n".formatted(marks));
      pullFiveOfAFifth(proxy);
      assertThat(proxy.metrics())
          .as(marks)
          .contains("springtide_registry_evictions %d.0".formatted(evictions.get(marks)));
    }
  }

  private void pullFiveOfAFifth(TestProxy proxy) throws Exception {
    for (byte i = 0; i < 5; i++) {
      byte[] bytes = new byte[200_000];
      bytes[0] = i;
      assertThat(proxy.get("/v2/feed/api/blobs/" + upstream.blob("feed/api", bytes)).body())
          .isEqualTo(bytes);
      proxy.awaitStored();
      proxy.clock.pass(Duration.ofSeconds(1));
    }
  }

  @Test
  void anUpstreamIsMeantByTheNameThatItIsTold() throws Exception {
    for (String name : List.of("hub", "other")) {
      TestProxy proxy =
          closed(
              new TestProxy(
                  ("listen: 127.0.0.1:0\n"
                          + "dataDir: %s\n"
                          + "upstreams: [{name: %s, url: \"%s\", default: true}]\n"
                          + "store: {quota: 1MiB, minFree: 0B, pin: [hub/*]}\n")
                      .formatted(directory.resolve(name), name, upstream.url())));
      pullFiveOfAFifth(proxy);
      assertThat(proxy.metrics())
          .as("what is pinned stays")
          .contains("springtide_registry_evictions " + (name.equals("hub") ? "0.0" : "1.0"));
    }
  }

  @Test
  void whatOthersNeedOfTheDiskIsLeftToThem() throws Exception {
    String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", layer);
    for (String free : List.of("0B", "100000TiB")) {
      TestProxy proxy = told(free, "store: {minFree: " + free + "}\n");
      for (int i = 0; i < 2; i++) {
        assertThat(proxy.get(path).body()).isEqualTo(layer);
        proxy.awaitStored();
      }
      assertThat(proxy.metrics())
          .contains(free.equals("0B") ? "source=\"hit\"} 1.0" : "source=\"relay\"} 2.0");
    }
  }

  /** A whole configuration, for what {@link #told} says already. */
  private TestProxy patient(String name, String more) throws Exception {
    return closed(
        new TestProxy(
            "listen: 127.0.0.1:0\ndataDir: %s\nupstreams: [{name: up, url: \"%s\", default: true}]\n%s"
                .formatted(directory.resolve(name), upstream.url(), more)));
  }

  @Test
  void anUpstreamThatIsSilentIsLeftAfterTheStallThatItIsTold() throws Exception {
    byte[] bytes = layer;
    String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", bytes);
    Answer silence = (request, out) -> new CountDownLatch(1).await();
    upstream.script(path, silence, silence);
    CompletableFuture<HttpResponse<byte[]>> usual = patient("usual", "").async(path);
    await(() -> upstream.requests("GET", path).size() == 1);
    assertThat(patient("told", "timeouts: {stall: 300ms}\n").get(path).body()).isEqualTo(bytes);
    assertThat(usual).isNotDone();
  }

  @Test
  void anUpstreamMayBeAsSlowAsItIsTold() throws Exception {
    byte[] bytes = new byte[100_000];
    String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", bytes);
    CountDownLatch never = new CountDownLatch(1);
    Answer drip =
        (request, out) -> {
          out.write(ScriptedUpstream.head(200, "Content-Length: " + bytes.length));
          while (!never.await(20, TimeUnit.MILLISECONDS)) {
            out.write(0);
            out.flush();
          }
        };
    upstream.script(path, drip, drip);
    CompletableFuture<HttpResponse<byte[]>> told =
        patient("told", "timeouts: {stall: 300ms, minRate: 0B}\n").async(path);
    await(() -> upstream.requests("GET", path).size() == 1);
    assertThat(patient("usual", "timeouts: {stall: 300ms}\n").get(path).body()).isEqualTo(bytes);
    assertThat(told).isNotDone();
  }

  /** Where as many connections wait as may, a further one is not answered at all. */
  @Test
  void aConnectionThatDoesNotOpenIsGivenUpAfterTheTimeThatItIsTold() throws Exception {
    List<Socket> waiting = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      fill(full, waiting);
      String config =
          "listen: 127.0.0.1:0\n"
              + "dataDir: %s\n"
              + "upstreams: [{name: up, url: \"http://127.0.0.1:%d\", default: true}]\n"
              + "%s";
      TestProxy usual = closed(new TestProxy(config.formatted(data, full.getLocalPort(), "")));
      TestProxy told =
          closed(
              new TestProxy(
                  config.formatted(
                      directory.resolve("told"),
                      full.getLocalPort(),
                      "timeouts: {connect: 50ms}\n")));
      String path = "/v2/feed/api/blobs/" + Digest.of(layer);
      CompletableFuture<HttpResponse<byte[]>> usually = usual.async(path);
      assertThat(TestProxy.text(told.get(path))).contains("cannot connect");
      assertThat(usually).isNotDone();
    } finally {
      for (Socket socket : waiting) {
        socket.close();
      }
    }
  }

  private static void fill(ServerSocket server, List<Socket> waiting) throws IOException {
    try {
      while (true) {
        Socket socket = new Socket();
        waiting.add(socket);
        socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 200);
      }
    } catch (SocketTimeoutException e) {
      // full
    }
  }

  @Test
  void syncAsksAsOftenAsItIsTold() throws Exception {
    for (String tag : List.of("told", "usual")) {
      upstream.manifest("feed/api", tag, DOCKER, "{\"layers\":[]}");
      told(
          tag,
          "sync: {%simages: ['feed/api:%s']}\n"
              .formatted(tag.equals("told") ? "every: 100ms, " : "", tag));
    }
    await(() -> upstream.requests("HEAD", "/v2/feed/api/manifests/told").size() > 5);
    assertThat(upstream.requests("HEAD", "/v2/feed/api/manifests/usual")).hasSizeLessThan(3);
  }

  @Test
  void whatIsMissingIsAskedForAgainAfterTheNegativeTtl() throws Exception {
    String path = "/v2/feed/api/blobs/" + Digest.of(layer);
    TestProxy usual = told("a", "");
    TestProxy told = told("b", "negativeTtl: 1m\n");
    for (TestProxy proxy : List.of(usual, told)) {
      int before = upstream.requests().size();
      assertThat(proxy.get(path).statusCode()).isEqualTo(404);
      proxy.clock.pass(Duration.ofSeconds(6));
      int once = upstream.requests().size() - before;
      assertThat(proxy.get(path).statusCode()).isEqualTo(404);
      assertThat(upstream.requests()).hasSize(before + (proxy == told ? once : 2 * once));
    }
  }

  @Test
  void whetherABlobIsStillShownIsAskedAnewInTime() throws Exception {
    String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", layer);
    TestProxy usual = told("a", "");
    TestProxy told = told("b", "recheckVisibility: 3h\n");
    for (TestProxy proxy : List.of(usual, told)) {
      assertThat(proxy.get(path).body()).isEqualTo(layer);
      // What still arrives was shown just now.
      proxy.await("springtide_registry_fills_running 0");
      int before = upstream.requests().size();
      proxy.clock.pass(Duration.ofHours(2));
      assertThat(proxy.get(path).body()).isEqualTo(layer);
      assertThat(upstream.requests()).hasSize(before + (proxy == told ? 0 : 1));
    }
  }

  @Test
  void aRateOfRequestsHoldsAClientBack() throws Exception {
    TestProxy proxy = told("a", "clients: {requestsPerSecond: 1}\n");
    long begin = System.nanoTime();
    for (int i = 0; i < 4; i++) {
      proxy.get("/v2/");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(900));
  }

  @Test
  void aBlobThatRottedIsFoundAsOftenAndAsFastAsToldTo() throws Exception {
    upstream.blob("feed/api", layer);
    // The first look is at the start, when there is nothing yet; one of a byte a second takes long.
    TestProxy often = told("often", "store: {scrubEvery: 1s, scrubRate: 0B}\n");
    TestProxy seldom = told("seldom", "");
    TestProxy slow = told("slow", "store: {scrubEvery: 1s, scrubRate: 1B}\n");
    String path = "/v2/feed/api/blobs/" + Digest.of(layer);
    for (TestProxy proxy : List.of(seldom, slow, often)) {
      assertThat(proxy.get(path).body()).isEqualTo(layer);
    }
    Path slowly = rot("slow");
    Path unseen = rot("seldom");
    // Twice: between the two everybody's second has passed.
    for (int i = 0; i < 2; i++) {
      assertThat(often.get(path).body()).isEqualTo(layer);
      Path rotten = rot("often");
      await(() -> !Files.exists(rotten));
    }
    assertThat(unseen).exists();
    assertThat(slowly).exists();
  }

  /** Other bytes of the same length. */
  private Path rot(String name) throws IOException {
    Digest digest = Digest.of(layer);
    Path blob =
        directory
            .resolve(name)
            .resolve("blobs")
            .resolve(digest.algorithm())
            .resolve(digest.hex().substring(0, 2))
            .resolve(digest.hex() + "." + layer.length);
    await(() -> Files.exists(blob));
    return Files.write(blob, new byte[layer.length]);
  }

  @Test
  void aTrustedTokenServerElsewhereGetsThePassword() throws Exception {
    String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", layer);
    try (ScriptedUpstream tokens = new ScriptedUpstream()) {
      String realm = "Bearer realm=\"http://localhost:" + tokens.port() + "/token\"";
      for (String more : List.of("", ", trustedRealms: [localhost]")) {
        upstream.script(path, ScriptedUpstream.status(401, "WWW-Authenticate: " + realm));
        closed(
                new TestProxy(
                    "listen: 127.0.0.1:0\ndataDir: %s\nupstreams: [{name: up, url: \"%s\", default: true, username: u, passwordFile: %s%s}]\n"
                        .formatted(
                            directory.resolve("d" + more.length()),
                            upstream.url(),
                            secret("password", "pa55"),
                            more)))
            .get(path);
        assertThat(
                tokens.requests().stream().anyMatch(r -> r.headers().containsKey("authorization")))
            .isEqualTo(!more.isEmpty());
      }
    }
  }

  @Test
  void aProxyKnowsItselfAmongTheMembersByTheAddressThatItIsTold() throws Exception {
    for (int port : new int[] {1, 2}) {
      TestProxy proxy =
          told(
              "d" + port,
              "cluster: {self: \"http://127.0.0.1:%d\", members: [\"http://127.0.0.1:1\"]}\n"
                  .formatted(port));
      assertThat(proxy.metrics()).contains("springtide_registry_members " + port + ".0");
    }
  }

  @Test
  void consulIsAskedForTheService() throws Exception {
    try (ScriptedUpstream consul = new ScriptedUpstream()) {
      told(
          "a",
          "cluster: {self: \"http://127.0.0.1:1\", consul: {address: \"%s\", service: told}}\n"
              .formatted(consul.url()));
      await(() -> consul.requests().stream().anyMatch(r -> r.path().contains("service/told-")));
    }
  }

  private TestProxy told(String name, String more) throws Exception {
    return closed(new TestProxy(directory.resolve(name), upstream.url(), more));
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      LockSupport.parkNanos(10_000_000);
    }
  }

  @Test
  void whoAsksForFarMoreThanTheRateIsToldSo() throws Exception {
    TestProxy proxy = told("a", "clients: {requestsPerSecond: 1}\n");
    List<CompletableFuture<HttpResponse<byte[]>>> asks =
        Stream.generate(() -> proxy.async("/v2/")).limit(20).toList();
    await(() -> asks.stream().anyMatch(ask -> ask.isDone() && ask.join().statusCode() == 429));
  }
}
