package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import io.springtide.harness.emulator.AgentView;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.harness.emulator.time.VirtualLoop;
import io.springtide.harness.emulator.wire.Ids;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * Plays a trace against the emulator: sends what the recorder sent, does to the processes what it
 * did, and compares every answer and every event. The emulator is behind real HTTP but on a virtual
 * clock that follows the recording, so a minute of Mesos takes no minute and nothing depends on how
 * fast this machine is.
 */
final class Replay implements AutoCloseable {

  private static final Instant START = Instant.parse("2026-11-20T20:00:00Z");
  private static final Duration STEP = Duration.ofMillis(10);

  /** How much later than recorded an event may come, on the virtual clock. */
  private static final double LATE_SECONDS = 2.5;

  private static final Set<String> OWN_VARIABLES =
      Set.of("LC_CTYPE", "PWD", "MESOS_NATIVE_JAVA_LIBRARY", "MESOS_NATIVE_LIBRARY");

  private final Trace trace;
  private final Setup setup;
  private final Differences differences;
  private final VirtualLoop loop = new VirtualLoop(START);
  private final RecordedExecutors executors = new RecordedExecutors(loop);
  private final Bindings bindings = new Bindings();
  private final Comparison comparison = new Comparison(bindings);
  private final Path dir;
  private MesosEmulator mesos;
  private RecordedZooKeeper zooKeeper;
  private final Map<String, Conversation> conversations = new LinkedHashMap<>();
  private final Map<String, String> agentsWithDoor = new HashMap<>();
  private final List<String> errors = new ArrayList<>();
  private double skew;
  private long received;
  private long lost;
  private String lastNote = "";
  private boolean wipe;

  /** A request of the recording and the connection that it went over. */
  private static final class Conversation {
    final String key;
    final String conn;
    final JsonNode request;
    RawHttp http;
    StreamCheck stream;
    RawHttp.Head head;
    byte[] body;
    boolean closedByUs;

    Conversation(String key, JsonNode request) {
      this.key = key;
      this.conn = request.get("conn").asText();
      this.request = request;
    }
  }

