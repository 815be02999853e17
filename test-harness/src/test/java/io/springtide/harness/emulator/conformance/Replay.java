package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Plays a trace line by line: sends what the recorder sent, does to the processes what it did, and
 * compares every answer and every event.
 */
final class Replay implements AutoCloseable {

  private static final Duration STEP = Duration.ofMillis(10);

  /** How much later than recorded an event may come, on the stage's clock. */
  private static final double LATE_SECONDS = 2.5;

  /** Against a running master the recorder's rests are cut to this. */
  private static final double LONGEST_REST_SECONDS = 0.3;

  private static final Set<String> OWN_VARIABLES =
      Set.of("LC_CTYPE", "PWD", "MESOS_NATIVE_JAVA_LIBRARY", "MESOS_NATIVE_LIBRARY");

  private final Trace trace;
  private final Path dir;
  private final Differences differences;
  private final Bindings bindings = new Bindings();
  private final List<String> errors = new ArrayList<>();
  private final Stage stage;
  private final Exchanges exchanges;
  private final Answers answers;

  /** The stage's clock minus the recording's. */
  private double skew;

  private String lastNote = "";

  /** Plays on the emulator. */
  Replay(Trace trace, Path dir, Differences differences) {
    this(trace, dir, differences, null);
  }

  /** Plays against a master that runs already. */
  Replay(Trace trace, Path dir, Differences differences, URI master) {
    this.trace = trace;
    this.dir = dir;
    this.differences = differences.of(trace.name());
    this.stage =
        master == null
            ? new EmulatorStage(trace, dir, bindings)
            : new MasterStage(master, trace, bindings);
    Comparison comparison = new Comparison(bindings, stage.exact());
    this.exchanges =
        new Exchanges(trace, stage, this.differences, bindings, comparison, this::now, errors);
    this.answers = new Answers(this.differences, bindings, comparison);
  }

  /** Plays it to the end; gives everything that was not as recorded. */
  List<String> run() throws IOException, InterruptedException {
    chosenUuids();
    bindings.bind("<WORK_DIR>", dir.toAbsolutePath().toString());
    Files.writeString(dir.resolve("payload.txt"), "to be fetched");
    for (int i = 1; i < trace.lines().size() && errors.isEmpty(); i++) {
      JsonNode line = trace.lines().get(i);
      passTime(line.get("t").asDouble());
      play(line);
    }
    awaitAll(trace.lines().get(trace.lines().size() - 1).get("t").asDouble());
    return errors.stream().map(error -> "(" + lastNote + ") " + error).toList();
  }

  /** Update uuids come from the recorded executor, so they are the same in the run. */
  private void chosenUuids() {
    for (JsonNode line : trace.lines()) {
      if (line.get("dir").asText().equals("request")
          && line.path("path").asText().endsWith("/executor")) {
        line.findValuesAsText("uuid").forEach(bindings::same);
      }
    }
  }

  /** The moment of the recording. */
  private double now() {
    return stage.clock() - skew;
  }

  /** Lets the clock go on to a moment of the recording, in steps, listening meanwhile. */
  private void passTime(double to) throws InterruptedException {
    if (!stage.exact() && to - now() > LONGEST_REST_SECONDS) {
      skew -= to - now() - LONGEST_REST_SECONDS;
    }
    while (errors.isEmpty()) {
      double left = to - now();
      if (left > 0 && skew > 0) {
        // Waiting made the run late: it catches up where the recording rests.
        skew -= Math.min(skew, left / 2);
        left = to - now();
      }
      if (left <= 0) {
        exchanges.listen();
        return;
      }
      stage.advance(Duration.ofNanos((long) (Math.min(left, 0.05) * 1e9) + 1));
      exchanges.listen();
    }
  }

  /** Waits until every event recorded so far has come, as the recorder did before it went on. */
  private void awaitAll(double at) throws InterruptedException {
    double patience = stage.clock() + LATE_SECONDS;
    while (errors.isEmpty()) {
      exchanges.listen();
      exchanges.expect();
      String missing = exchanges.missing(at);
      if (missing == null || !errors.isEmpty()) {
        return;
      }
      if (stage.clock() > patience) {
        errors.add(missing);
        return;
      }
      double before = now();
      stage.advance(STEP);
      // Time that passes while we wait for what is late shifts the rest of the recording.
      skew += Math.max(0, now() - Math.max(before, at));
    }
  }

  private void play(JsonNode line) throws IOException, InterruptedException {
    double at = line.get("t").asDouble();
    switch (line.get("dir").asText()) {
      case "process" -> process(line.get("name").asText(), line.get("action").asText(), at);
      case "request" -> {
        awaitAll(at);
        double before = stage.clock();
        stage.awaitStatus(exchanges.recordedStatus(line));
        skew += stage.clock() - before;
        if (errors.isEmpty()) {
          exchanges.send(line);
        }
      }
      case "response-head" -> {
        exchanges.awaitHead(exchanges.answered(line));
        answers.head(line, exchanges.answered(line)).forEach(wrong -> wrong(line, wrong));
      }
      case "response-body" -> {
        String difference = answers.body(line, exchanges.answered(line));
        if (difference != null) {
          wrong(line, difference);
        }
      }
      case "event" -> exchanges.expect();
      case "close" -> close(line);
      case "env" -> environment(line);
      case "note" -> note(line);
      case "znode" -> {
        String wrong = stage.znode(line, differences.event(line.get("body")));
        if (wrong != null) {
          errors.add("at " + at + " s: " + wrong);
        }
      }
      default -> throw new IllegalArgumentException("what is " + line.get("dir") + "?");
    }
  }

