package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.server.loop.SteadyClock;
import io.springtide.server.mesos.FakeMesos;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A machine that carries an order of ours and that no cloud lists, as a person sees it. */
class UnlistedHostsTest {
  private final AtomicLong passed = new AtomicLong();
  private final Logged log = new Logged(UnlistedLog.class);
  private Framework framework;

  @BeforeEach
  void start() {
    framework =
        Framework.start(
            new Framework.Durable(),
            new SteadyClock(InstantSource.system(), () -> System.nanoTime() + passed.get()));
    framework.put("/v1/pools/idc", "{\"kind\": \"owned\", \"selector\": {\"place\": \"idc\"}}");
    framework.mesos.subscribe();
  }

  @AfterEach
  void stop() {
    log.close();
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  @Test
  void itStandsBesideTheHostsInTheMetricsAndOnceInTheLog() {
    framework.mesos.offer("S1", FakeMesos.wholeHost());
    framework.mesos.launched();
    framework.mesos.offer("S7", Map.of("node", "c7", "order", "F1-77"), FakeMesos.wholeHost());
    framework.mesos.next(Call.Type.DECLINE);
    assertThat(ids("")).hasSize(1).doesNotContain("c7");
    assertThat(metrics()).contains("springtide_hosts_unlisted 0.0");

    try (Feed feed = Feed.of(framework.port())) {
      passed.addAndGet(Duration.ofMinutes(6).toNanos());
      assertThat(feed.next("host", "c7").path("condition").asText()).isEqualTo("unlisted");
    }
    assertThat(ids("")).hasSize(2).contains("c7");
    assertThat(ids("?condition=unlisted")).containsExactly("c7");
    assertThat(ids("?condition=initialising")).hasSize(1).doesNotContain("c7");
    assertThat(ids("?pool=idc")).hasSize(1).doesNotContain("c7");
    JsonNode shown = framework.get("/v1/hosts/c7").body();
    assertThat(shown.path("order").asText()).isEqualTo("F1-77");
    assertThat(shown.path("agentId").asText()).isEqualTo("S7");
    assertThat(shown.at("/warnings/0/kind").asText()).isEqualTo("unlisted");
    assertThat(shown.at("/warnings/0/detail").asText())
        .contains("F1-77", "template of a pool", "by hand");
    assertThat(metrics()).contains("springtide_hosts_unlisted 1.0");
    assertThat(log.lines())
        .singleElement()
        .asString()
        .contains("[WARN] Host c7 (S7.example, agent S7)", "F1-77", "by hand");
  }

  private List<String> ids(String query) {
    List<String> ids = new ArrayList<>();
    framework
        .get("/v1/hosts" + query)
        .body()
        .path("items")
        .forEach(host -> ids.add(host.path("id").asText()));
    return ids;
  }

  private String metrics() {
    return RawHttp.ask(framework.port(), "GET /metrics", "", "Host: localhost").text();
  }
}
