package io.springtide.registry.peer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.ScriptedUpstream;
import io.springtide.registry.TestProxy;
import io.springtide.registry.store.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What strangers get at a peer's door, and at the tracker's: nothing. */
class PeerDoorTest {
  @TempDir Path directory;

  private static HttpResponse<byte[]> ask(TestProxy peer, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + peer.peer().port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return peer.client.send(request.build(), BodyHandlers.ofByteArray());
  }

  /** What comes back, as far as anything does. */
  private static String raw(int port, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    } catch (java.net.SocketException e) {
      return ""; // reset: the door was shut while we were still talking
    }
  }

  @Test
  void nobodyGetsAPieceWithoutTheProxysWord() throws Exception {
    byte[] bytes = new byte[3 << 20];
    new Random(3).nextBytes(bytes);
    try (ScriptedUpstream upstream = new ScriptedUpstream();
        TestSwarm swarm = new TestSwarm(directory, upstream, 2)) {
      Digest digest = upstream.blob("feed/api", bytes);
      swarm.peers(2);
      swarm.awaitHosts(2);
      TestSwarm.assertAllRight(swarm.pullAll("/v2/feed/api/blobs/" + digest, peer -> true), bytes);
      TestProxy peer = swarm.peers.get(0);
      assertThat(ask(peer, "/healthz").statusCode()).isEqualTo(200);
      String piece = "/swarm/pieces/" + digest + "/262144/0";
      assertThat(ask(peer, piece).statusCode()).isEqualTo(403);
      assertThat(ask(peer, piece, "Authorization", "Bearer x.y").statusCode()).isEqualTo(403);
      assertThat(ask(peer, piece, "Authorization", "Basic eDp5").statusCode()).isEqualTo(403);
      for (String path :
          List.of(
              "/",
              "/v2/",
              "/swarm/pieces/../../../etc/passwd/262144/0",
              "/swarm/pieces/%2e%2e%2f%2e%2e%2fetc%2fpasswd/262144/0",
              "/swarm/pieces/sha256:" + "a".repeat(63) + "/262144/0",
              "/swarm/pieces/" + digest + "/99999999999/0",
              "/swarm/pieces/" + digest + "/262144/-1",
              "/swarm/have/" + digest)) {
        assertThat(ask(peer, path).statusCode()).as(path).isEqualTo(404);
      }
    }
  }

  @Test
  void oversizedAndMalformedRequestsEndTheConnectionAndNothingElse() throws Exception {
    try (ScriptedUpstream upstream = new ScriptedUpstream();
        TestSwarm swarm = new TestSwarm(directory, upstream, 1)) {
      TestProxy peer = swarm.peer("");
      int port = peer.peer().port();
      String big = "x".repeat(20_000);
      assertThat(raw(port, "GET /" + big + " HTTP/1.1\r\n\r\n")).isEmpty();
      assertThat(raw(port, "GET / HTTP/1.1\r\nA: " + big + "\r\n\r\n")).isEmpty();
      assertThat(raw(port, "\u0001\u0002\u0003\r\n\r\n")).isEmpty();
      assertThat(
              raw(port, "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 99999999\r\n\r\n"))
          .startsWith("HTTP/1.1 413");
      assertThat(ask(peer, "/").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void theTrackerTakesOnlyWhatHasSense() throws Exception {
    try (ScriptedUpstream upstream = new ScriptedUpstream();
        TestSwarm swarm = new TestSwarm(directory, upstream, 1)) {
      byte[] bytes = new byte[2 << 20];
      Digest digest = upstream.blob("feed/api", bytes);
      TestProxy proxy = swarm.proxy();
      String announce = "/swarm/announce/feed/api/" + digest;
      for (String body : List.of("", "garbage", "{}", "[]", "{\"peer\":\"p\",\"port\":-1}")) {
        assertThat(proxy.post("/swarm/hosts", body, "-").statusCode()).as(body).isEqualTo(400);
        assertThat(proxy.post(announce, body, "-").statusCode()).as(body).isEqualTo(400);
        assertThat(proxy.post(announce.replace("announce", "piece"), body, "-").statusCode())
            .as(body)
            .isIn(400, 409);
      }
      String good = "{\"peer\":\"p\",\"port\":1,\"hashes\":0}";
      assertThat(proxy.post(announce, good, "-").statusCode()).isEqualTo(200);
      assertThat(proxy.post(announce.replace(digest.hex(), "0".repeat(64)), good, "-").statusCode())
          .as("a blob that the registry does not show")
          .isEqualTo(404);
      assertThat(proxy.post("/swarm/announce/../../x/" + digest, good, "-").statusCode())
          .isIn(400, 405);
      assertThat(proxy.post("/swarm/announce/feed/api/sha256:x", good, "-").statusCode())
          .isIn(400, 405);
      assertThat(proxy.get(announce).statusCode()).isEqualTo(405);
      assertThat(swarm.peer("").post("/swarm/hosts", good, "-").statusCode())
          .as("a peer tracks nobody")
          .isEqualTo(404);
    }
  }
}
