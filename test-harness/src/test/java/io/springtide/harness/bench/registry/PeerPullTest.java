package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.Needs;
import io.springtide.harness.demo.ContainerEngine;
import io.springtide.registry.RegistryProxy;
import io.springtide.registry.config.ConfigException;
import io.springtide.registry.config.ConfigFile;
import io.springtide.testing.Patience;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real dockerd pulls through a host's peer, from a real registry behind the proxy. */
class PeerPullTest {
  private static final int LAYER = 12 << 20;

  @TempDir Path directory;
  private final HttpClient client = HttpClient.newHttpClient();

  private RegistryProxy proxy(String upstream) throws IOException, ConfigException {
    return RegistryProxy.start(
        ConfigFile.parse(
            "listen: 127.0.0.1:0\ndataDir: "
                + directory.resolve("proxy")
                + "\nstore: {minFree: 0B}\nswarm: {minHosts: 2}\nupstreams:\n- {name: up, url: \""
                + upstream
                + "\", default: true}\n"));
  }

  private RegistryProxy peer(String name, RegistryProxy proxy) throws IOException, ConfigException {
    return RegistryProxy.start(
        ConfigFile.parse(
            "listen: 127.0.0.1:0\ndataDir: "
                + directory.resolve(name)
                + "\nstore: {minFree: 0B}\npeer: {proxy: \"http://127.0.0.1:"
                + proxy.address().getPort()
                + "\", listen: \"127.0.0.1:0\"}\n"));
  }

  private double metric(RegistryProxy of, String name) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + of.address().getPort() + "/metrics");
    String all = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    Matcher line = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(all);
    assertThat(line.find()).as(name + " in " + all).isTrue();
    return Double.parseDouble(line.group(1));
  }

  private void awaitHosts(RegistryProxy proxy, int hosts) throws Exception {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (metric(proxy, "springtide_registry_swarm_hosts") < hosts) {
      assertThat(System.nanoTime()).as("waited for %d hosts", hosts).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static String docker(ContainerEngine engine, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("docker", "--host", engine.host()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as("%s: %s", command, output).isZero();
    return output;
  }

  /** One file that no compression makes small. */
  private static byte[] rootFilesystem() throws IOException {
    byte[] content = new byte[LAYER];
    new Random().nextBytes(content);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      TarArchiveEntry entry = new TarArchiveEntry("data");
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return out.toByteArray();
  }

  @Test
  void dockerdPullsThroughEachPeerAndTheRegistrySendsTheLayerOnce() throws Exception {
    Needs.dockerRegistry();
    try (ContainerEngine engine = Needs.docker();
        DebianRegistry upstream =
            DebianRegistry.start(directory.resolve("upstream"), Optional.empty());
        RegistryProxy proxy = proxy(upstream.url());
        RegistryProxy one = peer("one", proxy);
        RegistryProxy other = peer("other", proxy)) {
      awaitHosts(proxy, 2);
      String pushed = "127.0.0.1:" + upstream.port() + "/springtide-test/peer:1";
      List<String> images = new ArrayList<>(List.of(pushed));
      try {
        engine.importImage(pushed, rootFilesystem());
        docker(engine, "push", pushed);
        String id = docker(engine, "image", "inspect", "--format", "{{.Id}}", pushed);
        engine.removeImage(pushed);
        for (RegistryProxy peer : List.of(one, other)) {
          String name = "127.0.0.1:" + peer.address().getPort() + "/springtide-test/peer:1";
          images.add(name);
          docker(engine, "pull", name);
          assertThat(docker(engine, "image", "inspect", "--format", "{{.Id}}", name)).isEqualTo(id);
          engine.removeImage(name);
          assertThat(
                  metric(peer, "springtide_registry_peer_bytes_from_peers_total")
                      + metric(peer, "springtide_registry_peer_bytes_from_proxy_total"))
              .as("bytes that came in pieces")
              .isGreaterThanOrEqualTo(LAYER);
        }
        assertThat(upstream.blobBytesSent()).isBetween((long) LAYER, LAYER + (1L << 20));
      } finally {
        images.forEach(engine::removeImage);
      }
    }
  }
}
