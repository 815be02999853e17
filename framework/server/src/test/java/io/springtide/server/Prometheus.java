package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.testing.Patience;
import java.util.HashMap;
import java.util.Map;

/** Reads {@code /metrics}. */
final class Prometheus {
  private Prometheus() {}

  /** Waits until it would read that value; a metric that is not there is 0. */
  static void await(Framework framework, String name, double value) {
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    double read = Double.NaN;
    while (System.nanoTime() < deadline && read != value) {
      read = all(framework).getOrDefault(name, 0.0);
    }
    assertThat(read).as(name).isEqualTo(value);
  }

  private static Map<String, Double> all(Framework framework) {
    Map<String, Double> all = new HashMap<>();
    RawHttp.ask(framework.port(), "GET /metrics", "", "Host: localhost")
        .text()
        .lines()
        .filter(line -> line.startsWith("springtide_"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              all.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            });
    return all;
  }
}
