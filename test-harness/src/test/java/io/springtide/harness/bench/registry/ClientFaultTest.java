package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.Needs;
import io.springtide.harness.Opened;
import io.springtide.harness.bench.registry.FaultRelay.Fault;
import io.springtide.harness.bench.registry.Faults.Hold;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every client through every fault that an image can come through. */
class ClientFaultTest {
  private static final int MIDWAY = 400_000;

  /** It asks again for what {@code moving} means, each time, and not for any other tag. */
  private static final String KEEPS_TAGS = "tags: {ttl: 1h, rules: [{match: moving, ttl: 0s}]}\n";

  @TempDir static Path directory;
  private static final Opened opened = new Opened();
  private static Stage stage;
  private static Clients clients;

  @BeforeAll
  static void open() throws Exception {
    Needs.dockerRegistry();
    Needs.imageClients();
    stage = opened.add(Stage.seeded(directory, KEEPS_TAGS));
    clients = opened.add(Clients.start(directory, stage.port()));
  }

  @AfterAll
  static void close() throws Exception {
    opened.close();
  }

  @AfterEach
  void everyFaultHappened() {
    boolean all = stage.relay().allHappened();
    stage.relay().heal();
    assertThat(all).isTrue();
  }

  private static Pulls pulls(String fault) throws Exception {
    return Pulls.of(clients.all(), stage, fault, "1.0");
  }

  private static void script(Pulls pulls, Function<LayeredImage, String> path, Fault fault) {
    pulls.images().forEach(image -> stage.relay().script(path.apply(image)::equals, fault));
  }

  @Test
  void theUpstreamIsKilledMidwayAndComesBack() throws Exception {
    stage.proxy(KEEPS_TAGS);
    Pulls pulls = pulls("killed");
    pulls.bringSmallBlobs(stage.port());
    Hold hold = new Hold(pulls.count());
    script(pulls, LayeredImage::bigLayerPath, Faults.cutAfter(MIDWAY, hold));
    pulls.begin();
    assertThat(hold.await()).isTrue();
    stage.killRegistry();
    hold.release();
    stage.startRegistry();
    pulls.assertWhole();
  }

  @Test
  void theUpstreamSendsOtherBytesOnce() throws Exception {
    stage.proxy(KEEPS_TAGS);
    Pulls pulls = pulls("garbage");
    script(pulls, LayeredImage::bigLayerPath, Faults.otherBytes());
    pulls.begin();
    pulls.assertWholeAtLast();
  }

  @Test
  void theUpstreamSpeaksNoHttpOnce() throws Exception {
    stage.proxy(KEEPS_TAGS);
    Pulls pulls = pulls("noise");
    script(pulls, LayeredImage::tagPath, Faults.noHttp());
    script(pulls, LayeredImage::bigLayerPath, Faults.noHttp());
    pulls.pullWhole();
  }

  @Test
  void theUpstreamWantsToBeAskedLater() throws Exception {
    stage.proxy(KEEPS_TAGS);
    Pulls pulls = pulls("busy");
    script(pulls, LayeredImage::tagPath, Faults.tooManyRequests(1));
    script(pulls, LayeredImage::bigLayerPath, Faults.tooManyRequests(1));
    pulls.pullWhole();
  }

  @Test
  void theUpstreamDrips() throws Exception {
    stage.proxy("timeouts: {connect: 1s, stall: 1s, minRate: 10KiB}\n");
    Pulls pulls = pulls("drip");
    script(pulls, LayeredImage::bigLayerPath, Faults.dripAfter(MIDWAY));
    pulls.pullWhole();
  }

  @Test
  void theProxyIsKilledMidwayAndComesBack() throws Exception {
    stage.proxy(KEEPS_TAGS);
    Pulls pulls = pulls("proxy-killed");
    Hold hold = new Hold(pulls.count());
    script(pulls, LayeredImage::bigLayerPath, Faults.cutAfter(MIDWAY, hold));
    pulls.begin();
    assertThat(hold.await()).isTrue();
    stage.killProxy();
    hold.release();
    stage.startProxy();
    pulls.assertWholeAtLast();
    pulls.forget();
    pulls.pullWhole();
  }

  @Test
  void theDiskIsFullMidway() throws Exception {
    stage.proxy("", 1024);
    Pulls pulls = pulls("disk-full");
    pulls.pullWhole();
    pulls.forget();
    pulls.pullWhole();
  }

  @Test
  void theUpstreamIsDownButEverythingIsThere() throws Exception {
    stage.proxy(KEEPS_TAGS);
    Pulls pulls = pulls("warm");
    pulls.pullWhole();
    pulls.forget();
    stage.killRegistry();
    try {
      pulls.pullWhole();
    } finally {
      stage.startRegistry();
    }
  }

  @Test
  void theUpstreamIsDownAndTheTagWasToBeAskedForAgain() throws Exception {
    stage.proxy(KEEPS_TAGS);
    Pulls old = Pulls.of(clients.all(), stage, "stale", "moving");
    old.pullWhole();
    Pulls moved = old.moved(stage);
    moved.pullWhole();
    moved.forget();
    stage.killRegistry();
    try {
      moved.pullWhole();
    } finally {
      stage.startRegistry();
    }
  }
}