  private void wrong(JsonNode line, String what) {
    errors.add(Conversation.key(line) + " at " + line.get("t") + " s: " + what);
  }

  private void process(String name, String action, double at)
      throws IOException, InterruptedException {
    awaitAll(at);
    if (name.startsWith("executor ")) {
      String executorId = name.substring("executor ".length());
      stage.executorEnds(executorId, 9, noticed(executorId, at));
    } else if (action.equals("exited")) {
      for (double late = 0; !stage.isDown(name) && late < LATE_SECONDS; late += 0.01) {
        stage.advance(STEP);
        exchanges.listen();
      }
      if (!stage.isDown(name)) {
        errors.add(name + " has not ended by " + now() + " s");
      }
    } else {
      stage.process(name, action);
    }
  }

  private void note(JsonNode line) throws InterruptedException {
    lastNote = line.get("text").asText();
    if (lastNote.contains("empty work_dir")) {
      stage.wipeAtNextStart();
    }
    if (lastNote.startsWith("executor process exits with code ")) {
      double at = line.get("t").asDouble();
      awaitAll(at);
      int code = Integer.parseInt(lastNote.replaceAll(".* ", ""));
      for (Conversation conversation : exchanges.all()) {
        if (conversation.conn.equals(line.get("conn").asText()) && conversation.stream != null) {
          conversation.hangUp();
        }
      }
      String executorId = executorOf(line.get("conn").asText());
      stage.executorEnds(executorId, code << 8, noticed(executorId, at));
    }
  }

  /** How long the recorded agent took to notice that an executor had ended. */
  private Duration noticed(String executorId, double ended) {
    for (JsonNode line : trace.lines()) {
      double at = line.get("t").asDouble();
      if (line.at("/body/failure/executor_id/value").asText().equals(executorId)
          && at > ended
          && at < ended + 0.5) {
        return Duration.ofMillis((long) ((at - ended) * 1000));
      }
    }
    return RecordedExecutors.REAP;
  }

  /** The executor whose part a connection of the recording plays: as its environment says. */
  private String executorOf(String conn) {
    for (JsonNode line : trace.lines()) {
      if (line.path("conn").asText().equals(conn) && line.get("dir").asText().equals("env")) {
        return line.at("/body/MESOS_EXECUTOR_ID").asText();
      }
    }
    throw new IllegalArgumentException(conn + " has no environment");
  }

  private void environment(JsonNode line) throws InterruptedException {
    awaitAll(line.get("t").asDouble());
    Optional<Map<String, String>> started =
        stage.environment(line.at("/body/MESOS_EXECUTOR_ID").asText());
    if (started.isEmpty()) {
      errors.add("not started: " + line.get("conn"));
      return;
    }
    Map<String, String> recorded = new TreeMap<>();
    line.get("body")
        .properties()
        .forEach(field -> recorded.put(field.getKey(), field.getValue().asText()));
    recorded.keySet().removeAll(OWN_VARIABLES);
    Map<String, String> here = new TreeMap<>(started.get());
    here.keySet().removeIf(name -> name.startsWith("REC_"));
    if (!recorded.keySet().equals(here.keySet())) {
      errors.add("environment: recorded " + recorded.keySet() + ", here " + here.keySet());
      return;
    }
    recorded.forEach(
        (name, value) -> {
          if (!bindings.unify(value, here.get(name))) {
            errors.add("environment: recorded " + name + "=" + value + ", here " + here.get(name));
          }
        });
  }

  private void close(JsonNode line) throws InterruptedException {
    Conversation conversation = exchanges.of(line);
    String how = line.get("how").asText();
    if (how.equals("closed-by-recorder")) {
      awaitAll(line.get("t").asDouble());
      conversation.hangUp();
      return;
    }
    if (conversation.http == null
        || conversation.closedByUs
        || differences.ignoresClose(conversation.key)) {
      return;
    }
    if (how.equals("eof-without-last-chunk") && nothingFollows(line)) {
      stage.cleanUp();
    }
    for (int i = 0; conversation.stream.end() == null && i < stage.patienceMillis(); i++) {
      exchanges.listen();
      Thread.sleep(1);
    }
    for (double late = 0; conversation.stream.end() == null && late < LATE_SECONDS; late += 0.01) {
      stage.advance(STEP);
      exchanges.listen();
      Thread.sleep(1);
    }
    if (!how.equals(conversation.stream.end())) {
      wrong(line, "recorded " + how + ", here " + conversation.stream.end());
    }
  }

  @SuppressWarnings("ReferenceEquality") // This very line, not one that reads the same.
  private boolean nothingFollows(JsonNode close) {
    boolean after = false;
    for (JsonNode line : trace.lines()) {
      String dir = line.get("dir").asText();
      if (after && (dir.equals("request") || dir.equals("process") || dir.equals("event"))) {
        return false;
      }
      after |= line == close;
    }
    return true;
  }

  @Override
  public void close() {
    exchanges.close();
    stage.close();
  }
}
