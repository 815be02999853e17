package io.springtide.harness.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.springtide.harness.bench.BenchCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class WireBenchTest {
  @Test
  void aShortRunLosesNothingAndPrintsOneJsonObject() throws Exception {
    StringWriter out = new StringWriter();
    CommandLine bench = new CommandLine(new BenchCommand()).setOut(new PrintWriter(out));
    int code =
        bench.execute(
            "wire",
            "--json",
            "--updates=2000",
            "--in-flight=16",
            "--offer-events=4",
            "--paced-seconds=1",
            "--flood=2000");
    assertThat(code).isZero();
    JsonNode report = new ObjectMapper().readTree(out.toString());
    assertThat(report.get("offersDecodedPerSecond").asLong()).isPositive();
    assertThat(report.get("updateRoundTripsPerSecond").asLong()).isPositive();
    assertThat(report.get("clientCpuMicrosPerUpdate").asDouble()).isPositive();
    assertThat(report.get("ackP99Millis").asDouble()).isPositive();
    assertThat(report.get("floodEvents").asInt()).isEqualTo(2000);
  }
}
