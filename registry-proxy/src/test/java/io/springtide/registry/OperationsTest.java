package io.springtide.registry;

import static io.springtide.registry.TestProxy.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

/**
 * Running it: who may come in, what is pinned and purged, what happens when the disk or the queue
 * is full.
 */
class OperationsTest extends ProxyStory {
  private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";

  @Test
  void aFullDiskMeansHandingOnWithoutStoring() throws Exception {
    TestProxy proxy = proxy("store: {quota: 1MiB, minFree: 0B}\n");
    byte[] bytes = new byte[2_000_000];
    String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", bytes);
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(proxy.metrics()).contains("source=\"relay\"} 2.0");
    upstream.script(path, upstream::normal, upstream.cutAfter(1_000_000));
    assertThatThrownBy(() -> proxy.get(path)).isInstanceOf(java.io.IOException.class);
    upstream.script(path, upstream::normal, ScriptedUpstream.status(200));
    assertThat(proxy.get(path).statusCode()).as("an empty answer is not this blob").isEqualTo(502);
  }

  @Test
  void theLeastRecentlyUsedGoesFirstAndPinsStay() throws Exception {
    TestProxy proxy =
        proxy(
            "store: {quota: 1MiB, minFree: 0B, highWater: 0.9, lowWater: 0.5, pin: [up/base/*]}\n");
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      byte[] bytes = new byte[200_000];
      bytes[0] = (byte) i;
      String repository = i == 0 ? "base/os" : "feed/api";
      paths.add("/v2/" + repository + "/blobs/" + upstream.blob(repository, bytes));
      assertThat(proxy.get(paths.get(i)).statusCode()).isEqualTo(200);
      proxy.awaitStored();
      proxy.clock.pass(Duration.ofSeconds(1));
    }
    int before = upstream.requests().size();
    assertThat(proxy.get(paths.get(0)).statusCode()).isEqualTo(200);
    assertThat(proxy.get(paths.get(5)).statusCode()).isEqualTo(200);
    assertThat(upstream.requests()).as("the pinned and the newest one are here").hasSize(before);
    proxy.get(paths.get(1));
    assertThat(upstream.requests()).as("the oldest is not").hasSize(before + 1);
  }

  @Test
  void usersReadTheirRepositoriesOnly() throws Exception {
    upstream.manifest("feed/api", "1.0", DOCKER, "{}");
    TestProxy proxy =
        proxy(
            "clients: {users: [{name: feed, secretFile: "
                + secret("feed", "s3cret")
                + ", repositories: ['feed/*']}]}\n");
    assertThat(proxy.get("/v2/").statusCode()).isEqualTo(401);
    assertThat(proxy.get("/v2/").headers().firstValue("WWW-Authenticate").orElseThrow())
        .startsWith("Basic");
    String basic =
        "Basic "
            + Base64.getEncoder().encodeToString("feed:s3cret".getBytes(StandardCharsets.UTF_8));
    String wrong =
        "Basic "
            + Base64.getEncoder().encodeToString("feed:other".getBytes(StandardCharsets.UTF_8));
    assertThat(proxy.get("/v2/feed/api/manifests/1.0", "Authorization", basic).statusCode())
        .isEqualTo(200);
    assertThat(
            proxy.get("/v2/feed/api/manifests/1.0", "Authorization", "Bearer s3cret").statusCode())
        .isEqualTo(200);
    assertThat(proxy.get("/v2/feed/api/manifests/1.0", "Authorization", wrong).statusCode())
        .isEqualTo(401);
    assertThat(proxy.get("/v2/ads/api/manifests/1.0", "Authorization", basic).statusCode())
        .isEqualTo(403);
    assertThat(upstream.requests())
        .allSatisfy(r -> assertThat(r.headers()).doesNotContainKey("authorization"));
  }

  @Test
  void oneDataDirectoryServesOneProcess() throws Exception {
    TestProxy first = proxy("");
    assertThatThrownBy(() -> proxy(""))
        .isInstanceOf(java.io.IOException.class)
        .hasMessageContaining(data.toString())
        .hasMessageContaining("in use");
    String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", new byte[100]);
    assertThat(first.get(path).body()).hasSize(100);
    first.restart();
  }

  @Test
  void missesWaitInABoundedQueue() throws Exception {
    TestProxy proxy = proxy("fills: {running: 1, queued: 1}\n");
    var hold = new java.util.concurrent.CountDownLatch(1);
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      paths.add("/v2/feed/api/blobs/" + upstream.blob("feed/api", new byte[] {(byte) i, 1}));
    }
    upstream.script(
        paths.get(0),
        (request, out) -> {
          hold.await();
          upstream.normal(request, out);
        });
    CompletableFuture<HttpResponse<byte[]>> first = proxy.async(paths.get(0));
    proxy.await("springtide_registry_fills_running 1");
    CompletableFuture<HttpResponse<byte[]>> second = proxy.async(paths.get(1));
    proxy.await("springtide_registry_fills_queued 1");
    assertThat(proxy.get(paths.get(2)).statusCode()).isEqualTo(503);
    hold.countDown();
    assertThat(first.join().statusCode()).isEqualTo(200);
    assertThat(second.join().statusCode()).isEqualTo(200);
  }

  @Test
  void severalUpstreamsByPrefixAndByNamespace() throws Exception {
    try (ScriptedUpstream hub = new ScriptedUpstream()) {
      hub.manifest("library/nginx", "1", DOCKER, "{\"hub\":1}");
      upstream.manifest("feed/api", "1", DOCKER, "{\"own\":1}");
      TestProxy proxy =
          new TestProxy(
              "listen: 127.0.0.1:0\ndataDir: "
                  + data
                  + "\nupstreams:\n- {name: own, url: \""
                  + upstream.url()
                  + "\", default: true}\n- {name: hub, url: \""
                  + hub.url()
                  + "\", namespaces: [docker.io], prefix: docker.io, library: true}\n");
      closed(proxy);
      assertThat(text(proxy.get("/v2/feed/api/manifests/1"))).contains("own");
      assertThat(text(proxy.get("/v2/docker.io/nginx/manifests/1"))).contains("hub");
      HttpResponse<byte[]> byNamespace = proxy.get("/v2/library/nginx/manifests/1?ns=docker.io");
      assertThat(text(byNamespace)).contains("hub");
      assertThat(byNamespace.headers().firstValue("OCI-Namespace")).contains("docker.io");
      assertThat(proxy.get("/v2/library/nginx/manifests/1?ns=quay.io").statusCode()).isEqualTo(404);
      assertThat(hub.requests()).hasSize(1);
    }
  }

  @Test
  void aRateHoldsAClientBack() throws Exception {
    TestProxy proxy = proxy("clients: {bytesPerSecond: 1MiB}\n");
    String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", new byte[2 << 20]);
    long begin = System.nanoTime();
    assertThat(proxy.get(path).body()).hasSize(2 << 20);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(900));
  }

  @Test
  void overTlsTheSameBytesArrive() throws Exception {
    Path store = directory.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "proxy",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=ip:127.0.0.1",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit")
            .redirectErrorStream(true)
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
    Path certificate = pem("CERTIFICATE", keys.getCertificate("proxy").getEncoded());
    Path key = pem("PRIVATE KEY", keys.getKey("proxy", "changeit".toCharArray()).getEncoded());
    TestProxy proxy = proxy("tls: {certificateFile: " + certificate + ", keyFile: " + key + "}\n");
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(keys);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    byte[] bytes = new byte[3_000_000];
    new java.util.Random(5).nextBytes(bytes);
    String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", bytes);
    HttpClient client = HttpClient.newBuilder().sslContext(tls).build();
    for (int i = 0; i < 3; i++) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + proxy.port() + path)).build();
      assertThat(client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body())
          .isEqualTo(bytes);
    }
    assertThat(upstream.requests("GET", path)).hasSize(1);
  }

  private Path pem(String type, byte[] der) throws Exception {
    String body = Base64.getMimeEncoder().encodeToString(der);
    return Files.writeString(
        directory.resolve(type.replace(' ', '-') + ".pem"),
        "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n");
  }

  @Test
  void twoThousandIdleConnectionsAreInNobodysWay() throws Exception {
    TestProxy proxy = proxy("");
    List<Socket> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 2000; i++) {
        idle.add(new Socket(InetAddress.getLoopbackAddress(), proxy.port()));
      }
      String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", new byte[100_000]);
      assertThat(proxy.get(path).body()).hasSize(100_000);
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void oversizedHeadersAndLinesAreRefused() throws Exception {
    TestProxy proxy = proxy("");
    assertThat(raw(proxy, "GET /v2/ HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(40_000) + "\r\n\r\n"))
        .contains(" 431 ");
    assertThat(raw(proxy, "GET /v2/" + "y".repeat(10_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"))
        .contains(" 414 ");
    assertThat(
            raw(
                proxy,
                "GET /v2/../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .contains(" 404 ");
  }

  @Test
  void healthAndMetricsAreThere() throws Exception {
    TestProxy proxy = proxy("");
    assertThat(text(proxy.get("/healthz"))).contains("\"status\":\"ok\"");
    assertThat(proxy.metrics()).contains("springtide_registry_upstream_bytes_total");
  }

  private static String raw(TestProxy proxy, String request) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      return new String(in.readNBytes(20), StandardCharsets.US_ASCII);
    }
  }
}
