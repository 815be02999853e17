package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The bytes of recorded requests, to be mutated. */
public final class TraceRequests {

  private TraceRequests() {}

  /** Some hundreds of requests of all kinds, to schedulers', executors' and operators' APIs. */
  public static List<byte[]> load() {
    List<byte[]> out = new ArrayList<>();
    for (String trace :
        List.of(
            "01b-subscribe-protobuf",
            "02-subscribe-errors",
            "05-launch-errors",
            "12-operator-reads",
            "12b-drain",
            "15-executor-errors")) {
      for (JsonNode line : Trace.load(trace).lines()) {
        if (line.get("dir").asText().equals("request") && line.has("headers")) {
          out.add(Request.bytes(line, new Bindings()));
        }
      }
    }
    return out;
  }
}
