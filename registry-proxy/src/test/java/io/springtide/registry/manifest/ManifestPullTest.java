package io.springtide.registry.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.ProxyStory;
import io.springtide.registry.ScriptedUpstream;
import io.springtide.registry.TestProxy;
import io.springtide.registry.store.Digest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Manifests by tag and by digest, as they age and as upstreams fail. */
class ManifestPullTest extends ProxyStory {
  private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String TAG = "/v2/feed/api/manifests/1.0";

  private TestProxy proxy;

  @BeforeEach
  void open() throws Exception {
    proxy = proxy("tags: {ttl: 20s, maxStale: 1h, rules: [{match: 'v*', ttl: 1h}]}\n");
  }

  @Test
  void aTagIsServedWithItsExactBytesTypeAndDigest() throws Exception {
    Digest digest =
        upstream.manifest("feed/api", "1.0", DOCKER + "; charset=utf-8", "{\"a\": 1}\n");
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> answer = proxy.get(TAG, "Accept", DOCKER);
      assertThat(answer.body())
          .isEqualTo("{\"a\": 1}\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(answer.headers().firstValue("Content-Type")).contains(DOCKER);
      assertThat(answer.headers().firstValue("Docker-Content-Digest")).contains(digest.toString());
    }
    HttpResponse<byte[]> head = proxy.head(TAG, "Accept", DOCKER);
    assertThat(head.headers().firstValue("Content-Length")).contains("9");
    assertThat(proxy.get("/v2/feed/api/manifests/" + digest).statusCode()).isEqualTo(200);
    assertThat(upstream.requests()).as("one GET for all of it").hasSize(1);
  }

  @Test
  void afterItsTtlATagIsAskedForByHeadAndFetchedOnlyIfItMoved() throws Exception {
    upstream.manifest("feed/api", "1.0", DOCKER, "{\"a\":1}");
    proxy.get(TAG, "Accept", DOCKER);
    proxy.clock.pass(Duration.ofSeconds(21));
    assertThat(proxy.get(TAG, "Accept", DOCKER).body()).hasSize(7);
    assertThat(upstream.requests("HEAD", TAG)).hasSize(1);
    assertThat(upstream.requests("GET", TAG)).hasSize(1);

    upstream.manifest("feed/api", "1.0", DOCKER, "{\"a\":22}");
    assertThat(proxy.get(TAG, "Accept", DOCKER).body()).as("still fresh").hasSize(7);
    proxy.clock.pass(Duration.ofSeconds(21));
    assertThat(proxy.get(TAG, "Accept", DOCKER).body()).hasSize(8);
    assertThat(upstream.requests("GET", TAG)).hasSize(2);
  }

  @Test
  void aTagPatternHasItsOwnTtl() throws Exception {
    upstream.manifest("feed/api", "v1", DOCKER, "{\"a\":1}");
    proxy.get("/v2/feed/api/manifests/v1", "Accept", DOCKER);
    proxy.clock.pass(Duration.ofMinutes(59));
    proxy.get("/v2/feed/api/manifests/v1", "Accept", DOCKER);
    assertThat(upstream.requests()).hasSize(1);
  }

  @Test
  void whileTheUpstreamFailsTheOldAnswerServesAndSaysThatItIsOld() throws Exception {
    upstream.manifest("feed/api", "1.0", DOCKER, "{\"a\":1}");
    proxy.get(TAG, "Accept", DOCKER);
    proxy.clock.pass(Duration.ofSeconds(31));
    for (int status : new int[] {500, 429, 503}) {
      upstream.script(TAG, ScriptedUpstream.status(status));
      HttpResponse<byte[]> stale = proxy.get(TAG, "Accept", DOCKER);
      assertThat(stale.statusCode()).as("upstream said %d", status).isEqualTo(200);
      assertThat(stale.headers().firstValue("Warning")).isPresent();
    }
    upstream.close();
    assertThat(proxy.get(TAG, "Accept", DOCKER).statusCode()).isEqualTo(200);
    proxy.clock.pass(Duration.ofHours(2));
    HttpResponse<byte[]> tooOld = proxy.get(TAG, "Accept", DOCKER);
    assertThat(tooOld.statusCode()).as("too old to serve: %s", tooOld.headers()).isEqualTo(503);
  }

  @Test
  void anUpstreamThatWasSilentAMomentAgoIsNotWaitedForByEverybody() throws Exception {
    String tag = "/v2/feed/api/manifests/v1";
    upstream.manifest("feed/api", "v1", DOCKER, "{\"a\":1}");
    Digest layer = upstream.blob("feed/api", new byte[100]);
    String blob = "/v2/feed/api/blobs/" + layer;
    proxy.get(tag, "Accept", DOCKER);
    assertThat(proxy.get(blob).body()).hasSize(100);
    proxy.clock.pass(Duration.ofMinutes(61));
    // Twice: a kept connection that closes is no failure yet.
    upstream.script(tag, (request, out) -> {}, (request, out) -> {});
    assertThat(proxy.get(tag, "Accept", DOCKER).headers().firstValue("Warning")).isPresent();
    int asked = upstream.requests().size();
    for (int i = 0; i < 3; i++) {
      assertThat(proxy.get(tag, "Accept", DOCKER).headers().firstValue("Warning")).isPresent();
      assertThat(proxy.get(blob).body()).as("as old as the tag").hasSize(100);
    }
    assertThat(upstream.requests()).hasSize(asked);
    String other = "/v2/feed/api/blobs/" + upstream.blob("feed/api", new byte[200]);
    assertThat(proxy.get(other).body())
        .as("what is not here is asked for all the same")
        .hasSize(200);
    proxy.clock.pass(Duration.ofSeconds(11));
    proxy.get(tag, "Accept", DOCKER);
    assertThat(upstream.requests()).as("asked again after a while").hasSizeGreaterThan(asked + 1);
  }

