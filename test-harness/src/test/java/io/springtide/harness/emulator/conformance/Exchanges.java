package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** The HTTP of a replay: requests go out, answers and events come in and are judged. */
final class Exchanges implements AutoCloseable {

  /** How long an event that was sent may take to arrive. */
  private static final int PATIENCE_MILLIS = 500;

  /** What a master that others use may say at any time. */
  private static final Set<String> OF_OTHERS =
      Set.of("OFFERS", "RESCIND", "INVERSE_OFFERS", "RESCIND_INVERSE_OFFER", "FAILURE");

  private final Trace trace;
  private final Stage stage;
  private final Differences differences;
  private final Bindings bindings;
  private final Comparison comparison;
  private final DoubleSupplier now;
  private final List<String> errors;
  private final Map<String, Conversation> conversations = new LinkedHashMap<>();
  private final Map<String, Conversation> onSubscription = new HashMap<>();
  private final BitSet expected = new BitSet();
  private long received;
  private long lost;

  /**
   * @param now the moment of the recording that the replay has come to
   * @param errors where whatever is not as recorded is entered
   */
  Exchanges(
      Trace trace,
      Stage stage,
      Differences differences,
      Bindings bindings,
      Comparison comparison,
      DoubleSupplier now,
      List<String> errors) {
    this.trace = trace;
    this.stage = stage;
    this.differences = differences;
    this.bindings = bindings;
    this.comparison = comparison;
    this.now = now;
    this.errors = errors;
  }

  /** Sends a recorded request, unless it reached nobody in the recording either. */
  void send(JsonNode line) throws IOException, InterruptedException {
    if (!line.has("headers")) {
      sendOnSubscription(line);
      return;
    }
    Conversation conversation = new Conversation(Conversation.key(line), line);
    conversations.put(conversation.key, conversation);
    if (recordedStatus(line) == 0) {
      return;
    }
    boolean head = line.get("method").asText().equals("HEAD");
    conversation.http = new RawHttp(address(line), Request.bytes(line, bindings), head);
    // The clock must not run on before the other side has heard of it.
    awaitHead(conversation);
  }

  /** A call on the socket of the subscription; its answer comes in the middle of the stream. */
  private void sendOnSubscription(JsonNode line) throws IOException {
    Conversation stream = conversations.get(Conversation.key(line));
    ObjectNode request = line.deepCopy();
    request.set("headers", stream.request.get("headers").deepCopy());
    request
        .withArray("headers")
        .addArray()
        .add("Mesos-Stream-Id")
        .add(stream.head.header("Mesos-Stream-Id"));
    Conversation call = new Conversation(stream.key + " call", request);
    call.http = stream.http;
    conversations.put(call.key, call);
    onSubscription.put(stream.key, call);
    call.http.send(Request.bytes(request, bindings));
  }

  private Stage.Address address(JsonNode request) {
    for (JsonNode header : request.get("headers")) {
      if (header.get(0).asText().equalsIgnoreCase("Host")) {
        return stage.address(header.get(1).asText().replaceAll(".*:", ""));
      }
    }
    throw new IllegalArgumentException("no Host in " + request);
  }

  /** The recorded status of a request's answer; 0 where there was none. */
  int recordedStatus(JsonNode request) {
    for (JsonNode line : trace.lines()) {
      if (line.get("dir").asText().equals("response-head")
          && Conversation.key(line).equals(Conversation.key(request))) {
        return line.get("status").asInt();
      }
    }
    return 0;
  }

  /** The conversation that a recorded answer belongs to. */
  Conversation answered(JsonNode line) {
    String key = Conversation.key(line);
    return onSubscription.getOrDefault(key, conversations.get(key));
  }

  Conversation of(JsonNode line) {
    return conversations.get(Conversation.key(line));
  }

  List<Conversation> all() {
    return List.copyOf(conversations.values());
  }

  void awaitHead(Conversation conversation) throws InterruptedException {
    for (int i = 0; i < 5000 && conversation.head == null && conversation.http != null; i++) {
      listen();
      if (conversation.head == null) {
        Thread.sleep(1);
      }
    }
  }

