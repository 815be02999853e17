package io.springtide.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.springtide.registry.config.ConfigException;
import io.springtide.registry.config.ConfigFile;
import io.springtide.registry.store.Digest;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each key that the configuration of a proxy or a peer may have is in a list: those that stories
 * elsewhere show with the story, those that are shown here, and what no test shows yet.
 */
class EveryKeyTest extends ProxyStory {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** A key, and the story that is told with it: its class tells the proxy that key. */
  private static final Map<String, String> TOLD_ELSEWHERE =
      Map.ofEntries(
          Map.entry("listen", "TestProxy"),
          Map.entry("dataDir", "OperationsTest#oneDataDirectoryServesOneProcess"),
          Map.entry("store.quota", "OperationsTest#aFullDiskMeansHandingOnWithoutStoring"),
          Map.entry("store.highWater", "OperationsTest#theLeastRecentlyUsedGoesFirstAndPinsStay"),
          Map.entry("store.lowWater", "OperationsTest#theLeastRecentlyUsedGoesFirstAndPinsStay"),
          Map.entry("store.pin", "OperationsTest#theLeastRecentlyUsedGoesFirstAndPinsStay"),
          Map.entry("upstreams.0.name", "OperationsTest#severalUpstreamsByPrefixAndByNamespace"),
          Map.entry("upstreams.0.url", "OperationsTest#severalUpstreamsByPrefixAndByNamespace"),
          Map.entry(
              "upstreams.0.namespaces", "OperationsTest#severalUpstreamsByPrefixAndByNamespace"),
          Map.entry("upstreams.0.prefix", "OperationsTest#severalUpstreamsByPrefixAndByNamespace"),
          Map.entry("upstreams.0.default", "OperationsTest#severalUpstreamsByPrefixAndByNamespace"),
          Map.entry("upstreams.0.library", "OperationsTest#severalUpstreamsByPrefixAndByNamespace"),
          Map.entry(
              "upstreams.0.username",
              "upstream.AuthorizationTest#basicAuthenticationIsAnsweredWhenAskedFor"),
          Map.entry(
              "upstreams.0.passwordFile",
              "upstream.AuthorizationTest#basicAuthenticationIsAnsweredWhenAskedFor"),
          Map.entry("tags.ttl", "manifest.ManifestPullTest#aTagPatternHasItsOwnTtl"),
          Map.entry("tags.rules.0.match", "manifest.ManifestPullTest#aTagPatternHasItsOwnTtl"),
          Map.entry("tags.rules.0.ttl", "manifest.ManifestPullTest#aTagPatternHasItsOwnTtl"),
          Map.entry(
              "tags.maxStale",
              "manifest.ManifestPullTest#whileTheUpstreamFailsTheOldAnswerServesAndSaysThatItIsOld"),
          Map.entry("fills.running", "OperationsTest#missesWaitInABoundedQueue"),
          Map.entry("fills.queued", "OperationsTest#missesWaitInABoundedQueue"),
          Map.entry(
              "timeouts.stall", "DripTest#anUpstreamThatDripsIsLeftAndTheBlobContinuedByRange"),
          Map.entry(
              "timeouts.minRate", "DripTest#anUpstreamThatDripsIsLeftAndTheBlobContinuedByRange"),
          Map.entry("tls.certificateFile", "OperationsTest#overTlsTheSameBytesArrive"),
          Map.entry("tls.keyFile", "OperationsTest#overTlsTheSameBytesArrive"),
          Map.entry("clients.users.0.name", "OperationsTest#usersReadTheirRepositoriesOnly"),
          Map.entry("clients.users.0.secretFile", "OperationsTest#usersReadTheirRepositoriesOnly"),
          Map.entry(
              "clients.users.0.repositories", "OperationsTest#usersReadTheirRepositoriesOnly"),
          Map.entry("clients.bytesPerSecond", "OperationsTest#aRateHoldsAClientBack"),
          Map.entry(
              "adminTokenFile", "answer.AdminTest#purgeWarmAndNotificationsNeedTheAdminToken"),
          Map.entry("sync.every", "member.ClusterTest#syncBringsNewImagesWithoutBeingAsked"),
          Map.entry("sync.images", "member.ClusterTest#syncBringsNewImagesWithoutBeingAsked"),
          Map.entry(
              "cluster.self",
              "member.ClusterTest#twoProxiesFetchABlobOnceBetweenThemAndEitherAloneStillServes"),
          Map.entry(
              "cluster.members",
              "member.ClusterTest#twoProxiesFetchABlobOnceBetweenThemAndEitherAloneStillServes"),
          Map.entry("peer.proxy", "peer.TestSwarm"),
          Map.entry("swarm.minHosts", "peer.TestSwarm"),
          Map.entry("peer.listen", "peer.TestSwarm"));

