package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One recorded scenario: its lines, in the order of time. */
record Trace(String name, List<JsonNode> lines) {

  static final ObjectMapper JSON = new ObjectMapper();

  Trace {
    lines = List.copyOf(lines);
  }

  /** Reads {@code mesos-traces/<name>.jsonl} of the test resources. */
  static Trace load(String name) {
    String path = "/mesos-traces/" + name + ".jsonl";
    try (InputStream in = Trace.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("there is no " + path);
      }
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      List<JsonNode> lines = new ArrayList<>();
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(JSON.readTree(line));
      }
      return new Trace(name, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  JsonNode setup() {
    return lines.get(0);
  }
}
