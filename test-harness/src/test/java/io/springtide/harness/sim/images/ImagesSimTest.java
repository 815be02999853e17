package io.springtide.harness.sim.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.registry.swarm.SwarmRules;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A small fleet gets its image nearly as fast as its links allow, and the same seed gives the same
 * run.
 */
class ImagesSimTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aSmallFleetIsNearTheBound(long seed) {
    ObjectNode result = ImagesSim.simulate(150, 128L << 20, seed, SwarmRules.DEFAULT);
    assertThat(result.get("p50Ratio").asDouble()).isBetween(0.9, 1.15);
    assertThat(result.get("p99Ratio").asDouble()).isLessThanOrEqualTo(1.25);
    assertThat(result.get("originCopies").asDouble()).isBetween(1.0, 3.0);
    assertThat(ImagesSim.simulate(150, 128L << 20, seed, SwarmRules.DEFAULT)).isEqualTo(result);
  }
}
