package io.springtide.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.store.Digest;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several proxies behind one name: who fetches what, and what happens when one of them is not
 * there.
 */
class ClusterTest {
  @TempDir Path directory;

  private static List<URI> uris(int count) {
    List<URI> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(URI.create("http://10.0.0." + i + ":5000"));
    }
    return all;
  }

  private static Digest digest(int i) {
    return Digest.of(new byte[] {(byte) i, (byte) (i >> 8)});
  }

  @Test
  void allMembersAgreeOnTheOwnerAndTheLoadIsEven() {
    List<URI> all = uris(4);
    Map<URI, Integer> owned = new HashMap<>();
    for (int i = 0; i < 4000; i++) {
      Digest digest = digest(i);
      URI owner = new Members(all.get(0), all, Clock.systemUTC()).owner(digest).orElse(all.get(0));
      for (URI self : all) {
        assertThat(new Members(self, all, Clock.systemUTC()).owner(digest).orElse(self))
            .isEqualTo(owner);
      }
      owned.merge(owner, 1, Integer::sum);
    }
    assertThat(owned.values()).allSatisfy(count -> assertThat(count).isBetween(800, 1200));
  }

  @Test
  void whenOneLeavesOnlyItsShareMoves() {
    List<URI> all = uris(5);
    Members before = new Members(all.get(0), all, Clock.systemUTC());
    Members after = new Members(all.get(0), all.subList(0, 4), Clock.systemUTC());
    for (int i = 0; i < 1000; i++) {
      Optional<URI> owner = before.owner(digest(i));
      if (!owner.equals(Optional.of(all.get(4)))) {
        assertThat(after.owner(digest(i))).isEqualTo(owner);
      }
    }
  }

  @Test
  void aMemberThatFailedIsAvoidedForAWhile() {
    List<URI> all = uris(2);
    TestProxy.HandClock clock = new TestProxy.HandClock();
    Members members = new Members(all.get(0), all, clock);
    int i = 0;
    while (members.owner(digest(i)).isEmpty()) {
      i++;
    }
    members.failed(all.get(1));
    assertThat(members.owner(digest(i))).isEmpty();
    clock.pass(java.time.Duration.ofSeconds(31));
    assertThat(members.owner(digest(i))).contains(all.get(1));
  }

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
