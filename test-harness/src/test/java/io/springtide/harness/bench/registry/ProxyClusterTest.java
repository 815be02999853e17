package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.Needs;
import io.springtide.harness.consul.Consul;
import io.springtide.harness.consul.ConsulProcess;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Proxies that find one another by a real Consul and share what they fetch. */
class ProxyClusterTest {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Child> proxies = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (Child proxy : proxies) {
      proxy.close();
    }
  }

  private Child proxy(Consul consul, String upstream) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String cluster =
        "cluster: {self: \"http://127.0.0.1:%d\", consul: {address: \"%s\", service: proxies}}\n"
            .formatted(port, consul.uri());
    Child proxy = ProxyProcess.start(directory.resolve("proxy-" + port), upstream, port, cluster);
    proxies.add(proxy);
    return proxy;
  }

  private void awaitMembers(Child proxy, int count) throws Exception {
    HttpRequest metrics =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + "/metrics")).build();
    String wanted = "springtide_registry_members " + count + ".0";
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (!client.send(metrics, BodyHandlers.ofString()).body().contains(wanted)) {
      assertThat(System.nanoTime()).as("until %s", wanted).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static CompletableFuture<Long> pull(Child proxy, TestImage image) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return PullClients.pull(proxy.port(), image, 2, true).bytes();
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void theyShareOneCopyWhileMembersComeAndDie() throws Exception {
    Needs.dockerRegistry();
    try (Consul consul = ConsulProcess.start(Needs.consul(), directory.resolve("consul.log"));
        DebianRegistry upstream =
            DebianRegistry.start(directory.resolve("upstream"), Optional.empty())) {
      Child one = proxy(consul, upstream.url());
      Child two = proxy(consul, upstream.url());
      awaitMembers(one, 2);
      awaitMembers(two, 2);
      TestImage first = TestImage.push(upstream.url(), "feed/api", "1.0", 24 * MIB, 12, 1);
      List<CompletableFuture<Long>> pulls = List.of(pull(one, first), pull(two, first));
      for (CompletableFuture<Long> pull : pulls) {
        assertThat(pull.join()).isEqualTo(2 * first.bytes());
      }
      assertThat(upstream.blobBytesSent()).as("one copy for both").isEqualTo(first.bytes());

      Child three = proxy(consul, upstream.url());
      for (Child proxy : List.of(one, two, three)) {
        awaitMembers(proxy, 3);
      }
      long before = upstream.blobBytesSent();
      TestImage second = TestImage.push(upstream.url(), "feed/api", "2.0", 96 * MIB, 12, 99);
      pulls = List.of(pull(one, second), pull(three, second));
      while (upstream.blobBytesSent() - before < second.bytes() / 4) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      two.kill();
      for (CompletableFuture<Long> pull : pulls) {
        assertThat(pull.join()).isEqualTo(2 * second.bytes());
      }
      // What the dead one owned is fetched by each of the others at worst.
      assertThat(upstream.blobBytesSent() - before).isLessThan(second.bytes() * 2);
      awaitMembers(one, 2);
      awaitMembers(three, 2);

      three.close();
      awaitMembers(one, 1);
    }
  }
}
