package io.springtide.registry.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.ScriptedUpstream;
import io.springtide.registry.TestProxy;
import io.springtide.registry.store.Digest;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Peers and their proxy, all of it real but the registry behind it. */
class SwarmPullTest {
  private static final int PIECE = 256 << 10;
  private static final int HOSTS = 8;

  @TempDir Path directory;
  private final byte[] bytes = new byte[24 * PIECE + 12_345];
  private ScriptedUpstream upstream;
  private Digest digest;
  private String path;

  @BeforeEach
  void registry() throws IOException {
    new Random(1).nextBytes(bytes);
    upstream = new ScriptedUpstream();
    digest = upstream.blob("feed/api", bytes);
    path = "/v2/feed/api/blobs/" + digest;
  }

  @AfterEach
  void close() throws IOException {
    upstream.close();
  }

  /** The next answer stops after {@code count} bytes until {@code hold} opens. */
  private void holdAfter(int count, CountDownLatch hold) {
    upstream.script(
        path,
        (request, out) -> {
          out.write(ScriptedUpstream.head(200, "Content-Length: " + bytes.length));
          out.write(bytes, 0, count);
          out.flush();
          hold.await();
          out.write(bytes, count, bytes.length - count);
        });
  }

  @Test
  void eightHostsCostTheProxyAtMostThreeCopiesAndTheUpstreamOne() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 3)) {
      swarm.peers(HOSTS);
      swarm.awaitHosts(HOSTS);
      TestSwarm.assertAllRight(swarm.pullAll(path, peer -> true), bytes);
      assertThat(upstream.requests("GET", path)).hasSize(1);
      assertThat(swarm.sentByProxy()).isBetween((long) bytes.length, 3L * bytes.length);
      assertThat(swarm.fromPeers()).isGreaterThanOrEqualTo(5L * bytes.length);
      assertThat(swarm.peers).allMatch(peer -> peer.peer().counters().straight() == 0);
      assertThat(swarm.peers).allMatch(peer -> peer.peer().counters().lies() == 0);
    }
  }

  @Test
  void piecesFlowWhileTheProxyItselfStillFillsAndClientsStream() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    holdAfter(10 * PIECE + 1000, hold);
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 3)) {
      swarm.peers(4);
      swarm.awaitHosts(4);
      List<InputStream> bodies = new ArrayList<>();
      for (TestProxy peer : swarm.peers) {
        bodies.add(
            peer.client.send(peer.request("GET", path), BodyHandlers.ofInputStream()).body());
      }
      for (InputStream body : bodies) {
        assertThat(body.readNBytes(9 * PIECE)).isEqualTo(java.util.Arrays.copyOf(bytes, 9 * PIECE));
      }
      hold.countDown();
      for (InputStream body : bodies) {
        assertThat(body.readAllBytes()).hasSize(bytes.length - 9 * PIECE);
      }
      assertThat(swarm.fromPeers()).isPositive();
    }
  }

  @Test
  void belowTheThresholdEveryHostPullsStraightAndStillTheUpstreamIsAskedOnce() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 5)) {
      swarm.peers(2);
      swarm.awaitHosts(2);
      TestSwarm.assertAllRight(swarm.pullAll(path, peer -> true), bytes);
      assertThat(swarm.fromPeers()).isZero();
      assertThat(swarm.peers).allMatch(peer -> peer.peer().counters().straight() == 1);
      assertThat(upstream.requests("GET", path)).hasSize(1);
    }
  }

  @Test
  void sizesAtTheEdgesArriveWhole() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 3)) {
      swarm.peers(3);
      swarm.awaitHosts(3);
      for (int size : new int[] {0, 1, 8 * PIECE, 8 * PIECE + 1, 8 * PIECE - 1}) {
        byte[] some = new byte[size];
        new Random(size).nextBytes(some);
        Digest name = upstream.blob("feed/api", some);
        TestSwarm.assertAllRight(swarm.pullAll("/v2/feed/api/blobs/" + name, peer -> true), some);
      }
      assertThat(swarm.fromPeers()).isPositive();
    }
  }

  @Test
  void aPeerThatLiesIsFoundOutByTheFirstPieceAndBannedByTheProxy() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 3)) {
      TestProxy liar = swarm.peer("");
      swarm.peers(HOSTS);
      swarm.awaitHosts(HOSTS + 1);
      TestSwarm.assertAllRight(List.of(swarm.pull(liar, path)), bytes);
      TestSwarm.await("the blob in the liar's store", () -> corrupt(directory.resolve("peer0")));
      // The proxy has to hear that the liar has it, else nobody asks it.
      awaitReports(liar);
      TestSwarm.assertAllRight(swarm.pullAll(path, peer -> peer != liar), bytes);
      long lies = swarm.peers.stream().mapToLong(peer -> peer.peer().counters().lies()).sum();
      assertThat(lies).isPositive();
      if (lies > 1) {
        TestSwarm.await(
            "the ban",
            () -> {
              try {
                return swarm.proxy().metrics().contains("springtide_registry_swarm_banned 1.0");
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
      }
    }
  }

  /** Two reports pass, so one that began after now was heard. */
  private static void awaitReports(TestProxy peer) {
    int before = peer.peer().reports();
    TestSwarm.await("two reports", () -> peer.peer().reports() >= before + 2);
  }

  /** Whether there was anything to corrupt. */
  private static boolean corrupt(Path store) {
    try (var files = Files.walk(store.resolve("blobs"))) {
      List<Path> blobs = files.filter(Files::isRegularFile).toList();
      for (Path file : blobs) {
        byte[] content = Files.readAllBytes(file);
        for (int i = 0; i < content.length; i += 1000) {
          content[i] ^= 1;
        }
        Files.write(file, content);
      }
      return !blobs.isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aPeerThatDiesMidwayAndAStalledOneHoldNobodyUp() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    holdAfter(12 * PIECE, hold);
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 3)) {
      TestProxy dying = swarm.peer("");
      TestProxy stalled = swarm.peer(", uploads: 1, uploadRate: 1KiB");
      swarm.peers(HOSTS - 2);
      swarm.awaitHosts(HOSTS);
      var survivors = swarm.pullAll(path, peer -> peer != dying);
      var cut = swarm.pull(dying, path);
      TestSwarm.await(
          "pieces at the dying one",
          () ->
              dying.peer().counters().bytesFromPeers() + dying.peer().counters().bytesFromProxy()
                  >= 4 * PIECE);
      dying.stop();
      hold.countDown();
      TestSwarm.assertAllRight(survivors, bytes);
      assertThat(cut)
          .failsWithin(Patience.limit())
          .withThrowableThat()
          .isInstanceOf(ExecutionException.class);
      assertThat(stalled.peer().counters().bytesToPeers()).isLessThan(bytes.length);
    }
  }

  @Test
  void aProxyThatRestartsMidwayKnowsEverythingAgainFromTheAnnouncements() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    holdAfter(12 * PIECE, hold);
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 3)) {
      swarm.peers(HOSTS);
      swarm.awaitHosts(HOSTS);
      var pulls = swarm.pullAll(path, peer -> true);
      TestSwarm.await("eleven pieces at all", () -> allHave(swarm, 11L * PIECE));
      swarm.killProxy();
      hold.countDown();
      swarm.restartProxy();
      TestSwarm.assertAllRight(pulls, bytes);
      assertThat(swarm.sentByProxy()).isLessThanOrEqualTo(3L * bytes.length);
    }
  }

  private static boolean allHave(TestSwarm swarm, long count) {
    return swarm.peers.stream()
        .allMatch(
            peer ->
                peer.peer().counters().bytesFromPeers() + peer.peer().counters().bytesFromProxy()
                    >= count);
  }

  @Test
  void aClientThatLeavesEndsNothing() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 3)) {
      swarm.peers(3);
      swarm.awaitHosts(3);
      TestProxy peer = swarm.peers.get(0);
      CompletableFuture<HttpResponse<InputStream>> leaving =
          peer.client.sendAsync(peer.request("GET", path), BodyHandlers.ofInputStream());
      try (InputStream body = leaving.join().body()) {
        assertThat(body.readNBytes(1000)).hasSize(1000);
      }
      TestSwarm.await(
          "the rest of it",
          () ->
              peer.peer().counters().bytesFromPeers() + peer.peer().counters().bytesFromProxy()
                  >= bytes.length);
      TestSwarm.assertAllRight(swarm.pullAll(path, other -> true), bytes);
    }
  }

  @Test
  void oneWhoComesLateGetsItFromTheOthersAlone() throws Exception {
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 3)) {
      swarm.peers(4);
      swarm.awaitHosts(4);
      TestSwarm.assertAllRight(swarm.pullAll(path, peer -> true), bytes);
      swarm.peers.forEach(SwarmPullTest::awaitReports);
      long before = swarm.sentByProxy();
      TestProxy late = swarm.peer("");
      swarm.awaitHosts(5);
      TestSwarm.assertAllRight(List.of(swarm.pull(late, path)), bytes);
      assertThat(late.peer().counters().bytesFromPeers()).isPositive();
      assertThat(swarm.sentByProxy() - before).isLessThan(2L * bytes.length);
    }
  }

  @Test
  void wrongBytesFromTheRegistryAreAWholeAnswerNowhere() throws Exception {
    byte[] wrong = bytes.clone();
    wrong[wrong.length - 1] ^= 1;
    upstream.blob("feed/api", wrong, digest);
    try (TestSwarm swarm = new TestSwarm(directory, upstream, 3)) {
      swarm.peers(3);
      swarm.awaitHosts(3);
      var pulls = swarm.pullAll(path, peer -> true);
      TestSwarm.await(
          "everybody to leave the swarm",
          () -> swarm.peers.stream().allMatch(peer -> peer.peer().counters().straight() > 0));
      swarm.peers.forEach(TestProxy::stop);
      for (var pull : pulls) {
        assertThat(pull)
            .failsWithin(Patience.limit())
            .withThrowableThat()
            .withCauseInstanceOf(IOException.class);
      }
    }
  }
}
