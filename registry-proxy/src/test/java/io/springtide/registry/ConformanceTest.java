package io.springtide.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.store.Digest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The pull and discovery parts of the OCI distribution specification, by the names of its
 * conformance cases, each for content that is stored (hit), content that nobody asked for yet
 * (miss), and content that is arriving (filling).
 */
class ConformanceTest extends OneBlobStory {
  private static final int SIZE = 10_000;
  private static final String OCI = "application/vnd.oci.image.manifest.v1+json";

  private final CountDownLatch rest = new CountDownLatch(1);
  private CompletableFuture<?> filling = CompletableFuture.completedFuture(null);

  enum State {
    HIT,
    MISS,
    FILLING
  }

  ConformanceTest() {
    super("conformance/repo", SIZE, 3);
  }

  @AfterEach
  void endTheFill() {
    rest.countDown();
    filling.join();
  }

  /**
   * Brings the blob into the state; a filling one stands at byte 100 and goes on 200 ms after the
   * case's request.
   */
  private void bring(State state) throws Exception {
    if (state == State.HIT) {
      proxy.get(path);
      proxy.awaitStored();
    } else if (state == State.FILLING) {
      CountDownLatch begun = new CountDownLatch(1);
      upstream.script(
          path,
          (request, out) -> {
            out.write(ScriptedUpstream.head(200, "Content-Length: " + SIZE));
            out.write(bytes, 0, 100);
            out.flush();
            begun.countDown();
            rest.await();
            out.write(bytes, 100, SIZE - 100);
          });
      filling =
          proxy.client.sendAsync(
              proxy.request("GET", path), HttpResponse.BodyHandlers.discarding());
      begun.await();
      proxy.await("springtide_registry_fills_running 1");
    }
  }

  /** Sends the request, then lets a fill that stands go on. */
  private HttpResponse<byte[]> ask(String method, String where, String... headers)
      throws Exception {
    CompletableFuture<HttpResponse<byte[]>> answer =
        proxy.client.sendAsync(
            proxy.request(method, where, headers), HttpResponse.BodyHandlers.ofByteArray());
    rest.countDown();
    return answer.join();
  }

  @ParameterizedTest(name = "blob GET and HEAD, {0}")
  @CsvSource({"HIT", "MISS", "FILLING"})
  void blobGetFull(State state) throws Exception {
    bring(state);
    HttpResponse<byte[]> head = proxy.head(path);
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
    HttpResponse<byte[]> get = ask("GET", path);
    assertThat(get.statusCode()).isEqualTo(200);
    assertThat(get.body()).isEqualTo(bytes);
    assertThat(get.headers().firstValue("Docker-Content-Digest")).contains(digest.toString());
    assertThat(get.headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
  }

  @ParameterizedTest(name = "blob range {1}, {0}")
  @CsvSource({
    "HIT,500-1499,500,1500", "MISS,500-1499,500,1500", "FILLING,500-1499,500,1500",
    "HIT,500-,500,10000", "MISS,500-,500,10000", "FILLING,500-,500,10000",
    "HIT,-500,9500,10000", "MISS,-500,9500,10000", "FILLING,-500,9500,10000",
    "HIT,2000-5000,2000,5001", "MISS,2000-5000,2000,5001", "FILLING,2000-5000,2000,5001",
    "HIT,9999-20000,9999,10000", "MISS,9999-20000,9999,10000", "FILLING,9999-20000,9999,10000",
    "HIT,0-49,0,50", "MISS,0-49,0,50", "FILLING,0-49,0,50",
  })
  void blobGetRange(State state, String range, int from, int to) throws Exception {
    bring(state);
    HttpResponse<byte[]> answer = ask("GET", path, "Range", "bytes=" + range);
    assertThat(answer.statusCode()).isEqualTo(206);
    assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(bytes, from, to));
    assertThat(answer.headers().firstValue("Content-Range"))
        .contains("bytes " + from + "-" + (to - 1) + "/" + SIZE);
    assertThat(upstream.requests("GET", path)).as("one fetch, whole").hasSize(1);
    assertThat(upstream.requests("GET", path).get(0).headers()).doesNotContainKey("range");
  }

