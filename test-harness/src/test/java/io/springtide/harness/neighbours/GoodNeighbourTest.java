package io.springtide.harness.neighbours;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.emulator.AgentSpec;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.SimulatedMesos;
import io.springtide.harness.emulator.script.ExecutorScript;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What nobody of ours waits for is others' to use: another framework in the cluster is never
 * without an offer for more than two allocation intervals, whatever we are about.
 */
class GoodNeighbourTest {
  private static final Instant START = Instant.parse("2026-11-20T20:00:00Z");

  /** Two allocation intervals. */
  private static final Duration MOST = Duration.ofSeconds(2);

  private static final String HOST = "cpus:4;mem:4096;disk:10000;ports:[31000-31099]";

  private SimulatedMesos mesos;
  private VirtualSpringtide springtide;
  private Competitor competitor;

  @BeforeEach
  void start() {
    start(1, HOST);
  }

  private void start(int agents, String resources) {
    mesos =
        new SimulatedMesos(
            EmulatorConfig.in(Path.of("simulated")),
            START,
            1,
            ExecutorScript.obedient(Duration.ofMillis(500), Duration.ofSeconds(3)),
            Duration.ofSeconds(2));
    for (int i = 0; i < agents; i++) {
      mesos.addAgent(AgentSpec.of("a" + i, resources, Map.of("node", "h" + i)));
    }
    mesos.advance(Duration.ofSeconds(2));
    springtide = new VirtualSpringtide(mesos);
    springtide.pool("idc", "{\"kind\": \"owned\"}");
    springtide.group("feed", "{\"quotas\": {\"idc\": {\"limit\": {\"cpus\": 1000}}}}");
    mesos.advance(Duration.ofSeconds(30));
    assertThat(springtide.view().hosts()).hasSize(agents);
    competitor = new Competitor(mesos);
  }

  private void measure(Duration time) {
    competitor.reset();
    mesos.advance(time);
    assertThat(competitor.longest()).as("without an offer").isLessThanOrEqualTo(MOST);
    assertThat(competitor.offers()).isPositive();
  }

  private static String job(int instances, double cpus, String more) {
    return """
    {"resources": {"cpus": %s, "memoryMiB": 256}, "reclaimable": true, "instances": %d,
     "container": {"image": "feed/api:1"} %s}
    """
        .formatted(cpus, instances, more);
  }

  private long running(String job) {
    return springtide.view().jobs().get(job).instances().stream()
        .map(InstanceView::instance)
        .filter(instance -> instance.state() == InstanceState.RUNNING)
        .count();
  }

  @Test
  void whileNothingWaits() {
    measure(Duration.ofHours(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ", \"constraints\": [{\"match\": \"gpu\", \"in\": [\"yes\"]}]",
      })
  void whileSomethingWaitsThatDoesNotFit(String constraint) {
    springtide.job("feed.big", job(3, constraint.isEmpty() ? 3.95 : 1, constraint));
    mesos.advance(Duration.ofSeconds(5));
    measure(Duration.ofHours(1));
    assertThat(running("feed.big")).isZero();
  }

  @Test
  void afterABurst() {
    for (int burst = 0; burst < 5; burst++) {
      springtide.job("feed.web", job(3, 1, ""));
      mesos.advance(Duration.ofSeconds(5));
      assertThat(running("feed.web")).isEqualTo(3);
      measure(Duration.ofMinutes(3));
      springtide.remove("feed.web");
      mesos.advance(Duration.ofSeconds(4));
      measure(Duration.ofMinutes(3));
    }
  }

  @Test
  void ofOneHostWhileSomethingLargerWaitsThanItHasLeft() {
    start(3, HOST);
    springtide.job(
        "feed.web", job(3, 2, ", \"constraints\": [{\"maxPer\": \"host\", \"count\": 1}]"));
    mesos.advance(Duration.ofSeconds(5));
    assertThat(running("feed.web")).isEqualTo(3);
    springtide.job("feed.big", job(1, 3, ""));
    mesos.advance(Duration.ofSeconds(5));
    measure(Duration.ofMinutes(30));
    assertThat(running("feed.big")).isZero();
  }

  @Test
  void aSingleJobStillRunsWithinAnAllocationIntervalOfItsRevival() {
    mesos.advance(Duration.ofMinutes(20));
    // Its neighbour holds the host for an instant after each allocation, and refuses it for long.
    springtide.job("feed.web", job(1, 1, ""));
    mesos.advance(Duration.ofMillis(2000));
    assertThat(running("feed.web")).isEqualTo(1);
  }

  @Test
  void whatIsReservedToUsIsHeldAndServesAtOnce() {
    start(2, "cpus(springtide):4;mem(springtide):4096;disk(springtide):10000;ports:[31000-31099]");
    mesos.advance(Duration.ofMinutes(20));
    springtide.job("feed.web", job(4, 1, ""));
    mesos.advance(Duration.ofMillis(800));
    assertThat(running("feed.web")).as("in half a second it starts").isEqualTo(4);
    assertThat(competitor.offers()).isZero();
  }
}
