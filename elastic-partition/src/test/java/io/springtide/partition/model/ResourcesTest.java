package io.springtide.partition.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ResourcesTest {
  @Test
  void anErrorQuotesThemAsTheDocumentsWriteThem() {
    assertThat(Resources.of(1_500, 512)).hasToString("{cpus: 1.5, memoryMiB: 512}");
    assertThat(new Resources(10_000, 0, 7, 1, new TreeMap<>(Map.of("crossLinkMbps", 10L))))
        .hasToString("{cpus: 10, diskMiB: 7, gpus: 1, crossLinkMbps: 10}");
    assertThat(Resources.ZERO).hasToString("{}");
  }
}
