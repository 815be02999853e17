package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.springtide.harness.bench.executor.ExecutorBench;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The benchmark of an idle executor measures an executor that looks after its instances. */
class ExecutorBenchIT {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int bench(String... arguments) {
    return new CommandLine(new ExecutorBench())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void itSaysWhatAnExecutorOfTwoInstancesTakes() throws Exception {
    int exit =
        bench("--instances", "2", "--interval", "1s", "--settle", "0", "--seconds", "2", "--json");
    assertThat(exit).as("%s", err).isZero();
    JsonNode figures = new ObjectMapper().readTree(out.toString());
    assertThat(figures.get("instances").asInt()).isEqualTo(2);
    assertThat(figures.get("cpuPercent").asDouble()).isGreaterThan(0).isLessThan(200);
    assertThat(figures.get("residentMiB").asInt()).isBetween(20, 500);
  }

  @Test
  void itRefusesWhatCannotBeMeasured() {
    assertThat(bench("--instances", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("--instances is 1 to 200");
  }
}
