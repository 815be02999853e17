package io.springtide.registry.upstream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.ProxyStory;
import io.springtide.registry.ScriptedUpstream;
import io.springtide.registry.ScriptedUpstream.Answer;
import io.springtide.registry.TestProxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Upstreams that want to know who asks: token servers, basic authentication, redirects to buckets.
 */
class AuthorizationTest extends ProxyStory {
  private static final String BASIC =
      "Basic " + Base64.getEncoder().encodeToString("puller:pa55".getBytes(UTF_8));

  private TestProxy proxy;
  private byte[] bytes;
  private String path;

  @BeforeEach
  void open() throws Exception {
    Path password = secret("password", "pa55");
    proxy =
        closed(
            new TestProxy(
                "listen: 127.0.0.1:0\ndataDir: "
                    + data
                    + "\nupstreams: [{name: up, url: \""
                    + upstream.url()
                    + "\", username: puller, passwordFile: "
                    + password
                    + "}]\n"));
    bytes = "some layer".getBytes(UTF_8);
    path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", bytes);
  }

  /** Demands {@code header}; without it, challenges. */
  private Answer guarded(String header, String challenge) {
    return (request, out) -> {
      if (header.equals(request.headers().get("authorization"))) {
        upstream.normal(request, out);
      } else {
        ScriptedUpstream.status(401, "WWW-Authenticate: " + challenge).write(request, out);
      }
    };
  }

  private static Answer token(String token, String more) {
    byte[] body = ("{\"token\":\"" + token + "\"" + more + "}").getBytes(UTF_8);
    return (request, out) -> {
      out.write(ScriptedUpstream.head(200, "Content-Length: " + body.length));
      out.write(body);
    };
  }

  @Test
  void aTokenIsFetchedWithThePasswordOnceAndUsedForTheRepository() throws Exception {
    String challenge =
        "Bearer realm=\""
            + upstream.url()
            + "/token\",service=\"reg\",scope=\"repository:feed/api:pull\"";
    String tokenPath = "/token?service=reg&scope=repository%3Afeed%2Fapi%3Apull";
    upstream.script(tokenPath, token("abc", ",\"expires_in\":300"));
    List<String> paths = new ArrayList<>(List.of(path));
    for (int i = 0; i < 4; i++) {
      paths.add("/v2/feed/api/blobs/" + upstream.blob("feed/api", new byte[] {(byte) i}));
    }
    paths.forEach(
        p ->
            upstream.script(p, guarded("Bearer abc", challenge), guarded("Bearer abc", challenge)));
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (String p : paths) {
      all.add(
          proxy
              .client
              .sendAsync(
                  proxy.request("GET", p), java.net.http.HttpResponse.BodyHandlers.ofByteArray())
              .thenAccept(r -> assertThat(r.statusCode()).isEqualTo(200)));
    }
    all.forEach(CompletableFuture::join);
    assertThat(upstream.requests("GET", tokenPath)).hasSize(1);
    assertThat(upstream.requests("GET", tokenPath).get(0).headers().get("authorization"))
        .isEqualTo(BASIC);
  }

  @Test
  void aTokenServerElsewhereGetsNoPassword() throws Exception {
    try (ScriptedUpstream thief = new ScriptedUpstream()) {
      // Another host name for loopback: another place as far as names go.
      String realm = "http://localhost:" + thief.port() + "/token";
      thief.script("/token?scope=repository%3Afeed%2Fapi%3Apull", token("anonymous", ""));
      upstream.script(
          path,
          guarded("never", "Bearer realm=\"" + realm + "\""),
          guarded("Bearer anonymous", "Bearer realm=\"x\""));
      assertThat(proxy.get(path).statusCode()).isEqualTo(200);
      assertThat(thief.requests()).hasSize(1);
      assertThat(thief.requests().get(0).headers()).doesNotContainKey("authorization");
    }
  }

  /** Each who asks is answered: nobody waits for a token that nobody fetches. */
  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:99999/token", "http://[/token", "token", "ftp://x/t"})
  void aRealmThatIsNoAddressIsRefusedToEachWhoAsks(String realm) throws Exception {
    Answer challenge =
        ScriptedUpstream.status(401, "WWW-Authenticate: Bearer realm=\"" + realm + "\"");
    upstream.script(path, Stream.generate(() -> challenge).limit(40).toArray(Answer[]::new));
    for (int i = 0; i < 2; i++) {
      assertThat(proxy.get(path).statusCode()).isEqualTo(503);
    }
  }

