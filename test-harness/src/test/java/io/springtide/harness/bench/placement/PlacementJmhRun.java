package io.springtide.harness.bench.placement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs {@link PlacementJmh}, some four minutes; by its name only, never with the other tests:
 *
 * <pre>
 * mvn -pl test-harness -am test -Dtest=PlacementJmhRun -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 *
 * <p>{@code -Djmh.include=placeOne} runs only what the regular expression finds.
 */
class PlacementJmhRun {

  @Test
  void runs() throws Exception {
    String include = System.getProperty("jmh.include", ".*");
    var options =
        new OptionsBuilder().include("PlacementJmh\\." + include).shouldFailOnError(true).build();
    assertThat(new Runner(options).run()).isNotEmpty();
  }
}
