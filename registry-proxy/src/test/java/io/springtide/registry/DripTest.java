package io.springtide.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Upstreams and clients that are not silent, but as good as. */
class DripTest extends OneBlobStory {
  DripTest() {
    super("feed/api", 20_000_000, 9);
  }

  @Override
  protected TestProxy open() throws Exception {
    return closed(
        new TestProxy(
            "listen: 127.0.0.1:0\ndataDir: "
                + data
                + "\ntimeouts: {connect: 1s, stall: 300ms, minRate: 100KiB}\n"
                + "upstreams: [{name: up, url: \""
                + upstream.url()
                + "\", default: true}]\n"));
  }

  /** {@code count} bytes at once, then one every few milliseconds until the other side hangs up. */
  private ScriptedUpstream.Answer drip(String head, byte[] body, int count) {
    CountDownLatch never = new CountDownLatch(1);
    return (request, out) -> {
      out.write(head.getBytes(StandardCharsets.ISO_8859_1));
      out.write(body, 0, count);
      out.flush();
      for (int i = count; !never.await(20, TimeUnit.MILLISECONDS); i++) {
        out.write(body[i]);
        out.flush();
      }
    };
  }

  @Test
  void anUpstreamThatDripsIsLeftAndTheBlobContinuedByRange() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + bytes.length + "\r\n\r\n";
    upstream.script(path, drip(head, bytes, 1_000_000));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path)).hasSize(2);
    assertThat(upstream.requests("GET", path).get(1).headers().get("range")).startsWith("bytes=10");
  }

  @Test
  void aHeadThatDripsIsNotWaitedForEither() throws Exception {
    byte[] endless =
        "HTTP/1.1 200 OK\r\nX: ".concat("y".repeat(10_000)).getBytes(StandardCharsets.UTF_8);
    upstream.script(path, drip("", endless, 10));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
  }

  @Test
  void aClientThatReadsAByteNowAndThenLosesItsConnection() throws Exception {
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    try (Socket client = new Socket()) {
      client.setReceiveBufferSize(8192);
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
      String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
      client.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      CountDownLatch never = new CountDownLatch(1);
      for (int i = 0; i < 80; i++) {
        assertThat(client.getInputStream().read()).isNotNegative();
        assertThat(never.await(20, TimeUnit.MILLISECONDS)).isFalse();
      }
      // What its own system holds it still gets, and then no end as if that were all.
      assertThatThrownBy(client.getInputStream()::readAllBytes)
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }
}