  @Test
  void aTokenThatExpiresMidwayIsReplacedAndTheBlobContinued() throws Exception {
    String challenge = "Bearer realm=\"" + upstream.url() + "/token\",service=\"reg\"";
    String tokenPath = "/token?service=reg&scope=repository%3Afeed%2Fapi%3Apull";
    upstream.script(tokenPath, token("first", ""), token("second", ""));
    upstream.script(
        path,
        guarded("Bearer first", challenge),
        upstream.cutAfter(4),
        guarded("Bearer second", challenge),
        guarded("Bearer second", challenge));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path).stream().map(r -> r.headers().get("authorization")))
        .containsExactly(null, "Bearer first", "Bearer first", "Bearer second");
    assertThat(upstream.requests("GET", path).get(3).headers()).containsEntry("range", "bytes=4-");
  }

  @Test
  void aTokenServerThatFailsMeansUnavailableNotDenied() throws Exception {
    String challenge = "Bearer realm=\"" + upstream.url() + "/token\"";
    for (int i = 0; i < 4; i++) {
      upstream.script(path, guarded("never", challenge));
      upstream.script("/token?scope=repository%3Afeed%2Fapi%3Apull", ScriptedUpstream.status(500));
    }
    assertThat(proxy.get(path).statusCode()).isEqualTo(503);
    assertThat(proxy.get(path).body()).as("it mends").isEqualTo(bytes);
  }

  @Test
  void basicAuthenticationIsAnsweredWhenAskedFor() throws Exception {
    upstream.script(path, guarded(BASIC, "Basic realm=\"r\""), guarded(BASIC, "Basic realm=\"r\""));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path).get(0).headers()).doesNotContainKey("authorization");
  }

  @Test
  void aTokenIsPreferredWhereverItStandsAmongTheChallenges() throws Exception {
    String bearer = "Bearer realm=\"" + upstream.url() + "/token\", service=\"reg\"";
    String basic = "Basic realm=\"r, s=\\\"t\\\"\", charset=\"UTF-8\"";
    String tokenPath = "/token?service=reg&scope=repository%3Afeed%2Fapi%3Apull";
    for (String all :
        List.of(
            bearer + ", " + basic,
            basic + ", " + bearer,
            basic + "\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: " + bearer)) {
      byte[] more = all.getBytes(UTF_8);
      String where = "/v2/feed/api/blobs/" + upstream.blob("feed/api", more);
      upstream.script(tokenPath, token("abc", ",\"expires_in\":1"));
      upstream.script(where, guarded("Bearer abc", all), guarded("Bearer abc", all));
      assertThat(proxy.get(where).body()).isEqualTo(more);
      assertThat(
              upstream.requests("GET", where).stream().map(r -> r.headers().get("authorization")))
          .doesNotContain(BASIC);
      proxy.clock.pass(java.time.Duration.ofSeconds(2));
    }
    assertThat(upstream.requests("GET", tokenPath)).hasSize(3);
  }

  @Test
  void aPasswordThatIsRefusedMeansDeniedNotALoop() throws Exception {
    Answer refuse = ScriptedUpstream.status(401, "WWW-Authenticate: Basic realm=\"r\"");
    upstream.script(path, refuse, refuse, refuse, refuse, refuse, refuse);
    assertThat(proxy.get(path).statusCode()).isEqualTo(403);
    assertThat(upstream.requests("GET", path)).hasSize(2);
  }

  @Test
  void aRedirectToABucketIsFollowedWithoutTheAuthorization() throws Exception {
    try (ScriptedUpstream bucket = new ScriptedUpstream()) {
      String target = "/v2/bucket/blobs/" + bucket.blob("bucket", bytes);
      Answer redirect =
          (request, out) -> {
            if (BASIC.equals(request.headers().get("authorization"))) {
              ScriptedUpstream.status(307, "Location: " + bucket.url() + target)
                  .write(request, out);
            } else {
              ScriptedUpstream.status(401, "WWW-Authenticate: Basic realm=\"r\"")
                  .write(request, out);
            }
          };
      bucket.script(target, bucket.cutAfter(4));
      upstream.script(path, redirect, redirect, redirect);
      assertThat(proxy.get(path).body()).isEqualTo(bytes);
      assertThat(bucket.requests())
          .hasSize(2)
          .allSatisfy(r -> assertThat(r.headers()).doesNotContainKey("authorization"));
      assertThat(upstream.requests("GET", path))
          .as("the registry is asked again for where it is now")
          .hasSize(3);
    }
  }

  @Test
  void aBucketThatAsksForAPasswordGetsNone() throws Exception {
    try (ScriptedUpstream bucket = new ScriptedUpstream()) {
      Answer asking = ScriptedUpstream.status(401, "WWW-Authenticate: Basic realm=\"r\"");
      bucket.script("/b", asking, asking, asking, asking);
      upstream.script(path, ScriptedUpstream.status(307, "Location: " + bucket.url() + "/b"));
      assertThat(proxy.get(path).statusCode()).isEqualTo(403);
      assertThat(bucket.requests())
          .hasSize(1)
          .allSatisfy(r -> assertThat(r.headers()).doesNotContainKey("authorization"));
    }
  }
}
