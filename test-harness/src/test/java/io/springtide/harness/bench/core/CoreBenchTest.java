package io.springtide.harness.bench.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.springtide.harness.bench.BenchCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class CoreBenchTest {
  private final StringWriter out = new StringWriter();
  private final CommandLine bench =
      new CommandLine(new BenchCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(out));

  @Test
  void aSmallClusterIsMeasuredInAllThatIsPromised() throws Exception {
    bench.setErr(new PrintWriter(new StringWriter()));
    assertThat(bench.execute("core", "--json", "--hosts=10", "--instances=400")).isZero();
    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(report.get("seed").asLong()).isEqualTo(42);
    assertThat(report.get("machine").asText()).contains("Java");
    assertThat(report.get("figures"))
        .extracting(figure -> figure.get("name").asText())
        .containsExactly(
            "fillMicros.jobsOf4",
            "loneUpdateMicros",
            "loneLaunchMicros",
            "viewMillis",
            "agentLostMillis",
            "restoreMillis",
            "listMillis",
            "listCpuMillis",
            "listMiB",
            "heapMiB",
            "removalMicros.jobsOf4",
            "removalMicros.jobsOf80",
            "fillMicros.jobsOf400",
            "removalMicros.jobsOf400");
    assertThat(report.get("figures"))
        .allSatisfy(
            figure -> {
              assertThat(figure.get("samples").asInt()).isPositive();
              assertThat(figure.get("target").asDouble()).isPositive();
              assertThat(figure.get("met").asBoolean())
                  .isEqualTo(figure.get("value").asDouble() <= figure.get("target").asDouble());
            });
  }

  @Test
  void moreInstancesThanOneJobMayHaveAreRefused() {
    assertThat(bench.execute("core", "--instances=100001")).isEqualTo(2);
    assertThat(out.toString()).contains("100000 at most");
  }

  @Test
  void theMedianIsOfAllAndTheMeanToo() {
    Samples samples = new Samples();
    List.of(5, 1, 2, 3, 100).forEach(samples::add);
    assertThat(samples.median()).isEqualTo(3);
    assertThat(samples.percentile(99)).isEqualTo(100);
    assertThat(samples.mean()).isEqualTo(22.2);
    assertThat(Figure.ofCalls("calls", samples, 3).met()).isTrue();
    assertThat(Figure.ofParts("parts", samples, 22).met()).isFalse();
  }
}
