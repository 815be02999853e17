package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.cli.TideMain;
import io.springtide.harness.Needs;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.MemoryStateStore;
import io.springtide.server.http.Door;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.LeadingCore;
import io.springtide.server.http.Listeners;
import io.springtide.server.http.RegistryProxies;
import io.springtide.server.loop.CoreLoop;
import io.springtide.server.loop.Published;
import io.springtide.server.loop.SteadyClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tide image warm} all the way: command, framework, proxy, registry. */
class ImageWarmTest {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;
  private DebianRegistry upstream;
  private Child proxy;
  private CoreLoop loop;
  private HttpApi api;

  @BeforeEach
  void open() throws Exception {
    Needs.dockerRegistry();
    upstream = DebianRegistry.start(directory.resolve("upstream"), Optional.empty());
    Path token = Files.writeString(directory.resolve("token"), "t0ken\n");
    proxy =
        ProxyProcess.start(
            directory.resolve("proxy"), upstream.url(), 0, "adminTokenFile: " + token + "\n");
    MemoryStateStore store = new MemoryStateStore();
    SteadyClock clock = SteadyClock.system();
    SchedulerCore core =
        SchedulerCore.restore(CoreConfig.of("springtide"), store.load(), clock.instant());
    Published published = new Published(core.view());
    loop = new CoreLoop(core, store, published, clock, reason -> {});
    loop.start(effect -> {});
    api =
        new HttpApi(
            Listeners.plain("127.0.0.1", 0), new Door(List.of(), false), name -> Optional.empty());
    URI url = URI.create("http://127.0.0.1:" + proxy.port());
    api.images(
        new RegistryProxies(
            List.of(new RegistryProxies.Proxy(Optional.of("zone-a"), url)), "t0ken"));
    api.lead(new LeadingCore(loop, published, pool -> {}));
    put("near", "zone-a");
    put("far", "zone-b");
  }

  @AfterEach
  void close() throws Exception {
    if (api != null) {
      api.close();
      loop.close();
    }
    if (proxy != null) {
      proxy.close();
    }
    if (upstream != null) {
      upstream.close();
    }
  }

  private void put(String pool, String zone) throws IOException, InterruptedException {
    String body = "{\"kind\": \"owned\", \"zone\": \"" + zone + "\"}";
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api.port() + "/v1/pools/" + pool))
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(body))
            .build();
    assertThat(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).statusCode())
        .isEqualTo(201);
  }

  private record Said(int exitCode, String text) {}

  private Said tide(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            TideMain.class.getName()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--api", "http://127.0.0.1:" + api.port()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), text);
  }

  @Test
  void anImageIsWhollyThereWhenTheCommandEnds() throws Exception {
    TestImage image = TestImage.push(upstream.url(), "feed/api", "1.0", 32 * MIB, 4, 1);
    Said warm = tide("image", "warm", "proxy.example:5000/feed/api:1.0", "--pool", "near");
    assertThat(warm.text()).contains("33 of 33 MiB", "is at 1 proxy of near");
    assertThat(warm.exitCode()).isZero();
    upstream.close();
    assertThat(PullClients.pull(proxy.port(), image, 2, true).bytes()).isEqualTo(2 * image.bytes());
  }

  @Test
  void whatCannotBeBroughtIsSaid() throws Exception {
    Said missing = tide("image", "warm", "feed/none:1", "--pool", "near");
    assertThat(missing.text()).contains("upstream answered 404 for up/feed/none:1");
    assertThat(missing.exitCode()).isEqualTo(1);
    Said far = tide("image", "warm", "feed/api:1.0", "--pool", "far");
    assertThat(far.text()).contains("no registry proxy is known for zone 'zone-b'");
    assertThat(far.exitCode()).isEqualTo(1);
    proxy.kill();
    Said dead = tide("image", "warm", "feed/api:1.0", "--pool", "near");
    assertThat(dead.text()).contains("no answer");
    assertThat(dead.exitCode()).isEqualTo(1);
  }
}
