package io.springtide.harness.emulator.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.mesos.ProtobufGencode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The replay is no rubber stamp: one wrong status, reason, state or order, and it fails. */
class CorruptedTraceTest {

  static {
    ProtobufGencode.allow();
  }

  @TempDir Path dir;

  private List<String> play(Trace trace) throws IOException, InterruptedException {
    try (Replay replay = new Replay(trace, dir, Differences.load())) {
      return replay.run();
    }
  }

  /** A deep copy of a trace's lines. */
  private static List<JsonNode> copy(String name) {
    List<JsonNode> lines = new ArrayList<>();
    Trace.load(name).lines().forEach(line -> lines.add(line.deepCopy()));
    return lines;
  }

  private static ObjectNode first(List<JsonNode> lines, Predicate<JsonNode> wanted) {
    return (ObjectNode) lines.stream().filter(wanted).findFirst().orElseThrow();
  }

  private static Predicate<JsonNode> update(String taskId, String state) {
    return line ->
        line.at("/body/update/status/task_id/value").asText().equals(taskId)
            && line.at("/body/update/status/state").asText().equals(state)
            && line.get("dir").asText().equals("event");
  }

  @Test
  void seesAWrongStatus() throws Exception {
    List<JsonNode> lines = copy("09-reconcile");
    first(lines, line -> line.path("status").asInt() == 202).put("status", 200);
    assertThat(play(new Trace("09-reconcile", lines)))
        .singleElement()
        .asString()
        .contains("recorded status 200, here 202");
  }

  @Test
  void seesAWrongReason() throws Exception {
    List<JsonNode> lines = copy("06-executor-crash");
    ((ObjectNode) first(lines, update("c1", "TASK_FAILED")).at("/body/update/status"))
        .put("reason", "REASON_CONTAINER_LAUNCH_FAILED");
    assertThat(String.join("\n", play(new Trace("06-executor-crash", lines))))
        .contains("reason: recorded \"REASON_CONTAINER_LAUNCH_FAILED\"")
        .contains("here \"REASON_EXECUTOR_TERMINATED\"");
  }

  @Test
  void seesAWrongState() throws Exception {
    List<JsonNode> lines = copy("14-kill");
    ((ObjectNode) first(lines, update("zz", "TASK_GONE")).at("/body/update/status"))
        .put("state", "TASK_LOST");
    assertThat(play(new Trace("14-kill", lines))).isNotEmpty();
  }

  @Test
  void seesAWrongOrder() throws Exception {
    List<JsonNode> lines = copy("06-executor-crash");
    ObjectNode failure = first(lines, line -> line.at("/body/type").asText().equals("FAILURE"));
    ObjectNode failed = first(lines, update("c1", "TASK_FAILED"));
    JsonNode swapped = failure.get("body");
    failure.set("body", failed.get("body"));
    failed.set("body", swapped);
    assertThat(String.join("\n", play(new Trace("06-executor-crash", lines))))
        .contains("out of order");
  }

  @Test
  void seesAnEventThatDoesNotCome() throws Exception {
    List<JsonNode> lines = copy("09-reconcile");
    ObjectNode event = first(lines, update("k1", "TASK_RUNNING"));
    lines.add(lines.indexOf(event) + 1, event.deepCopy());
    assertThat(String.join("\n", play(new Trace("09-reconcile", lines)))).contains("not seen");
  }

  @Test
  void seesAnEventThatWasNotRecorded() throws Exception {
    List<JsonNode> lines = copy("09-reconcile");
    lines.remove(first(lines, update("zz", "TASK_UNKNOWN")));
    assertThat(String.join("\n", play(new Trace("09-reconcile", lines)))).contains("not recorded");
  }
}
