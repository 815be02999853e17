package io.springtide.harness.emulator.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class KeptPortTest {
  private static ServerSocket listen(int port, boolean reuse) throws Exception {
    ServerSocket server = new ServerSocket();
    server.setReuseAddress(reuse);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return server;
  }

  @Test
  void aServerComesAndGoesOnItAndIsReached() throws Exception {
    try (KeptPort port = KeptPort.any()) {
      for (int life = 0; life < 3; life++) {
        try (ServerSocket server = listen(port.number(), true);
            Socket client = new Socket(InetAddress.getLoopbackAddress(), port.number());
            Socket accepted = server.accept()) {
          client.getOutputStream().write(life);
          assertThat(accepted.getInputStream().read()).isEqualTo(life);
        }
      }
    }
  }

  @Test
  void itIsNobodyElsesWhileNobodyListens() throws Exception {
    KeptPort port = KeptPort.any();
    assertThatThrownBy(() -> listen(port.number(), false)).isInstanceOf(BindException.class);
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port.number()))
        .as("nobody listens")
        .hasMessageContaining("refused");
    port.close();
    listen(port.number(), false).close();
  }
}
