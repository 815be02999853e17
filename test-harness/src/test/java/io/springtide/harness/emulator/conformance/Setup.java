package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.emulator.AgentSpec;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.Timings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** A trace's processes and their flags, as configuration of the emulator. */
final class Setup {

  private final Map<String, Map<String, String>> flags = new LinkedHashMap<>();

  private final AllocatorClock clock;

  Setup(Trace trace) {
    for (JsonNode process : trace.setup().get("processes")) {
      Map<String, String> mine = new LinkedHashMap<>();
      for (JsonNode argument : process.get("argv")) {
        String text = argument.asText();
        int equals = text.indexOf('=');
        if (text.startsWith("--")) {
          mine.put(
              equals < 0 ? text.substring(2) : text.substring(2, equals),
              equals < 0 ? "true" : text.substring(equals + 1));
        }
      }
      flags.put(process.get("name").asText(), mine);
    }
    clock =
        AllocatorClock.of(
            trace, duration(flags.get("master1"), "allocation_interval", "1secs").toNanos() / 1e9);
  }

  /** When the first master's allocator first ticked. */
  double firstAllocation() {
    return clock.first();
  }

  /** The port that a process had in the recording. */
  String port(String process) {
    return flags.get(process).get("port");
  }

  /** The process that had a port in the recording. */
  String process(String port) {
    return flags.entrySet().stream()
        .filter(entry -> port.equals(entry.getValue().get("port")))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("nobody had port " + port));
  }

  EmulatorConfig config(Path dir, String zooKeeper) {
    Map<String, String> master = flags.get("master1");
    Map<String, String> agent = flags.getOrDefault("agent1", Map.of());
    Timings timings =
        Timings.ofMesos()
            .withAllocationInterval(
                duration(master, "allocation_interval", "1secs")
                    .plusNanos((long) (clock.lag() * 1e9)))
            .withOfferTimeout(duration(master, "offer_timeout", "0secs"))
            .withAgentPing(
                duration(master, "agent_ping_timeout", "15secs"),
                Integer.parseInt(master.getOrDefault("max_agent_ping_timeouts", "5")))
            .withExecutors(
                duration(agent, "executor_registration_timeout", "1mins"),
                Duration.ofSeconds(2),
                duration(agent, "executor_shutdown_grace_period", "5secs"));
    EmulatorConfig config = EmulatorConfig.in(dir).withTimings(timings);
    if (master.containsKey("authenticate_http_frameworks")) {
      config = config.withCredentials(Map.of("springtide", "s3cret", "operator", "0perator"));
    }
    if (!zooKeeper.isEmpty()) {
      int masters = (int) flags.keySet().stream().filter(name -> name.startsWith("master")).count();
      config = config.withZooKeeper(masters, zooKeeper, Duration.ofSeconds(1));
    }
    return config.withZone(zone(master));
  }

  private static String zone(Map<String, String> process) {
    String domain = process.getOrDefault("domain", "");
    if (domain.isEmpty()) {
      return "";
    }
    try {
      JsonNode fault = Trace.JSON.readTree(domain).get("fault_domain");
      return fault.at("/region/name").asText() + "/" + fault.at("/zone/name").asText();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  AgentSpec agent(String name) {
    Map<String, String> mine = flags.get(name);
    Map<String, String> attributes = new LinkedHashMap<>();
    for (String pair : mine.getOrDefault("attributes", "").split(";", -1)) {
      if (!pair.isEmpty()) {
        attributes.put(pair.substring(0, pair.indexOf(':')), pair.substring(pair.indexOf(':') + 1));
      }
    }
    return new AgentSpec(name, mine.get("hostname"), mine.get("resources"), attributes, zone(mine));
  }

  private static Duration duration(Map<String, String> flags, String name, String byDefault) {
    String text = flags.getOrDefault(name, byDefault);
    double number = Double.parseDouble(text.replaceAll("[a-z]+$", ""));
    double seconds =
        text.endsWith("ms") ? number / 1000 : text.endsWith("mins") ? number * 60 : number;
    return Duration.ofNanos(Math.round(seconds * 1e9));
  }
}