  /** What only many hosts, or a broken disk or network, would show. */
  private static final Set<String> NOT_SHOWN_YET =
      Set.of(
          "store.minFree",
          "timeouts.connect",
          "swarm.minBlob",
          "swarm.uploads",
          "swarm.silence",
          "peer.username",
          "peer.passwordFile",
          "peer.host",
          "peer.zone",
          "peer.rack",
          "peer.switch",
          "peer.uploads",
          "peer.uploadRate");

  /** Shown below. */
  private static final Set<String> SHOWN_HERE =
      Set.of(
          "negativeTtl",
          "recheckVisibility",
          "clients.requestsPerSecond",
          "store.scrubEvery",
          "store.scrubRate",
          "upstreams.0.trustedRealms",
          "cluster.consul.address",
          "cluster.consul.service");

  private final byte[] layer = "some layer".getBytes(UTF_8);

  @Test
  void eachKeyIsInOneOfTheLists() throws Exception {
    String head = "{listen: \"127.0.0.1:0\", dataDir: /d, ";
    ObjectNode proxy =
        tree(
            head
                + "upstreams: [{name: up, url: \"http://u\"}], tags: {rules: [{match: v1}]},"
                + " tls: {certificateFile: /c, keyFile: /k}, clients: {users: [{name: a,"
                + " secretFile: %s}]}, cluster: {self: \"http://s\", consul: {address:"
                    .formatted(secret("a", "b"))
                + " \"http://c\"}}}");
    ObjectNode peer = tree(head + "peer: {proxy: \"http://p\", listen: \"127.0.0.1:0\"}}");
    // A peer is refused what it has no use for, and needs no other key than a proxy beside its own.
    Set<String> known = keys(proxy, "");
    known.remove("peer");
    known.addAll(keys(peer, "peer"));
    Set<String> listed = new TreeSet<>(TOLD_ELSEWHERE.keySet());
    listed.addAll(SHOWN_HERE);
    listed.addAll(NOT_SHOWN_YET);
    assertThat(listed).isEqualTo(known);
  }

  @TestFactory
  Stream<DynamicTest> theStoriesElsewhereAreThereAndTellTheirKeys() {
    return TOLD_ELSEWHERE.entrySet().stream()
        .map(
            told ->
                DynamicTest.dynamicTest(
                    told.getKey(),
                    () -> {
                      String[] story = told.getValue().split("#", 2);
                      Class<?> in = Class.forName("io.springtide.registry." + story[0]);
                      if (story.length > 1) {
                        assertThat(in.getDeclaredMethod(story[1]).getAnnotations()).isNotEmpty();
                      }
                      String key = told.getKey().replaceFirst(".*\\.", "") + ": ";
                      assertThat(source(in)).contains(key);
                    }));
  }

  private static String source(Class<?> type) throws IOException {
    return Files.readString(Path.of("src/test/java", type.getName().replace('.', '/') + ".java"));
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
    TestProxy often = told("often", "store: {scrubEvery: 1s}\n");
    TestProxy seldom = told("seldom", "");
    TestProxy slow = told("slow", "store: {scrubEvery: 1s, scrubRate: 1B}\n");
    for (TestProxy proxy : List.of(seldom, slow, often)) {
      assertThat(proxy.get("/v2/feed/api/blobs/" + Digest.of(layer)).body()).isEqualTo(layer);
    }
    Path rotten = rot("often");
    Path slowly = rot("slow");
    Path unseen = rot("seldom");
    await(() -> !Files.exists(rotten));
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

  private static ObjectNode tree(String yaml) throws IOException {
    return (ObjectNode) YAML.readTree(yaml);
  }

  /** All keys at or below {@code path}, as the parser says them when it refuses another one. */
  private static Set<String> keys(ObjectNode config, String path) throws IOException {
    Set<String> keys = new TreeSet<>();
    for (String key : allowed(config, path)) {
      String at = path.isEmpty() ? key : path + "." + key;
      Set<String> below = keys(config, at);
      if (below.isEmpty()) {
        below = keys(config, at + ".0");
      }
      keys.addAll(below.isEmpty() ? Set.of(at) : below);
    }
    return keys;
  }

  private static List<String> allowed(ObjectNode config, String path) throws IOException {
    ObjectNode asked = config.deepCopy();
    JsonNode at = asked;
    for (String step : path.isEmpty() ? new String[0] : path.split("\\.")) {
      JsonNode next = step.equals("0") ? at.path(0) : at.path(step);
      if (next.isMissingNode() && at instanceof ObjectNode object) {
        next = object.putObject(step);
      }
      at = next;
    }
    if (!(at instanceof ObjectNode object)) {
      return List.of();
    }
    object.put("zzz", 1);
    try {
      ConfigFile.parse(YAML.writeValueAsString(asked));
      return List.of();
    } catch (ConfigException e) {
      String full = (path.isEmpty() ? "" : path.replace(".0", "[0]") + ".") + "zzz";
      String said = e.getMessage();
      return said.startsWith(full + " is not a key")
          ? List.of(said.substring(said.indexOf("Allowed are: ") + 13).split(", "))
          : List.of();
    }
  }
}
