package io.springtide.harness.bench.registry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import io.springtide.harness.Needs;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The proxy as a process, in front of a real registry, through deaths of the one and the other. */
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

  @Test
  void aDiskThatIsFullMidwayIsNotNoticedByTheClients() throws Exception {
    try (DebianRegistry upstream = registry(0)) {
      TestImage image = TestImage.push(upstream.url(), "feed/api", "1.0", 64 * MIB, 2, 1);
      Path data = directory.resolve("proxy");
      List<String> command = ProxyProcess.command(data, upstream.url(), 0, "");
      try (Child proxy = ProxyProcess.start(FullDisk.above(10_240, command))) {
        for (int round = 0; round < 2; round++) {
          assertThat(PullClients.pull(proxy.port(), image, 4, true).bytes())
              .isEqualTo(4 * image.bytes());
        }
        try (var files = Files.walk(data)) {
          assertThat(files.filter(Files::isRegularFile))
              .as("nothing half-written stays")
              .allSatisfy(file -> assertThat(Files.size(file)).isLessThan(10 * MIB));
        }
      }
    }
  }

  @Test
  void tenThousandIdleConnectionsAreInNobodysWay() throws Exception {
    int count = Math.min(10_000, openFilesLeft() - 500);
    if (count < 10_000) {
      System.out.println("only " + count + " idle connections: raise ulimit -n for 10000");
    }
    List<SocketChannel> idle = new ArrayList<>();
    try (DebianRegistry upstream = registry(0)) {
      TestImage image = TestImage.push(upstream.url(), "feed/api", "1.0", 16 * MIB, 4, 1);
      try (Child proxy = ProxyProcess.start(directory.resolve("proxy"), upstream.url())) {
        InetSocketAddress address =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port());
        for (int i = 0; i < count; i++) {
          idle.add(SocketChannel.open(address));
        }
        assertThat(PullClients.pull(proxy.port(), image, 8, true).bytes())
            .isEqualTo(8 * image.bytes());
        assertThat(upstream.blobBytesSent()).isEqualTo(image.bytes());
        ByteBuffer request =
            ByteBuffer.wrap("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
        for (SocketChannel one : List.of(idle.get(0), idle.get(count - 1))) {
          one.write(request.rewind());
          ByteBuffer answer = ByteBuffer.allocate(15);
          while (answer.hasRemaining() && one.read(answer) >= 0) {
            // until the status line is here
          }
          assertThat(new String(answer.array(), US_ASCII)).isEqualTo("HTTP/1.1 200 OK");
        }
        assertThat(proxy.peakRss()).isLessThan(192 * MIB);
      } finally {
        for (SocketChannel one : idle) {
          one.close();
        }
      }
    }
  }

  private static int openFilesLeft() {
    UnixOperatingSystemMXBean system =
        (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return (int)
        Math.min(
            1_000_000, system.getMaxFileDescriptorCount() - system.getOpenFileDescriptorCount());
  }
}
