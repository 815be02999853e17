package io.springtide.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.registry.ScriptedUpstream.Answer;
import io.springtide.registry.store.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Upstreams that say less of a blob than they should, and middleboxes that say something else. What
 * GET serves HEAD shows; and who gets no content gets a status.
 */
class OddUpstreamTest extends OneBlobStory {
  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";

  OddUpstreamTest() {
    super("feed/api", 300_000, 7);
  }

  /** An answer with these headers, and to GET with this body. */
  private static Answer answer(String headers, byte[] body) {
    return (request, out) -> {
      out.write(ScriptedUpstream.head(200, headers));
      if (!request.method().equals("HEAD")) {
        out.write(body);
      }
    };
  }

  /** As {@link #answer}, without saying how much it is: in chunks. */
  private static Answer chunked(byte[] body) {
    return (request, out) -> {
      out.write(ScriptedUpstream.head(200, "Transfer-Encoding: chunked"));
      if (!request.method().equals("HEAD")) {
        if (body.length > 0) {
          out.write((Integer.toHexString(body.length) + "\r\n").getBytes(ISO_8859_1));
          out.write(body);
          out.write("\r\n".getBytes(ISO_8859_1));
        }
        out.write("0\r\n\r\n".getBytes(ISO_8859_1));
      }
    };
  }

  private interface Encoder {
    OutputStream around(OutputStream out) throws IOException;
  }

  private static byte[] encoded(byte[] plain, Encoder encoder) throws IOException {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    try (OutputStream out = encoder.around(code)) {
      out.write(plain);
    }
    return code.toByteArray();
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    return encoded(plain, GZIPOutputStream::new);
  }

