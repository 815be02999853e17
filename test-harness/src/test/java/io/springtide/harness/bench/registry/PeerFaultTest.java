package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.Needs;
import io.springtide.harness.Opened;
import io.springtide.harness.bench.registry.Faults.Hold;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every client through the peer of its host, while a neighbour of that peer is of no good. */
class PeerFaultTest {
  private static final String FROM_PEERS = "springtide_registry_peer_bytes_from_peers_total";
  private static final String FROM_PROXY = "springtide_registry_peer_bytes_from_proxy_total";
  private static final String TO_PEERS = "springtide_registry_peer_bytes_to_peers_total";
  private static final String LIES = "springtide_registry_peer_lies_total";
  private static final int MIDWAY = 400_000;
  private static final long PIECE = 256 << 10;

  @TempDir static Path directory;
  private static final Opened opened = new Opened();
  private static Stage stage;

  /** Between the proxy and the peer through which the clients pull. */
  private static FaultRelay relay;

  private static PeerProcess peer;
  private static Clients clients;

  @BeforeAll
  static void open() throws Exception {
    Needs.dockerRegistry();
    Needs.imageClients();
    stage = opened.add(Stage.seeded(directory, "swarm: {minHosts: 1, minBlob: 1MiB}\n"));
    relay = opened.add(new FaultRelay(stage.port()));
    peer = opened.add(PeerProcess.start(directory.resolve("peer"), relay.port(), ""));
    clients = opened.add(Clients.start(directory, peer.port()));
  }

  @AfterAll
  static void close() throws Exception {
    opened.close();
  }

  @AfterEach
  void heal() {
    relay.heal();
  }

  private static Pulls pulls(String fault) throws Exception {
    return Pulls.of(clients.all(), stage, fault, "1.0");
  }

  /** Another peer, which has the big layers. {@code more}: further keys of its configuration. */
  private static PeerProcess neighbour(Pulls pulls, String more) throws Exception {
    Path data = Files.createTempDirectory(directory, "neighbour");
    PeerProcess neighbour = PeerProcess.start(data, stage.port(), more);
    try {
      for (LayeredImage image : pulls.images()) {
        Get.body(neighbour.port(), image.bigLayerPath());
      }
      return neighbour;
    } catch (IOException | InterruptedException | AssertionError e) {
      neighbour.close();
      throw e;
    }
  }

  /** The proxy gives the peer no pieces until then: they come from the neighbour, or not at all. */
  private static Hold withoutTheProxy() {
    Hold hold = new Hold(1);
    relay.always(path -> path.startsWith("/swarm/piece/"), Faults.later(hold));
    return hold;
  }

  @Test
  void theNeighbourGivesWhatItHas() throws Exception {
    Pulls pulls = pulls("given");
    Hold hold = withoutTheProxy();
    try (PeerProcess neighbour = neighbour(pulls, "")) {
      long before = peer.metric(FROM_PEERS);
      pulls.pullWhole();
      assertThat(neighbour.metric(TO_PEERS)).isGreaterThanOrEqualTo(pulls.bigLayers());
      assertThat(peer.metric(FROM_PEERS)).isEqualTo(before + pulls.bigLayers());
    } finally {
      hold.release();
    }
  }

  @Test
  void theNeighbourLies() throws Exception {
    Pulls pulls = pulls("lies");
    Hold hold = withoutTheProxy();
    try (PeerProcess liar = neighbour(pulls, "")) {
      liar.corrupt();
      long before = peer.metric(LIES);
      pulls.begin();
      peer.await(LIES, before + 1);
      hold.release();
      pulls.assertWhole();
      assertThat(liar.metric(TO_PEERS)).isPositive();
    } finally {
      hold.release();
    }
  }

  @Test
  void theNeighbourIsKilledWhileItGives() throws Exception {
    Pulls pulls = pulls("dies");
    Hold hold = withoutTheProxy();
    try (PeerProcess dying = neighbour(pulls, ", uploadRate: 256KiB")) {
      long before = peer.metric(FROM_PEERS);
      pulls.begin();
      peer.await(FROM_PEERS, before + 1);
      dying.kill();
      hold.release();
      pulls.assertWhole();
      assertThat(peer.metric(FROM_PEERS)).isLessThan(before + pulls.bigLayers());
    } finally {
      hold.release();
    }
  }

  @Test
  void theProxyIsKilledMidwayAndComesBack() throws Exception {
    Pulls pulls = pulls("proxy");
    pulls.bringSmallBlobs(peer.port());
    Hold hold = new Hold(pulls.count());
    for (LayeredImage image : pulls.images()) {
      stage.relay().script(image.bigLayerPath()::equals, Faults.cutAfter(MIDWAY, hold));
    }
    long before = peer.metric(FROM_PROXY);
    pulls.begin();
    assertThat(hold.await()).isTrue();
    peer.await(FROM_PROXY, before + pulls.count() * PIECE); // one piece of each layer
    stage.killProxy();
    hold.release();
    stage.startProxy();
    pulls.assertWhole();
  }

  @Test
  void theProxyIsDownButThePeerHasEverything() throws Exception {
    Pulls pulls = pulls("warm");
    pulls.pullWhole();
    pulls.forget();
    stage.killProxy();
    try {
      pulls.pullWhole();
    } finally {
      stage.startProxy();
    }
  }
}