  @ParameterizedTest(name = "blob range {1} cannot be had, {0}")
  @CsvSource({
    "HIT,500-0", "MISS,500-0", "FILLING,500-0",
    "HIT,10000-15000", "MISS,10000-15000", "FILLING,10000-15000",
    "HIT,-0", "MISS,-0", "FILLING,-0",
  })
  void blobGetRangeUnsatisfiable(State state, String range) throws Exception {
    bring(state);
    HttpResponse<byte[]> answer = ask("GET", path, "Range", "bytes=" + range);
    assertThat(answer.statusCode()).isEqualTo(416);
    assertThat(answer.headers().firstValue("Content-Range")).contains("bytes */" + SIZE);
  }

  @ParameterizedTest(name = "several or foreign ranges mean everything, {0} {1}")
  @CsvSource({"HIT,bytes=0-1;5-6", "MISS,lines=0-1", "FILLING,bytes=x-y"})
  void rangesThatWeDoNotServe(State state, String header) throws Exception {
    bring(state);
    HttpResponse<byte[]> answer = ask("GET", path, "Range", header.replace(';', ','));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(bytes);
  }

  @ParameterizedTest(name = "empty blob GET, HEAD and range, {0} {1}")
  @CsvSource({
    "HIT,sha256", "MISS,sha256", "FILLING,sha256",
    "HIT,sha512", "MISS,sha512", "FILLING,sha512",
  })
  void emptyBlob(State state, String algorithm) throws Exception {
    Digest empty = Digest.of(algorithm, new byte[0]);
    String where = "/v2/conformance/repo/blobs/" + empty;
    upstream.blob("conformance/repo", new byte[0], empty);
    bringWhole(state, where);
    HttpResponse<byte[]> get = ask("GET", where);
    assertThat(get.statusCode()).isEqualTo(200);
    assertThat(get.body()).isEmpty();
    assertThat(get.headers().firstValueAsLong("Content-Length")).hasValue(0);
    assertThat(get.headers().firstValue("Docker-Content-Digest")).contains(empty.toString());
    assertThat(proxy.head(where).headers().firstValueAsLong("Content-Length")).hasValue(0);
    assertThat(proxy.get(where, "Range", "bytes=0-").statusCode()).isEqualTo(416);
    assertThat(upstream.requests("GET", where)).as("one fetch").hasSize(1);
  }

  @ParameterizedTest(name = "sha512 blob GET, HEAD and range, {0}")
  @CsvSource({"HIT", "MISS", "FILLING"})
  void sha512Blob(State state) throws Exception {
    Digest named = Digest.of("sha512", bytes);
    String where = "/v2/conformance/repo/blobs/" + named;
    upstream.blob("conformance/repo", bytes, named);
    bringWhole(state, where);
    HttpResponse<byte[]> get = ask("GET", where);
    assertThat(get.body()).isEqualTo(bytes);
    assertThat(get.headers().firstValue("Docker-Content-Digest")).contains(named.toString());
    assertThat(get.headers().firstValue("ETag")).contains("\"" + named + "\"");
    assertThat(proxy.get(where, "Range", "bytes=-500").body())
        .isEqualTo(Arrays.copyOfRange(bytes, SIZE - 500, SIZE));
    assertThat(proxy.get("/v2/conformance/repo/blobs/" + digest).body())
        .as("the same bytes by another digest")
        .isEqualTo(bytes);
  }

  /** As {@link #bring}, for an answer that comes as a whole: it is asked for, and held back. */
  private void bringWhole(State state, String where) throws Exception {
    if (state == State.HIT) {
      proxy.get(where, "Accept", OCI);
    } else if (state == State.FILLING) {
      CountDownLatch begun = new CountDownLatch(1);
      upstream.script(
          where,
          (request, out) -> {
            begun.countDown();
            rest.await();
            upstream.normal(request, out);
          });
      filling =
          proxy.client.sendAsync(
              proxy.request("GET", where, "Accept", OCI), HttpResponse.BodyHandlers.discarding());
      begun.await();
    }
  }

