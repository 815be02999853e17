package io.springtide.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.config.ConfigException;
import io.springtide.registry.config.ConfigFile;
import io.springtide.registry.peer.HostPeer;
import io.springtide.registry.peer.PeerLimits;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;

/**
 * A proxy in this JVM on a free port, a clock that stands still until told, and a client that asks
 * it things.
 */
public final class TestProxy implements AutoCloseable {
  public static final class HandClock extends Clock {
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

    public void pass(Duration time) {
      now = now.plus(time);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  public final HandClock clock = new HandClock();
  public final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String config;
  private final PeerLimits limits;
  private RegistryProxy proxy;

  /** {@code more}: further YAML, of the same form as in a file. */
  public TestProxy(Path data, String upstreamUrl, String more) throws IOException, ConfigException {
    this(
        "listen: 127.0.0.1:0\ndataDir: "
            + data
            + "\ntimeouts: {connect: 1s, stall: 2s}\nupstreams:\n- {name: up, url: \""
            + upstreamUrl
            + "\", default: true}\n"
            + more);
  }

  public TestProxy(String config) throws IOException, ConfigException {
    this(config, PeerLimits.DEFAULT);
  }

  public TestProxy(String config, PeerLimits limits) throws IOException, ConfigException {
    this.config = config;
    this.limits = limits;
    start();
  }

  public void start() throws IOException, ConfigException {
    proxy = RegistryProxy.start(ConfigFile.parse(config), clock, clock, limits);
  }

  public void stop() {
    proxy.close();
  }

  public void restart() throws IOException, ConfigException {
    stop();
    start();
  }

  public HostPeer peer() {
    return proxy.peer().orElseThrow();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  public int port() {
    return proxy.address().getPort();
  }

  public HttpResponse<byte[]> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send("GET", path, headers);
  }

  public HttpResponse<byte[]> head(String path, String... headers)
      throws IOException, InterruptedException {
    return send("HEAD", path, headers);
  }

  HttpResponse<byte[]> send(String method, String path, String... headers)
      throws IOException, InterruptedException {
    return client.send(request(method, path, headers), BodyHandlers.ofByteArray());
  }

  public HttpRequest request(String method, String path, String... headers) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(uri(path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .timeout(Patience.limit());
    if (headers.length > 0) {
      builder.headers(headers);
    }
    return builder.build();
  }

  /** As {@link #get}, without waiting for the answer. */
  public CompletableFuture<HttpResponse<byte[]>> async(String path) {
    return client.sendAsync(request("GET", path), BodyHandlers.ofByteArray());
  }

  /** The body of an answer as it comes. */
  public InputStream stream(String path) throws IOException, InterruptedException {
    return client.send(request("GET", path), BodyHandlers.ofInputStream()).body();
  }

  public static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  /** Until the metrics hold this line. */
  public void await(String metric) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (!metrics().contains(metric)) {
      assertThat(System.nanoTime()).as("waited for: " + metric).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  /** Until nothing is on its way into the store any more. */
  public void awaitStored() throws IOException, InterruptedException {
    await("springtide_registry_fills_running 0");
  }

  public HttpResponse<String> post(String path, String body, String token)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(uri(path))
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .timeout(Patience.limit())
            .build(),
        BodyHandlers.ofString());
  }

  public String metrics() throws IOException, InterruptedException {
    return client.send(request("GET", "/metrics"), BodyHandlers.ofString()).body();
  }

  @Override
  public void close() {
    proxy.close();
  }
}
