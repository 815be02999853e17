package io.springtide.harness.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.cloud.CloudAccount;
import io.springtide.cloud.CloudException;
import io.springtide.cloud.CloudHost;
import io.springtide.cloud.LocalCloudDriver;
import io.springtide.cloud.OrderRequest;
import io.springtide.harness.emulator.AgentView;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.partition.model.Resources;
import io.springtide.testing.Patience;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real driver, the cloud's wire, and the agents that come of it. */
class LocalCloudTest {
  private static final Duration PATIENCE = Patience.limit();

  @TempDir Path scratch;
  private MesosEmulator mesos;
  private Hosts hosts;
  private LocalCloud cloud;
  private LocalCloudDriver driver;

  @BeforeEach
  void start() throws Exception {
    mesos = MesosEmulator.start(EmulatorConfig.in(scratch));
    hosts = new Hosts(mesos);
    cloud = LocalCloud.start(hosts, new LocalCloud.Terms(3, Duration.ofMillis(50)));
    driver = new LocalCloudDriver(Set.of(cloud.uri().toString()));
  }

  @AfterEach
  void stop() throws Exception {
    cloud.close();
    hosts.close();
    mesos.close();
    driver.close();
  }

  @Test
  void aWebPageOrdersNothing() throws Exception {
    String order = "{\"token\": \"t\", \"pool\": \"cloud\", \"count\": 1}";
    for (String[] header :
        List.of(
            new String[] {"Content-Type", "text/plain"},
            new String[] {"Content-Type", "application/json", "Origin", "http://evil.example"})) {
      HttpRequest request =
          HttpRequest.newBuilder(cloud.uri().resolve("/hosts"))
              .headers(header)
              .POST(HttpRequest.BodyPublishers.ofString(order))
              .build();
      assertThat(
              HttpClient.newHttpClient()
                  .send(request, HttpResponse.BodyHandlers.discarding())
                  .statusCode())
          .isEqualTo(403);
    }
    assertThat(driver.list(account())).isEmpty();
  }

  @Test
  void anOrderedHostJoinsAsAnAgentAndIsGoneWhenReleased() throws Exception {
    List<CloudHost> ordered = driver.order(order("token-1", 2));
    assertThat(ordered).extracting(CloudHost::id).containsExactly("cloud-1", "cloud-2");

    mesos.awaitRegistered("cloud-1", await("cloud-1"));
    mesos.awaitRegistered("cloud-2", await("cloud-2"));
    assertThat(driver.list(account()))
        .extracting(CloudHost::state)
        .containsOnly(CloudHost.State.RUNNING);

    driver.release(account(), Set.of("cloud-1"));

    assertThat(mesos.agents()).extracting(AgentView::name).containsExactly("cloud-2");
    assertThat(driver.list(account()))
        .filteredOn(h -> h.state() == CloudHost.State.RELEASED)
        .extracting(CloudHost::id)
        .containsExactly("cloud-1");
  }

  @Test
  void theSameTokenBringsTheSameHostsAndAnotherRequestUnderItIsRefused() throws Exception {
    List<CloudHost> first = driver.order(order("token-1", 1));

    assertThat(driver.order(order("token-1", 1)))
        .extracting(CloudHost::id)
        .isEqualTo(first.stream().map(CloudHost::id).toList());
    assertFault(order("token-1", 2), CloudException.Fault.REFUSED);
  }

  @Test
  void theLastHostsAreAPartialAnswerAndThenTheStockIsOut() throws Exception {
    assertThat(driver.order(order("token-1", 5))).hasSize(3);

    assertFault(order("token-2", 1), CloudException.Fault.OUT_OF_STOCK);
  }

  private void assertFault(OrderRequest request, CloudException.Fault fault) {
    assertThatThrownBy(() -> driver.order(request))
        .isInstanceOfSatisfying(CloudException.class, e -> assertThat(e.fault()).isEqualTo(fault));
  }

  /** Its agent is started by then; how long its registration may take. */
  private Duration await(String host) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (mesos.agents().stream().noneMatch(a -> a.name().equals(host))) {
      assertThat(System.nanoTime()).as("%s boots", host).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return PATIENCE;
  }

  private CloudAccount account() {
    return new CloudAccount("tide", Map.of("endpoint", cloud.uri().toString()));
  }

  private OrderRequest order(String token, int count) {
    return new OrderRequest(
        account(), token, "cloud", count, Resources.of(2000, 1024), Map.of("place", "cloud"));
  }
}
