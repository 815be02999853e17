package io.springtide.server.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.TextFormat;
import io.springtide.mesos.OperatorException;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.testing.Patience;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.apache.mesos.v1.master.Protos.Response.GetAgents;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the master says of its agents, as a real one said it. */
class AgentsDeskTest {
  private static final String FACTS =
      """
      version: "1.12.0"
      total_resources { name: "cpus" type: SCALAR scalar { value: 3 } role: "*" }
      total_resources {
        name: "cpus" type: SCALAR scalar { value: 1 } role: "springtide"
        reservations { type: STATIC role: "springtide" }
      }
      total_resources {
        name: "cpus" type: SCALAR scalar { value: 8 } role: "others"
        reservations { type: STATIC role: "others" }
      }
      total_resources { name: "mem" type: SCALAR scalar { value: 4096 } role: "*" }
      total_resources {
        name: "ports" type: RANGES ranges { range { begin: 31000 end: 32000 } } role: "*"
      }
      """;

  private final List<Event> events = new ArrayList<>();

  private static String agent(String id, String state) {
    return "agents { agent_info { hostname: \"a.example\" id { value: \"%s\" } } %s %s }\n"
        .formatted(id, FACTS, state);
  }

  private static GetAgents answer(String... agents) {
    GetAgents.Builder answer = GetAgents.newBuilder();
    try {
      TextFormat.merge(String.join("", agents), answer);
    } catch (TextFormat.ParseException e) {
      throw new AssertionError(e);
    }
    return answer.build();
  }

  @Test
  void whatTheMastersOperatorHasMadeOfAnAgentIsRead() {
    Event.AgentsReported read =
        Agents.read(
            answer(
                agent("S0", "active: true deactivated: false"),
                agent("S1", "active: false deactivated: true"),
                agent(
                    "S2",
                    "active: false deactivated: true drain_info { state: DRAINING config {} }"),
                agent(
                    "S3",
                    "active: false deactivated: true drain_info { state: DRAINED config {} }"),
                agent("S4", "active: false deactivated: false"),
                "recovered_agents { hostname: \"b.example\" id { value: \"S5\" } }"),
            Optional.empty(),
            "springtide");
    assertThat(read.agents())
        .extracting(AgentReport::state)
        .containsExactly(
            AgentReport.State.ACTIVE,
            AgentReport.State.DEACTIVATED,
            AgentReport.State.DRAINING,
            AgentReport.State.DRAINED,
            AgentReport.State.ACTIVE);
    assertThat(read.recovering()).containsExactly("S5");
  }

  @Test
  void whatIsReservedToOthersIsNotOurs() {
    AgentReport report =
        Agents.read(answer(agent("S0", "active: true")), Optional.empty(), "springtide")
            .agents()
            .get(0);
    assertThat(report.total()).isEqualTo(Resources.of(4000, 4096));
    assertThat(report.ports()).isEqualTo(PortRanges.of(31000, 32000));
  }

  @Test
  void anAgentWhoseMachineIsInTheScheduleSaysWhenItGoes() throws TextFormat.ParseException {
    Schedule.Builder schedule = Schedule.newBuilder();
    TextFormat.merge(
        """
        windows {
          machine_ids { hostname: "a.example" ip: "10.0.0.1" }
          unavailability {
            start { nanoseconds: 1795208872663741952 } duration { nanoseconds: 3600000000000 }
          }
        }
        """,
        schedule);
    Event.AgentsReported read =
        Agents.read(
            answer(
                agent("S0", "active: true pid: \"slave(1)@10.0.0.1:5051\""),
                agent("S1", "active: true pid: \"slave(1)@10.0.0.2:5051\"")),
            Optional.of(schedule.build()),
            "springtide");
    Instant start = Instant.ofEpochSecond(1_795_208_872L, 663_741_952);
    Maintenance window = new Maintenance(start, Optional.of(start.plusSeconds(3600)));
    assertThat(read.agents().get(0).maintenance()).contains(window);
    assertThat(read.agents().get(1).maintenance()).isEmpty();
    assertThat(read.schedule()).contains(Map.of("a.example", window));
  }

  @Test
  void itAsksAndTellsTheCore() throws InterruptedException {
    BlockingQueue<Event> told = new LinkedBlockingQueue<>();
    try (AgentsDesk desk =
        new AgentsDesk(
            () -> CompletableFuture.completedFuture(answer(agent("S0", "active: true"))),
            () -> CompletableFuture.failedFuture(new IllegalStateException("refused")),
            "springtide",
            told::add)) {
      desk.start();
      assertThat(told.poll(Patience.seconds(), TimeUnit.SECONDS))
          .isInstanceOf(Event.AgentsReported.class);
    }
  }

  @Test
  void aMasterThatFailsIsAskedEverMoreSeldomAndOneThatAnswersAgainAsBefore() {
    try (AgentsDesk desk =
        new AgentsDesk(CompletableFuture::new, CompletableFuture::new, "springtide", events::add)) {
      assertThat(desk.failed(new IllegalStateException("no leading master is known")))
          .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(10));
      for (int i = 0; i < 20; i++) {
        desk.failed(new IllegalStateException("still"));
      }
      assertThat(desk.failed(new IllegalStateException("still")))
          .isBetween(Duration.ofSeconds(30), Duration.ofMinutes(1));
      assertThat(desk.heard(answer(), Optional.empty())).isEqualTo(Duration.ofSeconds(5));
      assertThat(events).hasSize(1);
      assertThat(desk.failed(new IllegalStateException("again")))
          .as("from the start")
          .isLessThanOrEqualTo(Duration.ofSeconds(10));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void aMasterThatDoesNotLetUsAskIsAskedSeldom(int status) {
    try (AgentsDesk desk =
        new AgentsDesk(CompletableFuture::new, CompletableFuture::new, "springtide", events::add)) {
      Throwable refusal = new CompletionException(new OperatorException(status, "no"));
      assertThat(desk.failed(refusal)).isEqualTo(Duration.ofMinutes(5));
      assertThat(desk.failed(refusal)).as("steadily").isEqualTo(Duration.ofMinutes(5));
      assertThat(desk.failed(new OperatorException(500, "later")))
          .as("which is no refusal")
          .isLessThanOrEqualTo(Duration.ofSeconds(10));
      assertThat(events).as("what was known stays").isEmpty();
      assertThat(desk.heard(answer(), Optional.empty())).isEqualTo(Duration.ofSeconds(5));
    }
  }
}
