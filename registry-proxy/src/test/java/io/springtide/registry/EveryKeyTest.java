package io.springtide.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.springtide.registry.config.ConfigException;
import io.springtide.registry.config.ConfigFile;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Each key that the configuration of a proxy or a peer may have is shown to do something. */
class EveryKeyTest {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /**
   * A key, and the story that shows what it does: were the key read and not heeded, the story would
   * fail.
   */
  private static final Map<String, String> SHOWN =
      Map.ofEntries(
          Map.entry("listen", "KeyEffectsTest#itListensWhereItIsTold"),
          Map.entry("dataDir", "OperationsTest#oneDataDirectoryServesOneProcess"),
          Map.entry("store.quota", "OperationsTest#aFullDiskMeansHandingOnWithoutStoring"),
          Map.entry(
              "store.highWater", "KeyEffectsTest#evictionBeginsAndEndsAtTheMarksThatItIsTold"),
          Map.entry("store.lowWater", "KeyEffectsTest#evictionBeginsAndEndsAtTheMarksThatItIsTold"),
          Map.entry("store.pin", "OperationsTest#theLeastRecentlyUsedGoesFirstAndPinsStay"),
          Map.entry("store.minFree", "KeyEffectsTest#whatOthersNeedOfTheDiskIsLeftToThem"),
          Map.entry(
              "store.scrubEvery", "KeyEffectsTest#aBlobThatRottedIsFoundAsOftenAndAsFastAsToldTo"),
          Map.entry(
              "store.scrubRate", "KeyEffectsTest#aBlobThatRottedIsFoundAsOftenAndAsFastAsToldTo"),
          Map.entry("upstreams.0.name", "KeyEffectsTest#anUpstreamIsMeantByTheNameThatItIsTold"),
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
          Map.entry(
              "upstreams.0.trustedRealms",
              "KeyEffectsTest#aTrustedTokenServerElsewhereGetsThePassword"),
          Map.entry(
              "tags.ttl",
              "manifest.ManifestPullTest#afterItsTtlATagIsAskedForByHeadAndFetchedOnlyIfItMoved"),
          Map.entry("tags.rules.0.match", "manifest.ManifestPullTest#aTagPatternHasItsOwnTtl"),
          Map.entry("tags.rules.0.ttl", "manifest.ManifestPullTest#aTagPatternHasItsOwnTtl"),
          Map.entry(
              "tags.maxStale",
              "manifest.ManifestPullTest#whileTheUpstreamFailsTheOldAnswerServesAndSaysThatItIsOld"),
          Map.entry(
              "recheckVisibility", "KeyEffectsTest#whetherABlobIsStillShownIsAskedAnewInTime"),
          Map.entry(
              "negativeTtl", "KeyEffectsTest#whatIsMissingIsAskedForAgainAfterTheNegativeTtl"),
          Map.entry("fills.running", "OperationsTest#missesWaitInABoundedQueue"),
          Map.entry("fills.queued", "OperationsTest#missesWaitInABoundedQueue"),
          Map.entry(
              "timeouts.stall",
              "KeyEffectsTest#anUpstreamThatIsSilentIsLeftAfterTheStallThatItIsTold"),
          Map.entry("timeouts.minRate", "KeyEffectsTest#anUpstreamMayBeAsSlowAsItIsTold"),
          Map.entry(
              "timeouts.connect",
              "KeyEffectsTest#aConnectionThatDoesNotOpenIsGivenUpAfterTheTimeThatItIsTold"),
          Map.entry("tls.certificateFile", "OperationsTest#overTlsTheSameBytesArrive"),
          Map.entry("tls.keyFile", "OperationsTest#overTlsTheSameBytesArrive"),
          Map.entry("clients.users.0.name", "OperationsTest#usersReadTheirRepositoriesOnly"),
          Map.entry("clients.users.0.secretFile", "OperationsTest#usersReadTheirRepositoriesOnly"),
          Map.entry(
              "clients.users.0.repositories", "OperationsTest#usersReadTheirRepositoriesOnly"),
          Map.entry("clients.bytesPerSecond", "OperationsTest#aRateHoldsAClientBack"),
          Map.entry("clients.requestsPerSecond", "KeyEffectsTest#aRateOfRequestsHoldsAClientBack"),
          Map.entry(
              "adminTokenFile", "answer.AdminTest#purgeWarmAndNotificationsNeedTheAdminToken"),
          Map.entry("sync.every", "KeyEffectsTest#syncAsksAsOftenAsItIsTold"),
          Map.entry("sync.images", "member.ClusterTest#syncBringsNewImagesWithoutBeingAsked"),
          Map.entry(
              "cluster.self",
              "KeyEffectsTest#aProxyKnowsItselfAmongTheMembersByTheAddressThatItIsTold"),
          Map.entry(
              "cluster.members",
              "member.ClusterTest#twoProxiesFetchABlobOnceBetweenThemAndEitherAloneStillServes"),
          Map.entry("cluster.consul.address", "KeyEffectsTest#consulIsAskedForTheService"),
          Map.entry("cluster.consul.service", "KeyEffectsTest#consulIsAskedForTheService"),
          Map.entry(
              "swarm.minHosts", "peer.SwarmKeysTest#withFewerHostsThanToldEverybodyPullsStraight"),
          Map.entry("swarm.minBlob", "peer.SwarmKeysTest#blobsSmallerThanToldComeWithoutASwarm"),
          Map.entry("swarm.silence", "peer.SwarmKeysTest#whoIsSilentForLongerThanToldHasLeft"),
          Map.entry("swarm.uploads", "peer.SwarmKeysTest#theProxySendsSoManyPiecesAtATime"),
          Map.entry(
              "peer.proxy",
              "peer.SwarmKeysTest#aPeerAsksTheProxyThatItIsToldAsTheUserThatItIsTold"),
          Map.entry("peer.listen", "peer.SwarmKeysTest#aPeersDoorIsWhereItIsTold"),
          Map.entry(
              "peer.username",
              "peer.SwarmKeysTest#aPeerAsksTheProxyThatItIsToldAsTheUserThatItIsTold"),
          Map.entry(
              "peer.passwordFile",
              "peer.SwarmKeysTest#aPeerAsksTheProxyThatItIsToldAsTheUserThatItIsTold"),
          Map.entry("peer.host", "peer.SwarmKeysTest#othersReachAPeerUnderTheNameThatItIsTold"),
          Map.entry(
              "peer.zone", "peer.SwarmKeysTest#aPeersNeighboursAreThoseInThePlaceThatItIsTold"),
          Map.entry(
              "peer.rack", "peer.SwarmKeysTest#aPeersNeighboursAreThoseInThePlaceThatItIsTold"),
          Map.entry(
              "peer.switch", "peer.SwarmKeysTest#aPeersNeighboursAreThoseInThePlaceThatItIsTold"),
          Map.entry("peer.uploads", "peer.SwarmKeysTest#aPeerSendsSoManyPiecesAtATime"),
          Map.entry("peer.uploadRate", "peer.SwarmKeysTest#aPeerSendsPiecesAsFastAsItIsTold"));

