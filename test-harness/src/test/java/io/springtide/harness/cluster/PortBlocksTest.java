package io.springtide.harness.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class PortBlocksTest {

  @Test
  void blocksOfTwoClustersAreDisjointWhileBothLive() throws Exception {
    try (PortBlocks one = new PortBlocks();
        PortBlocks other = new PortBlocks()) {
      PortBlocks.Block a = one.take();
      PortBlocks.Block b = other.take();
      PortBlocks.Block c = one.take();

      assertThat(a.last() - a.first() + 1).isEqualTo(PortBlocks.SIZE);
      assertThat(b.first()).isGreaterThan(a.last());
      assertThat(c.first()).isGreaterThan(b.last());
    }
  }

  @Test
  void aBlockInWhichSomebodyListensIsPassedOver() throws Exception {
    PortBlocks.Block first;
    try (PortBlocks probe = new PortBlocks()) {
      first = probe.take();
    }
    try (ServerSocket somebody = new ServerSocket();
        PortBlocks blocks = new PortBlocks()) {
      somebody.bind(new InetSocketAddress(first.first() + 3));

      assertThat(blocks.take().first()).isGreaterThan(first.last());
    }
  }
}
