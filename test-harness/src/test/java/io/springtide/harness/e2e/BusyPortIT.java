package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.harness.cluster.LocalCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BusyPortIT {

  @Test
  void aServerWhoseApiPortIsTakenSaysSoAndExitsWithOne(@TempDir Path scratch) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        LocalCluster cluster =
            new LocalCluster(
                LocalCluster.Settings.in(
                        scratch, Path.of(System.getProperty("springtide.executor.jar")))
                    .with(LocalCluster.ConsulChoice.STAND_IN)
                    .withApiPort(taken.getLocalPort()))) {

      assertThatThrownBy(cluster::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the framework ended with 1")
          .hasMessageContaining("cannot listen on 127.0.0.1:" + taken.getLocalPort());
    }
  }
}
