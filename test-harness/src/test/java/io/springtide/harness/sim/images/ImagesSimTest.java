package io.springtide.harness.sim.images;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.registry.swarm.SwarmRules;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * A small fleet gets its image nearly as fast as its links allow, and the same seed gives the same
 * run.
 */
class ImagesSimTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aSmallFleetIsNearTheBound(long seed) {
    ObjectNode result = ImagesSim.simulate(150, 128L << 20, seed, SwarmRules.DEFAULT, share -> {});
    assertThat(result.get("p50Ratio").asDouble()).isBetween(0.9, 1.15);
    assertThat(result.get("p99Ratio").asDouble()).isLessThanOrEqualTo(1.25);
    assertThat(result.get("originCopies").asDouble()).isBetween(1.0, 3.0);
    assertThat(ImagesSim.simulate(150, 128L << 20, seed, SwarmRules.DEFAULT, share -> {}))
        .isEqualTo(result);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--hosts 0",
        "--hosts 20001",
        "--hosts many",
        "--image 0MiB",
        "--image 1GB",
        "--image -1GiB",
        "--image 1025GiB",
        "--seed x",
        "--nonsense"
      })
  void badArgumentsAreNamedAndEndWithTwo(String arguments) {
    StringWriter errors = new StringWriter();
    CommandLine command = new CommandLine(new ImagesSim()).setErr(new PrintWriter(errors));
    assertThat(command.execute(arguments.split(" "))).isEqualTo(2);
    assertThat(errors.toString()).contains(arguments.split(" ")[0]);
  }

  @Test
  void oneHostAloneGetsItFromTheOriginAtTheSpeedOfItsLink() {
    ObjectNode result = ImagesSim.simulate(1, 64L << 20, 1, SwarmRules.DEFAULT, share -> {});
    assertThat(result.get("lastRatio").asDouble()).isLessThan(2);
    assertThat(result.get("originCopies").asDouble()).isBetween(1.0, 1.1);
  }

  @Test
  void aShortRunSaysNothingOfItsProgress() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ProgressLine line = new ProgressLine(new PrintStream(out, true, UTF_8), true)) {
      line.share(0.5);
    }
    assertThat(out.toString(UTF_8)).isEmpty();
  }
}
