package io.springtide.registry.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.ScriptedUpstream;
import io.springtide.registry.TestProxy;
import io.springtide.registry.store.Digest;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several proxies behind one name: who fetches what, and what happens when one of them is not
 * there.
 */
class ClusterTest {
  @TempDir Path directory;

  private TestProxy member(String name, String upstream, int port, String self, String others)
      throws Exception {
    return new TestProxy(
        "listen: 127.0.0.1:"
            + port
            + "\ndataDir: "
            + directory.resolve(name)
            + "\nupstreams: [{name: up, url: \""
            + upstream
            + "\", default: true}]\ncluster: {self: \""
            + self
            + "\", members: [\""
            + others
            + "\"]}\n");
  }

  @Test
  void twoProxiesFetchABlobOnceBetweenThemAndEitherAloneStillServes() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    String second = "http://127.0.0.1:" + port;
    try (ScriptedUpstream upstream = new ScriptedUpstream();
        TestProxy two = member("two", upstream.url(), port, second, second);
        TestProxy one = member("one", upstream.url(), 0, "http://127.0.0.2:1", second)) {
      Members seen =
          new Members(
              URI.create("http://127.0.0.2:1"), List.of(URI.create(second)), Clock.systemUTC());
      List<byte[]> owned = new ArrayList<>();
      for (int i = 0; owned.size() < 2; i++) {
        byte[] bytes = new byte[100_000 + i];
        if (seen.owner(Digest.of(bytes)).isPresent()) {
          owned.add(bytes);
        }
      }
      String path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", owned.get(0));
      assertThat(one.get(path).body()).isEqualTo(owned.get(0));
      assertThat(two.get(path).body()).isEqualTo(owned.get(0));
      assertThat(upstream.requests("GET", path)).hasSize(1);
      two.stop();
      String other = "/v2/feed/api/blobs/" + upstream.blob("feed/api", owned.get(1));
      assertThat(one.get(other).body()).isEqualTo(owned.get(1));
      assertThat(upstream.requests("GET", other)).hasSize(1);
    }
  }

  @Test
  void syncBringsNewImagesWithoutBeingAsked() throws Exception {
    String docker = "application/vnd.docker.distribution.manifest.v2+json";
    try (ScriptedUpstream upstream = new ScriptedUpstream()) {
      Digest layer = upstream.blob("feed/api", new byte[5000]);
      upstream.manifest(
          "feed/api", "latest", docker, "{\"layers\":[{\"digest\":\"" + layer + "\"}]}");
      try (TestProxy proxy =
          new TestProxy(
              directory.resolve("data"),
              upstream.url(),
              "sync: {every: 100ms, images: ['feed/api:latest']}\n")) {
        assertThat(proxy.get("/v2/").statusCode()).isEqualTo(200);
        String path = "/v2/feed/api/blobs/" + layer;
        while (upstream.requests("GET", path).isEmpty()) {
          Thread.onSpinWait();
        }
        Digest newer = upstream.blob("feed/api", new byte[6000]);
        upstream.manifest(
            "feed/api", "latest", docker, "{\"layers\":[{\"digest\":\"" + newer + "\"}]}");
        while (upstream.requests("GET", "/v2/feed/api/blobs/" + newer).isEmpty()) {
          Thread.onSpinWait();
        }
        assertThat(upstream.requests("GET", path)).hasSize(1);
        assertThat(upstream.requests("GET", "/v2/feed/api/manifests/latest"))
            .as("asked by HEAD, fetched when it moved")
            .hasSize(2);
      }
    }
  }
}