  /** The first event recorded up to a moment that has not come; null when all have. */
  String missing(double at) {
    for (Conversation conversation : conversations.values()) {
      String missing = conversation.stream == null ? null : conversation.stream.missing(at);
      if (missing != null) {
        return missing;
      }
    }
    return null;
  }

  /** Takes what has come; waits for what is known to be on its way. */
  void listen() throws InterruptedException {
    for (int i = 0; i < PATIENCE_MILLIS; i++) {
      boolean any = false;
      for (Conversation conversation : all()) {
        for (var item = conversation.poll(); item != null; item = conversation.poll()) {
          any = true;
          take(conversation, item);
        }
      }
      if (!any && onTheirWay() <= 0) {
        return;
      }
      if (!any) {
        Thread.sleep(1);
      }
    }
    lost += onTheirWay(); // sent into a connection that we had closed
  }

  private long onTheirWay() {
    long left = stage.sent() - received;
    lost = Math.max(0, Math.min(lost, left)); // what came late was not lost
    return left - lost;
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
      expect();
    } else if (item instanceof RawHttp.Item.Chunk chunk) {
      received++;
      record(from.stream != null ? from : subscription(from.conn), chunk.bytes());
    } else if (item instanceof RawHttp.Item.End end && from.stream != null) {
      from.stream.ended(end.how());
    }
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
    byte[] bytes = Arrays.copyOfRange(chunk, feed + 1, chunk.length);
    try {
      judge(
          conversation,
          "application/x-protobuf".equals(conversation.head.header("content-type"))
              ? Protobuf.json(bytes, builder(conversation.request))
              : Trace.JSON.readTree(bytes));
    } catch (IOException e) {
      errors.add(conversation.key + ": " + e);
    }
  }

  private void judge(Conversation conversation, JsonNode event) {
    expect();
    String type = event.path("type").asText();
    if (type.equals("SUBSCRIBED")) {
      stage.subscribed(event.at("/subscribed/framework_id/value").asText());
    }
    boolean foreign = !stage.exact() && OF_OTHERS.contains(type);
    String wrong = foreign ? null : conversation.stream.take(event, now.getAsDouble());
    boolean late = type.equals("OFFERS") && leavesSoon(conversation);
    boolean unread = type.equals("ACKNOWLEDGED") && endsSoon(conversation);
    if (wrong != null && !late && !unread) {
      errors.add(wrong);
    }
  }

  /** An allocation just before the recorder left: it would have seen it just after. */
  private boolean leavesSoon(Conversation conversation) {
    return trace.lines().stream()
        .anyMatch(
            line ->
                line.get("dir").asText().equals("close")
                    && Conversation.key(line).equals(conversation.key)
                    && line.get("t").asDouble() < now.getAsDouble() + 0.25);
  }

  /** An executor that ends at once does not read what was still sent to it. */
  private boolean endsSoon(Conversation conversation) {
    return trace.lines().stream()
        .anyMatch(
            line ->
                line.path("conn").asText().equals(conversation.conn)
                    && line.path("text").asText().startsWith("executor process exits")
                    && Math.abs(line.get("t").asDouble() - now.getAsDouble()) < 0.2);
  }

  /** Tells the streams of the events that are recorded for soon. */
  void expect() {
    for (int i = 1; i < trace.lines().size(); i++) {
      JsonNode line = trace.lines().get(i);
      double at = line.get("t").asDouble();
      if (at > now.getAsDouble() + StreamCheck.EARLY_SECONDS + 3) {
        return;
      }
      if (!expected.get(i) && line.get("dir").asText().equals("event")) {
        Conversation conversation = of(line);
        if (conversation != null && conversation.stream != null) {
          expected.set(i);
          conversation.stream.expect(
              at, differences.earliest(at), differences.event(recorded(line)));
        }
      }
    }
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
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(line.toString(), e);
    }
  }

  private static Message.Builder builder(JsonNode line) {
    return line.get("conn").asText().startsWith("exec")
        ? org.apache.mesos.v1.executor.Protos.Event.newBuilder()
        : org.apache.mesos.v1.scheduler.Protos.Event.newBuilder();
  }

  @Override
  public void close() {
    new ArrayList<>(conversations.values())
        .forEach(
            conversation -> {
              if (conversation.http != null) {
                conversation.http.close();
              }
            });
  }
}
