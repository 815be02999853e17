package io.springtide.registry.answer;

import static io.springtide.registry.TestProxy.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.ProxyStory;
import io.springtide.registry.ScriptedUpstream;
import io.springtide.registry.TestProxy;
import io.springtide.registry.store.Digest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the admin token opens: purge, warm, and notifications of pushes. */
class AdminTest extends ProxyStory {
  private static final String DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
  private static final String PUSHED =
      "{\"events\":[{\"action\":\"push\",\"target\":"
          + "{\"repository\":\"feed/api\",\"tag\":\"1.0\"}}]}";

  @Test
  void purgeWarmAndNotificationsNeedTheAdminToken() throws Exception {
    byte[] layer = new byte[50_000];
    Digest digest = upstream.blob("feed/api", layer);
    upstream.manifest("feed/api", "1.0", DOCKER, "{\"layers\":[{\"digest\":\"" + digest + "\"}]}");
    TestProxy proxy = proxy("adminTokenFile: " + secret("admin", "t0ken") + "\n");
    assertThat(proxy.post("/admin/purge", "{}", "guess").statusCode()).isEqualTo(401);

    assertThat(proxy.post("/admin/warm", "{\"image\":\"feed/api:1.0\"}", "t0ken").statusCode())
        .isEqualTo(200);
    proxy.awaitStored();
    int warm = upstream.requests().size();
    assertThat(proxy.get("/v2/feed/api/blobs/" + digest).body()).isEqualTo(layer);
    assertThat(upstream.requests()).hasSize(warm);

    assertThat(proxy.post("/admin/purge", "{\"digest\":\"" + digest + "\"}", "t0ken").body())
        .contains("true");
    proxy.get("/v2/feed/api/blobs/" + digest);
    assertThat(upstream.requests()).hasSize(warm + 1);

    upstream.manifest("feed/api", "1.0", DOCKER, "{\"layers\":[]}");
    String pushed =
        "{\"events\":[{\"action\":\"push\",\"target\":{\"repository\":\"feed/api\",\"tag\":\"1.0\"}},"
            + "{\"action\":\"pull\",\"target\":{\"repository\":\"feed/api\",\"tag\":\"1.0\"}}]}";
    assertThat(proxy.post("/admin/notifications", pushed, "t0ken").body()).contains("\"images\":1");
    awaitBody(proxy, "/v2/feed/api/manifests/1.0", "{\"layers\":[]}");
    assertThat(proxy.post("/admin/purge", "{\"image\":\"feed/api:1.0\"}", "t0ken").body())
        .contains("true");
    assertThat(proxy.post("/admin/purge", "{\"image\":\"../x\"}", "t0ken").statusCode())
        .isEqualTo(400);
  }

  @Test
  void aWarmThatNobodyWaitsForTellsHowFarItIs() throws Exception {
    byte[] layer = new byte[50_000];
    Digest digest = upstream.blob("feed/api", layer);
    upstream.manifest(
        "feed/api", "1.0", DOCKER, "{\"layers\":[{\"size\":50000,\"digest\":\"" + digest + "\"}]}");
    var hold = new java.util.concurrent.CountDownLatch(1);
    upstream.script(
        "/v2/feed/api/blobs/" + digest,
        (request, out) -> {
          hold.await();
          upstream.normal(request, out);
        });
    TestProxy proxy = proxy("adminTokenFile: " + secret("admin", "t0ken") + "\n");
    String image = "127.0.0.1:" + proxy.port() + "/feed/api:1.0";
    String where = "/admin/warm?image=" + image;
    String[] token = {"Authorization", "Bearer t0ken"};
    assertThat(proxy.get(where).statusCode()).isEqualTo(401);
    assertThat(proxy.get(where, token).statusCode()).isEqualTo(404);
    HttpResponse<String> begun =
        proxy.post("/admin/warm", "{\"image\":\"" + image + "\",\"wait\":false}", "t0ken");
    assertThat(begun.statusCode()).isEqualTo(202);
    assertThat(begun.body()).contains("\"state\":\"running\"");
    while (!text(proxy.get(where, token)).contains("\"bytes\":50000,\"storedBytes\":0")) {
      Thread.onSpinWait();
    }
    hold.countDown();
    while (text(proxy.get(where, token)).contains("running")) {
      Thread.onSpinWait();
    }
    assertThat(text(proxy.get(where, token)))
        .contains("\"state\":\"done\",\"bytes\":50000,\"storedBytes\":50000,\"digest\":\"sha256:");

    proxy.post("/admin/warm", "{\"image\":\"feed/none:1\",\"wait\":false}", "t0ken");
    String none = "/admin/warm?image=feed/none:1";
    while (text(proxy.get(none, token)).contains("running")) {
      Thread.onSpinWait();
    }
    assertThat(text(proxy.get(none, token))).contains("failed", "upstream answered 404");
  }

  @Test
  void aPushIsNotTakenForWhatWasAskedBeforeIt() throws Exception {
    String tag = "/v2/feed/api/manifests/1.0";
    Digest old = upstream.manifest("feed/api", "1.0", DOCKER, "{\"layers\":[]}");
    TestProxy proxy =
        new TestProxy(
            "listen: 127.0.0.1:0\ndataDir: "
                + data
                + "\nupstreams: [{name: up, url: \""
                + upstream.url()
                + "\"}]\nadminTokenFile: "
                + secret("admin", "t0ken")
                + "\n");
    closed(proxy);
    proxy.get(tag);
    proxy.clock.pass(Duration.ofMinutes(1));
    var asked = new java.util.concurrent.CountDownLatch(1);
    var hold = new java.util.concurrent.CountDownLatch(1);
    upstream.script(
        tag,
        (request, out) -> {
          asked.countDown();
          hold.await();
          ScriptedUpstream.status(200, "Docker-Content-Digest: " + old).write(request, out);
        });
    CompletableFuture<HttpResponse<byte[]>> before = proxy.async(tag);
    asked.await();
    upstream.manifest("feed/api", "1.0", DOCKER, "{\"layers\":[ ]}");
    proxy.post("/admin/notifications", PUSHED, "t0ken");
    while (!text(proxy.get("/admin/warm?image=feed/api:1.0", "Authorization", "Bearer t0ken"))
        .contains("done")) {
      Thread.onSpinWait();
    }
    hold.countDown();
    before.join();
    assertThat(text(proxy.get(tag))).as("the older answer came last").isEqualTo("{\"layers\":[ ]}");
  }

  @Test
  void whatWasMissingJustBeforeAPushIsThereAfterIt() throws Exception {
    TestProxy proxy = proxy("adminTokenFile: " + secret("admin", "t0ken") + "\n");
    byte[] layer = new byte[1000];
    Digest digest = Digest.of(layer);
    assertThat(proxy.get("/v2/feed/api/blobs/" + digest).statusCode()).isEqualTo(404);
    upstream.blob("feed/api", layer);
    upstream.manifest("feed/api", "1.0", DOCKER, "{\"layers\":[{\"digest\":\"" + digest + "\"}]}");
    proxy.post("/admin/notifications", PUSHED, "t0ken");
    String state = "running";
    while (state.contains("running")) {
      state = text(proxy.get("/admin/warm?image=feed/api:1.0", "Authorization", "Bearer t0ken"));
    }
    assertThat(state).contains("\"state\":\"done\"");
  }

  private static void awaitBody(TestProxy proxy, String path, String body) throws Exception {
    while (!text(proxy.get(path)).equals(body)) {
      Thread.onSpinWait();
    }
  }
}