  @Test
  void aBlobWhoseSizeNobodySaysIsThereForHeadAsForGet() throws Exception {
    always(path, chunked(bytes));
    HttpResponse<byte[]> head = proxy.head(path);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("Content-Length")).isEmpty();
    assertThat(head.headers().firstValue("Docker-Content-Digest")).contains(digest.toString());
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(proxy.head(path).headers().firstValueAsLong("Content-Length")).hasValue(300_000);
  }

  @Test
  void headSaysAndKeepsItsConnectionWhereGetWouldBe404() throws Exception {
    String missing = "/v2/feed/api/blobs/" + Digest.of(new byte[] {1, 2});
    assertThat(proxy.head(missing).statusCode()).isEqualTo(404);
  }

  @Test
  void theLengthOfACodeIsNotThatOfTheBlob() throws Exception {
    byte[] code = gzip(bytes);
    always(path, answer("Content-Encoding: gzip\r\nContent-Length: " + code.length, code));
    HttpResponse<byte[]> head = proxy.head(path);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("Content-Length")).isEmpty();
    HttpResponse<byte[]> whole = proxy.get(path);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(bytes);
    assertThat(whole.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(whole.headers().firstValueAsLong("Content-Length")).hasValue(300_000);
  }

  @Test
  void whatAMiddleboxEncodesIsDecodedAndKept() throws Exception {
    byte[] code = encoded(bytes, DeflaterOutputStream::new);
    upstream.script(
        path, answer("Content-Encoding: deflate\r\nContent-Length: " + code.length, code));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(proxy.get(path, "Range", "bytes=299990-").body()).hasSize(10);
    assertThat(upstream.requests("GET", path)).as("it is in the store").hasSize(1);
  }

  @Test
  void aLayerThatIsCalledEncodedAndIsMerelyCompressedIsKeptAsItIs() throws Exception {
    byte[] layer = gzip(bytes);
    Digest named = upstream.blob("feed/api", layer);
    String where = "/v2/feed/api/blobs/" + named;
    upstream.script(
        where, answer("Content-Encoding: gzip\r\nContent-Length: " + layer.length, layer));
    assertThat(proxy.get(where).body()).isEqualTo(layer);
    assertThat(upstream.requests("GET", where)).hasSize(1);
  }

  @Test
  void aManifestThatAMiddleboxEncodesIsTheManifest() throws Exception {
    String json = "{\"schemaVersion\":2,\"layers\":[]}";
    Digest manifest = upstream.manifest("feed/api", "1.0", OCI, json);
    String where = "/v2/feed/api/manifests/1.0";
    byte[] code = gzip(json.getBytes(UTF_8));
    upstream.script(
        where,
        answer(
            "Content-Type: " + OCI + "\r\nContent-Encoding: gzip\r\nContent-Length: " + code.length,
            code));
    HttpResponse<byte[]> answer = proxy.get(where, "Accept", OCI);
    assertThat(new String(answer.body(), UTF_8)).isEqualTo(json);
    assertThat(answer.headers().firstValue("Docker-Content-Digest")).contains(manifest.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "br"})
  void whatCannotBeDecodedIsRefusedWithAStatus(String coding) throws Exception {
    always(
        path,
        answer("Content-Encoding: " + coding + "\r\nContent-Length: 3", "abc".getBytes(UTF_8)));
    HttpResponse<byte[]> answer = proxy.get(path);
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(new String(answer.body(), UTF_8))
        .contains("UNAVAILABLE")
        .contains(digest.toString());
  }

  /** None of these had a status line. */
  @Test
  void wrongAndEmptyBodiesAreRefusedWithAStatusAndSoon() throws Exception {
    byte[] small = {1, 2, 3};
    Digest named = upstream.blob("feed/api", small);
    String where = "/v2/feed/api/blobs/" + named;
    Map<String, Answer> wrong =
        Map.of(
            "a wrong byte in a chunk", chunked(new byte[] {9}),
            "no chunk", chunked(new byte[0]),
            "a wrong byte", answer("Content-Length: 1", new byte[] {9}),
            "nothing, as promised", answer("Content-Length: 0", new byte[0]));
    for (Map.Entry<String, Answer> one : wrong.entrySet()) {
      upstream.script(where, one.getValue());
      HttpResponse<byte[]> answer = proxy.get(where);
      assertThat(answer.statusCode()).as(one.getKey()).isEqualTo(502);
      assertThat(new String(answer.body(), UTF_8)).contains(named.toString());
    }
    assertThat(proxy.get(where).body()).as("nothing wrong was kept").isEqualTo(small);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 300000", "Transfer-Encoding: chunked"})
  void whoHangsUpWithoutAByteIsAskedThreeTimesMore(String headers) throws Exception {
    always(path, answer(headers, new byte[0]));
    HttpResponse<byte[]> answer = proxy.get(path);
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(upstream.requests("GET", path)).as("as one that does not answer").hasSize(4);
  }

  /** The range that was asked for, cut off at {@code end}, of what is said to be {@code total}. */
  private Answer part(int end, int total) {
    return (request, out) -> {
      int from = Integer.parseInt(request.headers().get("range").replaceAll("\\D", ""));
      String range = "Content-Range: bytes " + from + "-" + (end - 1) + "/" + total;
      out.write(ScriptedUpstream.head(206, range + "\r\nContent-Length: " + (end - from)));
      out.write(bytes, from, end - from);
    };
  }

  @Test
  void aBlobThatEndsEarlyInChunksIsContinuedWhereItEnded() throws Exception {
    upstream.script(path, upstream.cutAfter(100_000), chunked(Arrays.copyOf(bytes, 200_000)));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path)).hasSize(3);
    assertThat(upstream.requests("GET", path).get(2).headers())
        .containsEntry("range", "bytes=200000-");
  }

  @Test
  void aSizeThatChangesMidwayEndsTheAnswerAtOnce() throws Exception {
    upstream.script(path, upstream.cutAfter(100_000), part(299_999, 299_999));
    assertThatThrownBy(() -> proxy.get(path)).isInstanceOf(IOException.class);
    assertThat(upstream.requests("GET", path)).hasSize(2);
    assertThat(proxy.get(path).body()).as("who asks again gets it").isEqualTo(bytes);
  }

  @Test
  void anUpstreamThatRedirectsInACircleIsGivenUp() throws Exception {
    Answer circle = ScriptedUpstream.status(307, "Location: " + path);
    upstream.script(path, Collections.nCopies(1000, circle).toArray(Answer[]::new));
    assertThat(proxy.get(path).statusCode()).isEqualTo(503);
    assertThat(upstream.requests("GET", path)).hasSizeLessThan(50);
  }
}
