package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.springtide.harness.bench.failover.FailoverBench;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The benchmark of a failover, small: it says what it says, and nothing is lost. */
class FailoverBenchIT {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int bench(String... arguments) {
    return new CommandLine(new FailoverBench())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void aLeaderOfAFewTasksIsKilledAndNoneIsLostOrThereTwice() throws Exception {
    assertThat(bench("--tasks", "250", "--json")).as("%s", err).isZero();
    JsonNode figures = new ObjectMapper().readTree(out.toString());
    assertThat(figures.get("tasks").asInt()).isEqualTo(250);
    assertThat(figures.get("lost").asInt()).isZero();
    assertThat(figures.get("twice").asInt()).isZero();
    double session = figures.get("sessionSeconds").asDouble();
    double command = figures.get("commandSeconds").asDouble();
    assertThat(command).as("not before the session has ended").isGreaterThan(session - 5);
    assertThat(figures.get("launchSeconds").asDouble()).isGreaterThanOrEqualTo(command);
    assertThat(figures.get("beyondSessionSeconds").asDouble())
        .isCloseTo(command - session, within(0.002));
  }

  @Test
  void itRefusesWhatCannotBeMeasured() {
    assertThat(bench("--tasks", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--tasks is 1 to 100000");
  }
}
