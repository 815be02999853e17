package io.springtide.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.testing.LoopbackServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** Whoever closes a server of a test may count on it. */
class LoopbackServerTest {
  private static final class Greeter extends LoopbackServer {
    Greeter() throws IOException {
      super(0, "greeter");
      start();
    }

    @Override
    protected void serve(Socket socket) throws IOException {
      socket.getOutputStream().write('x');
    }
  }

  private static int greeting(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.getInputStream().read();
    } catch (IOException e) {
      return -1;
    }
  }

  @Test
  void nobodyIsServedOnceItIsClosed() throws Exception {
    for (int i = 0; i < 200; i++) {
      Greeter greeter = new Greeter();
      assertThat(greeting(greeter.port())).isEqualTo('x');
      greeter.close();
      assertThat(greeting(greeter.port())).as("round %d", i).isEqualTo(-1);
    }
  }
}