  @Test
  void theNextPageOfAListIsAskedForHere() throws Exception {
    for (String link :
        List.of(
            "/v2/feed/api/tags/list?n=1&last=b",
            upstream.url() + "/v2/feed/api/tags/list?n=1&last=b",
            "https://elsewhere.example/base/v2/feed/api/tags/list?n=1&last=b")) {
      upstream.script(
          "/v2/feed/api/tags/list?n=1",
          ScriptedUpstream.status(200, "Link: <" + link + ">; rel=\"next\""));
      String ns = "127.0.0.1:" + upstream.port();
      assertThat(proxy.get("/v2/feed/api/tags/list?n=1&ns=" + ns).headers().firstValue("Link"))
          .contains("</v2/feed/api/tags/list?n=1&last=b&ns=" + ns + ">; rel=\"next\"");
    }
  }

  @Test
  void aTagThatWasDeletedUpstreamIsGoneHereToo() throws Exception {
    upstream.manifest("feed/api", "1.0", DOCKER, "{\"a\":1}");
    proxy.get(TAG, "Accept", DOCKER);
    upstream.remove(TAG);
    proxy.clock.pass(Duration.ofSeconds(31));
    assertThat(proxy.get(TAG, "Accept", DOCKER).statusCode()).isEqualTo(404);
  }

  @Test
  void anAnswerAskedForUnderOneAcceptIsNotServedUnderAnother() throws Exception {
    upstream.script(
        TAG,
        (request, out) -> {
          assertThat(request.headers().get("accept")).contains(DOCKER).doesNotContain(INDEX);
          byte[] body = "{\"single\":1}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
          out.write(
              ScriptedUpstream.head(
                  200, "Content-Type: " + DOCKER + "\r\nContent-Length: " + body.length));
          out.write(body);
        });
    upstream.manifest("feed/api", "1.0", INDEX, "{\"index\":1}");
    assertThat(text(proxy.get(TAG, "Accept", DOCKER))).contains("single");
    assertThat(text(proxy.get(TAG, "Accept", DOCKER + ", " + INDEX))).contains("index");
    assertThat(text(proxy.get(TAG, "Accept", DOCKER))).contains("single");
    assertThat(upstream.requests("GET", TAG)).hasSize(2);
  }

  @Test
  void whatWasAskedForUnderEverythingServesWhoeverCanReadIt() throws Exception {
    upstream.manifest("feed/api", "1.0", DOCKER, "{\"single\":1}");
    upstream.manifest("feed/api", "2.0", INDEX, "{\"index\":1}");
    proxy.get(TAG);
    proxy.get("/v2/feed/api/manifests/2.0");
    assertThat(text(proxy.get(TAG, "Accept", DOCKER))).contains("single");
    assertThat(upstream.requests("GET", TAG)).hasSize(1);
    proxy.get("/v2/feed/api/manifests/2.0", "Accept", DOCKER);
    assertThat(upstream.requests("GET", "/v2/feed/api/manifests/2.0"))
        .as("who reads no index is asked for anew")
        .hasSize(2);
  }

  @Test
  void schema1IsHandedOnAndNeverKept() throws Exception {
    String schema1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    upstream.manifest("feed/api", "1.0", schema1, "{\"schemaVersion\":1}");
    proxy.get(TAG);
    proxy.get(TAG);
    assertThat(upstream.requests("GET", TAG)).hasSize(2);
  }

  @Test
  void aManifestThatIsNotItsDigestIsRefused() throws Exception {
    Digest digest = upstream.manifest("feed/api", "1.0", DOCKER, "{\"a\":1}");
    String path = "/v2/feed/api/manifests/" + digest;
    upstream.script(
        path,
        (request, out) -> {
          out.write(
              ScriptedUpstream.head(200, "Content-Type: " + DOCKER + "\r\nContent-Length: 3"));
          out.write(new byte[3]);
        });
    assertThat(proxy.get(path).statusCode()).isEqualTo(502);
    assertThat(proxy.get(path).statusCode()).isEqualTo(200);
  }

  @Test
  void aManifestOfFourMebibytesPasses() throws Exception {
    upstream.manifest("feed/api", "1.0", DOCKER, "{\"a\":\"" + "x".repeat(4 << 20) + "\"}");
    assertThat(proxy.get(TAG).body()).hasSize((4 << 20) + 8);
    assertThat(proxy.get(TAG).body()).hasSize((4 << 20) + 8);
  }

  @Test
  void aSha512DigestIsAsGoodAsAnyOther() throws Exception {
    byte[] bytes = "some content".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Digest digest = upstream.blob("feed/api", bytes, Digest.of("sha512", bytes));
    assertThat(proxy.get("/v2/feed/api/blobs/" + digest).body()).isEqualTo(bytes);
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), java.nio.charset.StandardCharsets.UTF_8);
  }
}
