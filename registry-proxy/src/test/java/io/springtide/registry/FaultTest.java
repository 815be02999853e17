package io.springtide.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.registry.ScriptedUpstream.Answer;
import io.springtide.registry.store.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Upstreams that answer wrongly, and clients that ask wrongly. */
class FaultTest extends OneBlobStory {
  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  FaultTest() {
    super("feed/api", 1_000_000, 11);
  }

  @Test
  void whatIsNoHttpIsTriedAFewTimesAndThenUnavailable() throws Exception {
    String manifest = "/v2/feed/api/manifests/1.0";
    Answer noise = (request, out) -> out.write("\0\1 this is not HTTP\r\n\r\n".getBytes(UTF_8));
    for (String where : List.of(path, manifest)) {
      always(where, noise);
      HttpResponse<byte[]> answer = proxy.get(where);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(new String(answer.body(), UTF_8)).contains("\"code\":\"UNAVAILABLE\"");
      assertThat(upstream.requests("GET", where)).hasSize(4);
    }
  }

  @Test
  void anUpstreamThatDiesForGoodEndsTheAnswerShort() throws Exception {
    Answer dead = (request, out) -> {};
    upstream.script(path, upstream.cutAfter(400_000));
    always(path, dead);
    try (TestProxy impatient = proxy) {
      assertThatThrownBy(() -> impatient.get(path)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void contentThatChangesWhileItIsContinuedIsNeverPatchedTogether() throws Exception {
    upstream.script(
        path,
        upstream.cutAfter(400_000),
        (request, out) -> {
          out.write(
              ScriptedUpstream.head(
                  206, "Content-Range: bytes 400000-1999999/2000000\r\nContent-Length: 1600000"));
          out.write(new byte[1_600_000]);
        });
    assertThatThrownBy(() -> proxy.get(path)).isInstanceOf(IOException.class);
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
  }

  @Test
  void anUpstreamThatIgnoresTheRangeIsReadFromItsStartAgain() throws Exception {
    upstream.script(
        path,
        upstream.cutAfter(400_000),
        (request, out) -> {
          out.write(ScriptedUpstream.head(200, "Content-Length: " + bytes.length));
          out.write(bytes);
        });
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
  }

  @Test
  void aManifestIsWaitedForAsLongAsTheUpstreamAsks() throws Exception {
    String where = "/v2/feed/api/manifests/1.0";
    upstream.manifest("feed/api", "1.0", OCI, "{}");
    upstream.script(where, ScriptedUpstream.status(429, "Retry-After: 1"));
    long begin = System.nanoTime();
    assertThat(proxy.get(where).statusCode()).isEqualTo(200);
    assertThat(System.nanoTime() - begin).isGreaterThan(900_000_000L);
  }

  @Test
  void whoAsksForAnHourIsNotWaitedFor() throws Exception {
    for (String where : List.of(path, "/v2/feed/api/manifests/1.0")) {
      upstream.script(where, ScriptedUpstream.status(429, "Retry-After: 3600"));
      assertThat(proxy.get(where).statusCode()).isEqualTo(503);
      assertThat(upstream.requests("GET", where)).hasSize(1);
    }
  }

  @Test
  void fiftyClientsThatMissTogetherAreOneQuestion() throws Exception {
    String missing = "/v2/feed/api/blobs/" + Digest.of(new byte[] {9});
    List<CompletableFuture<HttpResponse<byte[]>>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(proxy.client.sendAsync(proxy.request("GET", missing), BodyHandlers.ofByteArray()));
    }
    for (var answer : all) {
      assertThat(answer.join().statusCode()).isEqualTo(404);
    }
    assertThat(upstream.requests("GET", missing)).hasSize(1);
  }

  @Test
  void anImageOfSeveralPlatformsWithZstdLayersIsWarmedWhole() throws Exception {
    List<Digest> layers = new ArrayList<>();
    StringBuilder platforms = new StringBuilder();
    for (int i = 0; i < 2; i++) {
      Digest layer = upstream.blob("feed/api", new byte[] {1, (byte) i});
      layers.add(layer);
      Digest manifest =
          upstream.manifest(
              "feed/api",
              "platform" + i,
              OCI,
              "{\"schemaVersion\":2,\"layers\":[{\"mediaType\":"
                  + "\"application/vnd.oci.image.layer.v1.tar+zstd\",\"digest\":\""
                  + layer
                  + "\"}]}");
      platforms.append(i == 0 ? "" : ",").append("{\"digest\":\"" + manifest + "\"}");
    }
    Digest index =
        upstream.manifest("feed/api", "multi", INDEX, "{\"manifests\":[" + platforms + "]}");
    assertThat(proxy.get("/v2/feed/api/manifests/multi", "Accept", INDEX).headers().map())
        .containsEntry("content-type", List.of(INDEX))
        .containsEntry("docker-content-digest", List.of(index.toString()));
    for (Digest layer : layers) {
      HttpResponse<byte[]> answer =
          proxy.get("/v2/feed/api/blobs/" + layer, "Accept-Encoding", "zstd");
      assertThat(answer.body()).hasSize(2);
      assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
    }
  }

  static List<String> malformed() {
    String host = "GET /v2/ HTTP/1.1\r\nHost: x\r\n";
    return List.of(
        "POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "POST /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 6\r\n\r\nhello!",
        host + "Content-Length: -1\r\n\r\n",
        host + "Content-Length: abc\r\n\r\n",
        host + "Bad Header: x\r\n\r\n",
        host + "No-Colon\r\n\r\n",
        "GARBAGE\r\n\r\n");
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void aMalformedRequestIsRefusedAndItsConnectionClosed(String request) throws Exception {
    String second = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    String answer = raw(request + second);
    assertThat(answer).matches("(?s)HTTP/1\\.1 4\\d\\d .*");
    assertThat(answer.split("HTTP/1\\.1 ", -1)).as("one answer: %s", answer).hasSize(2);
  }

  @Test
  void aBodyIsNeverTakenForTheNextRequest() throws Exception {
    String hidden = "GET /admin/purge HTTP/1.1\r\nHost: x\r\n\r\n";
    String both =
        "GET /v2/ HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + hidden.length()
            + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            + hidden;
    // One of the two framings is wrong: whichever a server in front believes, nothing is answered
    // after this but a refusal or an end.
    String answer = raw(both);
    assertThat(answer.split("HTTP/1\\.1 ", -1).length).isLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bytes=0-99999999999999999999999 | 206 | 0 | 1000000",
        "bytes=99999999999999999999999- | 416 | 0 | 0",
        "bytes=-99999999999999999999999 | 206 | 0 | 1000000",
        "BYTES=5-9 | 206 | 5 | 10",
        "bytes=00000000000000000000005-9 | 206 | 5 | 10",
        "bytes=- | 200 | 0 | 1000000",
        "bytes=1-2-3 | 200 | 0 | 1000000",
        "bytes=-5-9 | 200 | 0 | 1000000",
      })
  void aRangeThatIsOddIsServedOrRefusedButNeverWrong(String range, int status, int from, int to)
      throws Exception {
    HttpResponse<byte[]> answer = proxy.get(path, "Range", range);
    assertThat(answer.statusCode()).isEqualTo(status);
    if (status < 400) {
      assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(bytes, from, to));
    }
  }

  @Test
  void thousandsOfRangesAreOneWholeAnswer() throws Exception {
    String many = "bytes=" + "0-0,".repeat(3000) + "1-1";
    assertThat(proxy.get(path, "Range", many).body()).isEqualTo(bytes);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "/v2/LONG/manifests/latest,NAME_INVALID",
    "/v2/feed/api/manifests/LONG,MANIFEST_INVALID",
    "/v2/feed/api/blobs/sha256:ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789,DIGEST_INVALID",
    "/v2/feed/api/blobs/sha256:abc,DIGEST_INVALID",
    "/v2/feed/api/blobs/sha512:0123456789012345678901234567890123456789012345678901234567890123,DIGEST_INVALID",
    "/v2/feed/api/blobs/md5:d41d8cd98f00b204e9800998ecf8427e,DIGEST_INVALID",
    "/v2/feed/api/blobs/latest,DIGEST_INVALID",
    "/v2/feed//api/manifests/latest,NAME_INVALID",
    "/v2/feed/-api/manifests/latest,NAME_INVALID",
    "/v2/feed/..%2f..%2fetc/manifests/latest,NAME_INVALID",
  })
  void aBadNameIsRefusedWithoutAskingUpstream(String where, String code) throws Exception {
    HttpResponse<byte[]> answer = proxy.get(where.replace("LONG", "a".repeat(300)));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(new String(answer.body(), UTF_8)).contains("\"code\":\"" + code + "\"");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void aNamespaceThatIsNoUpstreamIsUnknownAndTheUpstreamsOwnHostIsOne() throws Exception {
    upstream.manifest("feed/api", "1.0", OCI, "{}");
    String where = "/v2/feed/api/manifests/1.0?ns=";
    HttpResponse<byte[]> unknown = proxy.get(where + "quay.io");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(new String(unknown.body(), UTF_8)).contains("NAME_UNKNOWN");
    assertThat(proxy.get(where + "127.0.0.1:" + upstream.port()).statusCode()).isEqualTo(200);
  }

  private String raw(String request) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }
}