  Replay(Trace trace, Path dir, Differences differences) {
    this.trace = trace;
    this.setup = new Setup(trace);
    this.dir = dir;
    this.differences = differences.of(trace.name());
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
    if (errors.isEmpty()) {
      double end = trace.lines().get(trace.lines().size() - 1).get("t").asDouble();
      awaitAll(end);
    }
    return errors;
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

  private double now() {
    return Duration.between(START, loop.now()).toNanos() / 1e9 - skew;
  }

  /** Lets the clock go on to a moment of the recording, in steps, listening meanwhile. */
  private void passTime(double to) throws InterruptedException {
    while (errors.isEmpty()) {
      double left = to - now();
      if (left > 0 && skew > 0) {
        // Waiting made the run late: it catches up where the recording rests.
        skew -= Math.min(skew, left / 2);
        left = to - now();
      }
      if (left <= 0) {
        listen();
        return;
      }
      loop.advance(Duration.ofNanos((long) (Math.min(left, 0.05) * 1e9) + 1));
      listen();
    }
  }

  private void play(JsonNode line) throws IOException, InterruptedException {
    switch (line.get("dir").asText()) {
      case "process" -> process(line);
      case "request" -> request(line);
      case "response-head" -> head(line);
      case "response-body" -> body(line);
      case "event" -> readAhead();
      case "close" -> close(line);
      case "env" -> environment(line);
      case "note" -> note(line);
      case "znode" -> znode(line);
      default -> throw new IllegalArgumentException("what is " + line.get("dir") + "?");
    }
  }

  // ------------------------------------------------------------------ processes

  private void process(JsonNode line) throws IOException, InterruptedException {
    String name = line.get("name").asText();
    String action = line.get("action").asText();
    double at = line.get("t").asDouble();
    if (name.equals("zookeeper")) {
      zooKeeper(action);
      return;
    }
    if (mesos != null) {
      awaitAll(at);
    }
    if (name.startsWith("master")) {
      master(Integer.parseInt(name.substring("master".length())) - 1, action);
      return;
    }
    if (name.startsWith("executor ")) {
      String executorId = name.substring("executor ".length());
      executors.exit(container(executorId), 9, noticed(executorId, at));
      return;
    }
    switch (action) {
      case "start" -> startAgent(name);
      case "SIGKILL" -> mesos.killAgent(name);
      case "SIGSTOP" -> mesos.pauseAgent(name);
      case "SIGCONT" -> mesos.resumeAgent(name);
      case "SIGUSR1" -> mesos.stopAgent(name, true);
      case "exited" -> awaitDown(name);
      default -> throw new IllegalArgumentException(line.toString());
    }
  }

  private String container(String executorId) {
    RecordedExecutors.Run run = executors.find(executorId);
    return run == null ? "" : run.launch.containerId();
  }

  private void zooKeeper(String action) throws IOException {
    if (action.equals("start")) {
      zooKeeper = new RecordedZooKeeper();
    } else {
      zooKeeper.close();
    }
  }

  private void master(int index, String action) throws IOException, InterruptedException {
    if (mesos == null) {
      double start = now();
      passTime(start + setup.firstAllocation());
      mesos =
          MesosEmulator.start(
              setup.config(dir, zooKeeper == null ? "" : zooKeeper.url()),
              loop,
              new Ids(new Random(trace.name().hashCode())),
              executors);
    }
    switch (action) {
      case "start" -> {
        mesos.startMaster(index);
        bindings.bind(
            setup.port("master" + (index + 1)),
            String.valueOf(mesos.masterUris().get(index).getPort()));
        if (zooKeeper != null) {
          zooKeeper.awaitMasters(index + 1);
        }
      }
      case "SIGKILL" -> mesos.killMaster(index);
      case "exited" -> {
        // The recorded master aborted over a bug of its own.
      }
      default -> throw new IllegalArgumentException(action);
    }
  }

  private void startAgent(String name) throws IOException {
    if (agentsWithDoor.containsKey(name)) {
      if (wipe) {
        mesos.wipeAgent(name);
        wipe = false;
      }
      mesos.restartAgent(name);
      return;
    }
    AgentView view = mesos.addAgent(setup.agent(name));
    agentsWithDoor.put(name, String.valueOf(view.uri().getPort()));
    bindings.bind(setup.port(name), String.valueOf(view.uri().getPort()));
  }

  private void awaitDown(String name) throws InterruptedException {
    for (double late = 0; late < LATE_SECONDS; late += 0.01) {
      if (mesos.agent(name).state() == AgentView.AgentState.DOWN) {
        return;
      }
      step();
    }
    errors.add(name + " has not ended by " + now() + " s");
  }

  private void note(JsonNode line) throws InterruptedException {
    lastNote = line.get("text").asText();
    wipe |= lastNote.contains("empty work_dir");
    if (lastNote.startsWith("executor process exits with code ")) {
      awaitAll(line.get("t").asDouble());
      int code = Integer.parseInt(lastNote.replaceAll(".* ", ""));
      for (Conversation conversation : List.copyOf(conversations.values())) {
        if (conversation.conn.equals(line.get("conn").asText()) && conversation.stream != null) {
          hangUp(conversation);
        }
      }
      String executorId = executorOf(line.get("conn").asText());
      executors.exit(
          container(executorId), code << 8, noticed(executorId, line.get("t").asDouble()));
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
    RecordedExecutors.Run run = executors.find(line.at("/body/MESOS_EXECUTOR_ID").asText());
    if (run == null) {
      errors.add("not started: " + line.get("conn"));
      return;
    }
    Map<String, String> recorded = new TreeMap<>();
    line.get("body")
        .fields()
        .forEachRemaining(field -> recorded.put(field.getKey(), field.getValue().asText()));
    recorded.keySet().removeAll(OWN_VARIABLES);
    Map<String, String> here = new TreeMap<>(run.launch.environment());
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

  // ------------------------------------------------------------------ requests and answers

  private static String key(JsonNode line) {
    return line.get("conn").asText() + "#" + line.get("req").asText();
  }

  private void request(JsonNode line) throws IOException, InterruptedException {
    awaitAll(line.get("t").asDouble());
    awaitLeader(line);
    if (!errors.isEmpty()) {
      return;
    }
    if (!line.has("headers")) {
      callOnSubscription(line);
      return;
    }
    Conversation conversation = new Conversation(key(line), line);
    conversations.put(conversation.key, conversation);
    if (!answered(line)) {
      return; // it never reached anybody in the recording either
    }
    boolean head = line.get("method").asText().equals("HEAD");
    byte[] bytes = Request.bytes(line, bindings);
    conversation.http = new RawHttp(port(line), bytes, head);
    // The clock must not run on before the emulator has heard of it.
    awaitHead(conversation);
  }

  /** A call on the socket of the subscription; its answer comes in the middle of the stream. */
  private void callOnSubscription(JsonNode line) throws IOException {
    Conversation stream = conversations.get(key(line));
    ObjectNode request = line.deepCopy();
    request.set("headers", stream.request.get("headers").deepCopy());
    request
        .withArray("headers")
        .addArray()
        .add("Mesos-Stream-Id")
        .add(stream.head.header("Mesos-Stream-Id"));
    Conversation call = new Conversation(key(line) + " call", request);
    call.http = stream.http;
    conversations.put(call.key, call);
    onSubscription.put(key(line), call);
    call.http.send(Request.bytes(request, bindings));
  }

  private final Map<String, Conversation> onSubscription = new HashMap<>();

  private Conversation answered(String key) {
    return onSubscription.getOrDefault(key, conversations.get(key));
  }

  /** The recorder polled until another master led; so do we, and ZooKeeper has its own clock. */
  private void awaitLeader(JsonNode line) throws InterruptedException {
    int recorded = status(line);
    if (zooKeeper == null || recorded == 307 || recorded == 503) {
      return;
    }
    for (int i = 0; i < 10_000 && mesos.leader() < 0; i++) {
      Thread.sleep(1);
      loop.advance(Duration.ofNanos(500_000));
      skew += 0.0005;
      listen();
    }
  }

  private int status(JsonNode request) {
    for (JsonNode line : trace.lines()) {
      if (line.get("dir").asText().equals("response-head") && key(line).equals(key(request))) {
        return line.get("status").asInt();
      }
    }
    return 0;
  }

  private void znode(JsonNode line) throws InterruptedException {
    String wrong = "";
    for (int i = 0; i < 5_000; i++) {
      wrong = zooKeeper.difference(line, differences.event(line.get("body")), bindings);
      if (wrong == null) {
        return;
      }
      Thread.sleep(1);
      listen();
    }
    errors.add("at " + line.get("t") + " s: " + wrong);
  }

  private Conversation subscription(String conn) {
    Conversation found = null;
    for (Conversation conversation : conversations.values()) {
      if (conversation.conn.equals(conn) && conversation.stream != null) {
        found = conversation;
      }
    }
    return found;
  }

  private boolean answered(JsonNode request) {
    return trace.lines().stream()
        .anyMatch(
            line ->
                line.get("dir").asText().equals("response-head") && key(line).equals(key(request)));
  }

  private int port(JsonNode request) {
    for (JsonNode header : request.get("headers")) {
      if (header.get(0).asText().equalsIgnoreCase("Host")) {
        String port = header.get(1).asText().replaceAll(".*:", "");
        String process = setup.process(port);
        return process.startsWith("master")
            ? mesos
                .masterUris()
                .get(Integer.parseInt(process.substring("master".length())) - 1)
                .getPort()
            : Integer.parseInt(agentsWithDoor.get(process));
      }
    }
    throw new IllegalArgumentException("no Host in " + request);
  }

  private void head(JsonNode line) throws InterruptedException {
    Conversation conversation = answered(key(line));
    awaitHead(conversation);
    if (differences.ignoresAnswer(key(line))) {
      return;
    }
    if (conversation.head == null) {
      errors.add(where(line) + "no answer");
      return;
    }
    int status = differences.status(key(line), line.get("status").asInt());
    if (conversation.head.status() != status) {
      errors.add(
          where(line)
              + "recorded status "
              + status
              + ", here "
              + conversation.head.status()
              + text(conversation));
      return;
    }
    for (JsonNode header : line.get("headers")) {
      header(line, conversation, header.get(0).asText(), header.get(1).asText());
    }
  }

  private static String text(Conversation conversation) {
    return conversation.body == null
        ? ""
        : " " + new String(conversation.body, StandardCharsets.UTF_8);
  }

  private void header(JsonNode line, Conversation conversation, String name, String recorded) {
    String here = conversation.head.header(name);
    boolean scrubbed = name.equals("Content-Length") && !recorded.equals("0");
    if (name.equals("Date") || scrubbed) {
      if (here == null) {
        errors.add(where(line) + "no header " + name);
      }
      return;
    }
    if (here == null || !bindings.unify(recorded, here)) {
      errors.add(where(line) + name + ": recorded " + recorded + ", here " + here);
    }
  }

  private String where(JsonNode line) {
    return key(line) + " at " + line.get("t") + " s (" + lastNote + "): ";
  }

  private void awaitHead(Conversation conversation) throws InterruptedException {
    for (int i = 0; i < 5000 && conversation.head == null && conversation.http != null; i++) {
      listen();
      if (conversation.head == null) {
        Thread.sleep(1);
      }
    }
  }

  private void body(JsonNode line) {
    Conversation conversation = answered(key(line));
    if (conversation.head == null
        || conversation.body == null
        || differences.ignoresAnswer(key(line))) {
      return;
    }
    if (conversation.request.get("method").asText().equals("HEAD")) {
      return;
    }
    String difference =
        differences.body(key(line), line, content(conversation), comparison, bindings);
    if (difference != null) {
      errors.add(where(line) + difference);
    }
  }

  private static byte[] content(Conversation conversation) {
    if (!"gzip".equals(conversation.head.header("content-encoding"))) {
      return conversation.body;
    }
    try (var unzipped = new GZIPInputStream(new ByteArrayInputStream(conversation.body))) {
      return unzipped.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void event(JsonNode line) {
    Conversation conversation = conversations.get(key(line));
    double at = line.get("t").asDouble();
    conversation.stream.expect(at, differences.earliest(at), differences.event(recorded(line)));
  }

  private static JsonNode recorded(JsonNode line) {
    JsonNode body = line.get("body");
    if (!body.has("base64")) {
      return body;
    }
    if (line.path("trimmed").asBoolean()) {
      return Trace.JSON.createObjectNode().put("$trimmed", true);
    }
    try {
      return Protobuf.json(Base64.getDecoder().decode(body.get("base64").asText()), builder(line));
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(line.toString(), e);
    }
  }

  private static Message.Builder builder(JsonNode line) {
    return line.get("conn").asText().startsWith("exec")
        ? org.apache.mesos.v1.executor.Protos.Event.newBuilder()
        : org.apache.mesos.v1.scheduler.Protos.Event.newBuilder();
  }

  private void close(JsonNode line) throws InterruptedException {
    Conversation conversation = conversations.get(key(line));
    String how = line.get("how").asText();
    if (how.equals("closed-by-recorder")) {
      awaitAll(line.get("t").asDouble());
      hangUp(conversation);
      return;
    }
    if (conversation.http == null
        || conversation.closedByUs
        || differences.ignoresClose(key(line))) {
      return;
    }
    if (how.equals("eof-without-last-chunk") && nothingFollows(line)) {
      // The recorder cleans up.
      agentsWithDoor.keySet().forEach(mesos::killAgent);
    }
    // What ZooKeeper decides takes real time.
    int patience = zooKeeper == null ? 200 : 8_000;
    for (int i = 0; conversation.stream.end() == null && i < patience; i++) {
      listen();
      Thread.sleep(1);
    }
    for (double late = 0; conversation.stream.end() == null && late < LATE_SECONDS; late += 0.01) {
      step();
      Thread.sleep(1);
    }
    if (!how.equals(conversation.stream.end())) {
      errors.add(where(line) + "recorded " + how + ", here " + conversation.stream.end());
    }
  }

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

  /** An executor that ends at once does not read what was still sent to it. */
  private boolean goneSoon(Conversation conversation) {
    return trace.lines().stream()
        .anyMatch(
            line ->
                line.path("conn").asText().equals(conversation.conn)
                    && line.path("text").asText().startsWith("executor process exits")
                    && line.get("t").asDouble() > now() - 0.2
                    && line.get("t").asDouble() < now() + 0.2);
  }

  /** An allocation just before the recorder left: it would have seen it just after. */
  private boolean closesSoon(Pending one) {
    return trace.lines().stream()
        .anyMatch(
            line ->
                line.get("dir").asText().equals("close")
                    && key(line).equals(one.conversation.key)
                    && line.get("t").asDouble() < now() + 0.25);
  }

  private void hangUp(Conversation conversation) throws InterruptedException {
    if (!conversation.closedByUs && conversation.http != null) {
      conversation.closedByUs = true;
      conversation.http.close();
      // The emulator has to notice before the recording goes on.
      Thread.sleep(20);
    }
  }

  // ------------------------------------------------------------------ what comes

  /** Waits until every event recorded so far has come, as the recorder did before it went on. */
  private void awaitAll(double at) throws InterruptedException {
    Instant patience = loop.now().plusMillis((long) (LATE_SECONDS * 1000));
    while (errors.isEmpty()) {
      listen();
      String missing = null;
      for (Conversation conversation : conversations.values()) {
        if (conversation.stream != null && missing == null) {
          missing = conversation.stream.missing(at);
        }
      }
      if (missing == null || !errors.isEmpty()) {
        return;
      }
      if (loop.now().isAfter(patience)) {
        errors.add("(" + lastNote + ") " + missing);
        return;
      }
      double before = now();
      loop.advance(STEP);
      skewBy(before, at);
    }
  }

  /** Time that passes while we wait for what is late shifts the rest of the recording. */
  private void skewBy(double before, double at) {
    double after = now();
    if (after > at) {
      skew += after - Math.max(before, at);
    }
  }

  private void step() throws InterruptedException {
    loop.advance(STEP);
    listen();
  }

  /** Takes what has come; waits for what is known to be on its way. */
  private void listen() throws InterruptedException {
    for (int i = 0; i < 60; i++) {
      boolean any = false;
      for (Conversation conversation : List.copyOf(conversations.values())) {
        for (RawHttp.Item item = poll(conversation); item != null; item = poll(conversation)) {
          any = true;
          take(conversation, item);
        }
      }
      if (!any && (mesos == null || mesos.eventsSent() == received + lost)) {
        return;
      }
      if (!any) {
        Thread.sleep(1);
      }
    }
    // Sent into a connection that we had closed.
    lost = mesos.eventsSent() - received;
  }

  private static RawHttp.Item poll(Conversation conversation) {
    return conversation.http == null || conversation.closedByUs ? null : conversation.http.poll();
  }

  private void take(Conversation from, RawHttp.Item item) {
    if (item instanceof RawHttp.Item.Whole whole) {
      Conversation asked = from;
      for (Conversation other : conversations.values()) {
        asked = other.http == from.http && other.head == null ? other : asked;
      }

      asked.head = whole.head();
      asked.body = whole.body();
    } else if (item instanceof RawHttp.Item.Begin begin) {
      from.head = begin.head();
      from.stream = new StreamCheck(from.key, comparison, bindings);
    } else if (item instanceof RawHttp.Item.Chunk chunk) {
      received++;
      Conversation stream = from.stream != null ? from : subscription(from.conn);
      record(stream, chunk.bytes());
    } else if (item instanceof RawHttp.Item.End end && from.stream != null) {
      from.stream.ended(end.how());
    }
  }

  /** Every chunk is one record: its length, a line feed, the event. */
  private void record(Conversation conversation, byte[] chunk) {
    int feed = 0;
    while (feed < chunk.length && chunk[feed] != '\n') {
      feed++;
    }
    int length = Integer.parseInt(new String(chunk, 0, feed, StandardCharsets.US_ASCII));
    if (length != chunk.length - feed - 1) {
      errors.add(conversation.key + ": a chunk that is not one record");
      return;
    }
    byte[] bytes = java.util.Arrays.copyOfRange(chunk, feed + 1, chunk.length);
    try {
      JsonNode event =
          "application/x-protobuf".equals(conversation.head.header("content-type"))
              ? Protobuf.json(bytes, builder(conversation.request))
              : Trace.JSON.readTree(bytes);
      pending.add(new Pending(conversation, event));
    } catch (IOException e) {
      errors.add(conversation.key + ": " + e);
    }
    judge();
  }

  /** An event that came before the recording's line about it was read. */
  private record Pending(Conversation conversation, JsonNode event) {}

  private final List<Pending> pending = new ArrayList<>();

  private void judge() {
    readAhead();
    for (Pending one : List.copyOf(pending)) {
      String wrong = one.conversation.stream.take(one.event, now());
      pending.remove(one);
      boolean late = one.event.path("type").asText().equals("OFFERS") && closesSoon(one);
      boolean unread =
          one.event.path("type").asText().equals("ACKNOWLEDGED") && goneSoon(one.conversation);
      if (wrong != null && !late && !unread) {
        errors.add("(" + lastNote + ") " + wrong);
        return;
      }
    }
  }

  private final java.util.BitSet readEvents = new java.util.BitSet();

  /** Tells the streams of the events that are recorded for soon. */
  private void readAhead() {
    for (int i = 1; i < trace.lines().size(); i++) {
      JsonNode line = trace.lines().get(i);
      if (line.get("t").asDouble() > now() + StreamCheck.EARLY_SECONDS + 3) {
        return;
      }
      if (!readEvents.get(i) && line.get("dir").asText().equals("event")) {
        Conversation conversation = conversations.get(key(line));
        if (conversation != null && conversation.stream != null) {
          readEvents.set(i);
          event(line);
        }
      }
    }
  }

  @Override
  public void close() {
    for (Conversation conversation : conversations.values()) {
      if (conversation.http != null) {
        conversation.http.close();
      }
    }
    if (mesos != null) {
      mesos.close();
    }
    if (zooKeeper != null) {
      zooKeeper.close();
    }
  }
}