  @ParameterizedTest(name = "{1} request to manifest path ({2}) should yield 200 response, {0}")
  @CsvSource({
    "HIT,GET,tag", "MISS,GET,tag", "FILLING,GET,tag",
    "HIT,HEAD,tag", "MISS,HEAD,tag", "FILLING,HEAD,tag",
    "HIT,GET,digest", "MISS,GET,digest", "FILLING,GET,digest",
    "HIT,HEAD,digest", "MISS,HEAD,digest", "FILLING,HEAD,digest",
  })
  void manifest(State state, String method, String kind) throws Exception {
    String json = "{\"schemaVersion\":2}";
    Digest manifest = upstream.manifest("conformance/repo", "tag1", OCI, json);
    String where =
        "/v2/conformance/repo/manifests/" + (kind.equals("tag") ? "tag1" : manifest.toString());
    bringWhole(state, where);
    HttpResponse<byte[]> answer = ask(method, where, "Accept", OCI);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(json.length());
    assertThat(answer.headers().firstValue("Content-Type")).contains(OCI);
    assertThat(answer.headers().firstValue("Docker-Content-Digest")).contains(manifest.toString());
    assertThat(answer.headers().firstValue("ETag")).contains("\"" + manifest + "\"");
    assertThat(answer.body()).hasSize(method.equals("HEAD") ? 0 : json.length());
    assertThat(upstream.requests("GET", where)).as("one fetch").hasSize(1);
    HttpResponse<byte[]> same =
        proxy.send(method, where, "Accept", OCI, "If-None-Match", "\"x\", W/\"" + manifest + "\"");
    assertThat(same.statusCode()).isEqualTo(304);
  }

  @ParameterizedTest(name = "{1} nonexistent {2} should result in 404 response, {0}")
  @CsvSource({
    "HIT,GET,blobs", "MISS,GET,blobs", "FILLING,GET,blobs",
    "HIT,HEAD,blobs", "MISS,HEAD,blobs", "FILLING,HEAD,blobs",
    "HIT,GET,manifests", "MISS,GET,manifests", "FILLING,GET,manifests",
    "HIT,HEAD,manifests", "MISS,HEAD,manifests", "FILLING,HEAD,manifests",
  })
  void nonexistent(State state, String method, String kind) throws Exception {
    String where = "/v2/conformance/repo/" + kind + "/" + Digest.of(new byte[] {7});
    bringWhole(state, where);
    HttpResponse<byte[]> answer = ask(method, where);
    assertThat(answer.statusCode()).isEqualTo(404);
    if (method.equals("GET")) {
      assertThat(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
          .contains(kind.equals("blobs") ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN");
      assertThat(upstream.requests("GET", where)).as("one question for both").hasSize(1);
    }
  }

  @ParameterizedTest(name = "GET {0} is the upstream''s own answer")
  @CsvSource({"tags/list", "tags/list?n=1&last=a", "referrers/DIGEST?artifactType=x%2Fy"})
  void discovery(String asked) throws Exception {
    String where = "/v2/conformance/repo/" + asked.replace("DIGEST", digest.toString());
    upstream.script(
        where,
        (request, out) -> {
          out.write(
              ScriptedUpstream.head(
                  200,
                  "Content-Length: 2\r\nContent-Type: application/json\r\n"
                      + "Link: </v2/conformance/repo/tags/list?n=1&last=b>; rel=\"next\""));
          out.write(new byte[] {'{', '}'});
        });
    HttpResponse<byte[]> answer = proxy.get(where);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).hasSize(2);
    assertThat(answer.headers().firstValue("Link").orElseThrow()).contains("last=b");
    assertThat(upstream.requests("GET", where)).hasSize(1);
    assertThat(proxy.get("/v2/unknown/repo/tags/list").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest(name = "{0} {1} is {2}")
  @CsvSource({
    "GET,/v2/,200",
    "HEAD,/v2/,200",
    "GET,/v2/conformance/repo/manifests/.INVALID_MANIFEST_NAME,400",
    "HEAD,/v2/conformance/repo/manifests/missing,404",
    "GET,/v2/conformance/repo/manifests/missing,404",
    "GET,/v2/conformance/repo/blobs/sha256:baddigeststring,400",
    "GET,/v2/conformance/repo/manifests/sha256:baddigeststring,400",
    "GET,/v2/UPPER/manifests/latest,400",
    "GET,/v2/../../etc/passwd,404",
    "GET,/v2/a/../b/blobs/sha256:baddigeststring,400",
    "GET,/v2/%2e%2e/manifests/latest,400",
    "GET,/v2/_catalog,404",
    "GET,/elsewhere,404",
    "POST,/v2/conformance/repo/blobs/uploads/,405",
    "DELETE,/v2/conformance/repo/manifests/tag1,405",
  })
  void statusOf(String method, String where, int status) throws Exception {
    HttpResponse<byte[]> answer = proxy.send(method, where);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Docker-Distribution-Api-Version"))
        .contains("registry/2.0");
    if (status >= 400 && method.equals("GET")) {
      assertThat(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
          .startsWith("{\"errors\":[{\"code\":");
    }
  }
}
