package io.springtide.harness.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PlainScreenTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Screen screen =
      new PlainScreen(new PrintStream(bytes, true, StandardCharsets.UTF_8), new Stopwatch());

  @Test
  void eachChangeIsOneLineAndNoChangeIsNone() {
    Snapshot booting = snapshot(Map.of("cloud-1", "provisioning"), 1, 0, "NO_OFFER: no room");
    Snapshot done = snapshot(Map.of("cloud-1", "ready"), 2, 2, "");

    screen.show(booting);
    screen.show(booting);
    screen.show(done);
    screen.show(snapshot(Map.of(), 2, 2, ""));

    assertThat(lines())
        .containsExactly(
            "host cloud-1 of pool cloud: provisioning",
            "[############............] 1/2 running, 0 registered (1 pending, 1 running)",
            "waiting: NO_OFFER: no room",
            "host cloud-1 of pool cloud: ready",
            "[########################] 2/2 running, 2 registered (2 running)",
            "host cloud-1: gone");
  }

  private static Snapshot snapshot(
      Map<String, String> conditions, int running, int registered, String waiting) {
    var hosts = new TreeMap<String, Snapshot.Host>();
    conditions.forEach((id, c) -> hosts.put(id, new Snapshot.Host("cloud", c, "")));
    var states = new TreeMap<String, Integer>(Map.of("RUNNING", running));
    if (running < 2) {
      states.put("PENDING", 2 - running);
    }
    List<URI> endpoints =
        java.util.stream.IntStream.range(0, registered)
            .mapToObj(i -> URI.create("http://127.0.0.1:" + (1000 + i)))
            .toList();
    return new Snapshot(hosts, states, 2, waiting, "", endpoints);
  }

  /** Without the time at the beginning of each. */
  private List<String> lines() {
    return bytes.toString(StandardCharsets.UTF_8).lines().map(l -> l.substring(10)).toList();
  }
}
