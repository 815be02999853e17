package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.Needs;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The proxy as a process, in front of a real registry, through deaths of the one and the other. */
@Timeout(120)
class RealRegistryTest {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void needs() {
    Needs.dockerRegistry();
  }

  private DebianRegistry registry(int port) throws IOException, InterruptedException {
    return DebianRegistry.start(directory.resolve("upstream"), Optional.empty(), port);
  }

  private InputStream blob(int port, TestImage image, int index)
      throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "http://127.0.0.1:"
                + port
                + "/v2/"
                + image.repository()
                + "/blobs/"
                + image.blobs().get(index));
    HttpResponse<InputStream> response =
        client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    return response.body();
  }

  @Test
  void eightClientsCostOneFetchAndThenTheUpstreamMayGo() throws Exception {
    TestImage image;
    Child proxy;
    try (DebianRegistry upstream = registry(0)) {
      image = TestImage.push(upstream.url(), "feed/api", "1.0", 16 * MIB, 4, 1);
      proxy = ProxyProcess.start(directory.resolve("proxy"), upstream.url());
      assertThat(PullClients.pull(proxy.port(), image, 8, true).bytes())
          .isEqualTo(8 * image.bytes());
      assertThat(upstream.blobBytesSent()).isEqualTo(image.bytes());
    }
    try (proxy) {
      assertThat(PullClients.pull(proxy.port(), image, 2, true).bytes())
          .isEqualTo(2 * image.bytes());
    }
  }

  @Test
  void aProxyKilledMidwayLeavesNothingWrong() throws Exception {
    try (DebianRegistry upstream = registry(0)) {
      TestImage image = TestImage.push(upstream.url(), "feed/api", "1.0", 128 * MIB, 1, 1);
      for (int round = 0; round < 3; round++) {
        Child proxy = ProxyProcess.start(directory.resolve("proxy"), upstream.url());
        try (InputStream body = blob(proxy.port(), image, 1)) {
          assertThat(body.readNBytes((round + 1) * 1_000_000)).hasSize((round + 1) * 1_000_000);
          proxy.kill();
        }
      }
      try (Child proxy = ProxyProcess.start(directory.resolve("proxy"), upstream.url())) {
        assertThat(PullClients.pull(proxy.port(), image, 2, true).bytes())
            .isEqualTo(2 * image.bytes());
      }
    }
  }

  @Test
  void anUpstreamThatDiesMidwayAndComesBackIsNotNoticedByTheClients() throws Exception {
    DebianRegistry first = registry(0);
    TestImage image = TestImage.push(first.url(), "feed/api", "1.0", 256 * MIB, 1, 1);
    try (Child proxy = ProxyProcess.start(directory.resolve("proxy"), first.url())) {
      CompletableFuture<Long> pulled =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return PullClients.pull(proxy.port(), image, 4, true).bytes();
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      try (InputStream body = blob(proxy.port(), image, 1)) {
        assertThat(body.readNBytes(1_000_000)).hasSize(1_000_000);
        first.child().kill();
      }
      try (DebianRegistry second = registry(first.port())) {
        assertThat(pulled.join()).isEqualTo(4 * image.bytes());
        assertThat(second.port()).isEqualTo(first.port());
      }
    }
  }
}