  @TempDir private Path directory;

  @Test
  void eachKeyIsShown() throws Exception {
    String head = "{listen: \"127.0.0.1:0\", dataDir: /d, ";
    ObjectNode proxy =
        tree(
            head
                + "upstreams: [{name: up, url: \"http://u\"}], tags: {rules: [{match: v1}]},"
                + " tls: {certificateFile: /c, keyFile: /k}, clients: {users: [{name: a,"
                + " secretFile: %s}]}, cluster: {self: \"http://s\", consul: {address:"
                    .formatted(Files.writeString(directory.resolve("a"), "b"))
                + " \"http://c\"}}}");
    ObjectNode peer = tree(head + "peer: {proxy: \"http://p\", listen: \"127.0.0.1:0\"}}");
    // A peer is refused what it has no use for, and needs no other key than a proxy beside its own.
    Set<String> known = keys(proxy, "");
    known.remove("peer");
    known.addAll(keys(peer, "peer"));
    assertThat(SHOWN.keySet()).isEqualTo(known);
  }

  @TestFactory
  Stream<DynamicTest> theStoriesAreThereAndTellTheirKeys() {
    return SHOWN.entrySet().stream()
        .map(
            told ->
                DynamicTest.dynamicTest(
                    told.getKey(),
                    () -> {
                      String[] story = told.getValue().split("#", 2);
                      Class<?> in = Class.forName("io.springtide.registry." + story[0]);
                      assertThat(in.getDeclaredMethods())
                          .filteredOn(method -> method.getAnnotations().length > 0)
                          .extracting(Method::getName)
                          .contains(story[1]);
                      String key = told.getKey().replaceFirst(".*\\.", "") + ": ";
                      assertThat(source(in)).contains(key);
                    }));
  }

  private static String source(Class<?> type) throws IOException {
    return Files.readString(Path.of("src/test/java", type.getName().replace('.', '/') + ".java"));
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
