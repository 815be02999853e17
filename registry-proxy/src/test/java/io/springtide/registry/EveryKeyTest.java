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
import java.util.HashMap;
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
   * Stories, and the keys of which each shows what they do: were a key read and not heeded, its
   * story would fail.
   */
  private static final Map<String, String> SHOWN =
      byKey(
          """
          KeyEffectsTest#itListensWhereItIsTold: listen
          OperationsTest#oneDataDirectoryServesOneProcess: dataDir
          OperationsTest#aFullDiskMeansHandingOnWithoutStoring: store.quota
          KeyEffectsTest#evictionBeginsAndEndsAtTheMarksThatItIsTold: store.highWater store.lowWater
          OperationsTest#theLeastRecentlyUsedGoesFirstAndPinsStay: store.pin
          KeyEffectsTest#whatOthersNeedOfTheDiskIsLeftToThem: store.minFree
          KeyEffectsTest#aBlobThatRottedIsFoundAsOftenAndAsFastAsToldTo: store.scrubEvery store.scrubRate
          KeyEffectsTest#anUpstreamIsMeantByTheNameThatItIsTold: upstreams.0.name
          OperationsTest#severalUpstreamsByPrefixAndByNamespace: upstreams.0.url upstreams.0.namespaces upstreams.0.prefix upstreams.0.default upstreams.0.library
          upstream.AuthorizationTest#basicAuthenticationIsAnsweredWhenAskedFor: upstreams.0.username upstreams.0.passwordFile
          KeyEffectsTest#aTrustedTokenServerElsewhereGetsThePassword: upstreams.0.trustedRealms
          manifest.ManifestPullTest#afterItsTtlATagIsAskedForByHeadAndFetchedOnlyIfItMoved: tags.ttl
          manifest.ManifestPullTest#aTagPatternHasItsOwnTtl: tags.rules.0.match tags.rules.0.ttl
          manifest.ManifestPullTest#whileTheUpstreamFailsTheOldAnswerServesAndSaysThatItIsOld: tags.maxStale
          KeyEffectsTest#whetherABlobIsStillShownIsAskedAnewInTime: recheckVisibility
          KeyEffectsTest#whatIsMissingIsAskedForAgainAfterTheNegativeTtl: negativeTtl
          OperationsTest#missesWaitInABoundedQueue: fills.running fills.queued
          KeyEffectsTest#anUpstreamThatIsSilentIsLeftAfterTheStallThatItIsTold: timeouts.stall
          KeyEffectsTest#anUpstreamMayBeAsSlowAsItIsTold: timeouts.minRate
          KeyEffectsTest#aConnectionThatDoesNotOpenIsGivenUpAfterTheTimeThatItIsTold: timeouts.connect
          OperationsTest#overTlsTheSameBytesArrive: tls.certificateFile tls.keyFile
          OperationsTest#usersReadTheirRepositoriesOnly: clients.users.0.name clients.users.0.secretFile clients.users.0.repositories
          OperationsTest#aRateHoldsAClientBack: clients.bytesPerSecond
          KeyEffectsTest#aRateOfRequestsHoldsAClientBack: clients.requestsPerSecond
          answer.AdminTest#purgeWarmAndNotificationsNeedTheAdminToken: adminTokenFile
          KeyEffectsTest#syncAsksAsOftenAsItIsTold: sync.every
          member.ClusterTest#syncBringsNewImagesWithoutBeingAsked: sync.images
          KeyEffectsTest#aProxyKnowsItselfAmongTheMembersByTheAddressThatItIsTold: cluster.self
          member.ClusterTest#twoProxiesFetchABlobOnceBetweenThemAndEitherAloneStillServes: cluster.members
          KeyEffectsTest#consulIsAskedForTheService: cluster.consul.address cluster.consul.service
          peer.SwarmKeysTest#withFewerHostsThanToldEverybodyPullsStraight: swarm.minHosts
          peer.SwarmKeysTest#blobsSmallerThanToldComeWithoutASwarm: swarm.minBlob
          peer.SwarmKeysTest#whoIsSilentForLongerThanToldHasLeft: swarm.silence
          peer.SwarmKeysTest#theProxySendsSoManyPiecesAtATime: swarm.uploads
          peer.SwarmKeysTest#aPeerAsksTheProxyThatItIsToldAsTheUserThatItIsTold: peer.proxy peer.username peer.passwordFile
          peer.SwarmKeysTest#aPeersDoorIsWhereItIsTold: peer.listen
          peer.SwarmKeysTest#othersReachAPeerUnderTheNameThatItIsTold: peer.host
          peer.SwarmKeysTest#aPeersNeighboursAreThoseInThePlaceThatItIsTold: peer.zone peer.rack peer.switch
          peer.SwarmKeysTest#aPeerSendsSoManyPiecesAtATime: peer.uploads
          peer.SwarmKeysTest#aPeerSendsPiecesAsFastAsItIsTold: peer.uploadRate
          """);

  private static Map<String, String> byKey(String stories) {
    Map<String, String> byKey = new HashMap<>();
    for (String line : stories.lines().toList()) {
      String[] parts = line.split(": ", 2);
      for (String key : parts[1].split(" ")) {
        assertThat(byKey.put(key, parts[0])).as(key).isNull();
      }
    }
    return byKey;
  }

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
