package io.springtide.server.http;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;
import io.javalin.http.sse.SseHandler;
import io.springtide.server.access.Right;
import io.springtide.server.document.Documents;
import io.springtide.server.document.Form;
import io.springtide.server.document.Shape;
import io.springtide.server.document.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /v1/events}: what changes, as server-sent events {@code instance}, {@code host},
 * {@code job}, {@code deployment}, {@code pool} and {@code health}, or as a list in JSON. Each
 * carries the thing as it is now: of changes between two looks only the last is told. Each has an
 * id, behind which a reader goes on; where what follows it is not kept any more, the event {@code
 * reset} says so.
 */
final class EventFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventFeed.class);

  private static final String EVENT_STREAM = "text/event-stream";
  private static final String JSON = "application/json";
  private static final String AFTER = "after";
  private static final String RESET = "reset";

  /** Each has a thread, which sleeps while nothing happens. */
  static final int READERS = 200;

  /** Events that a reader takes from the log at once. */
  private static final int BATCH = 100;

  private static final int PAUSE_MILLIS = 100;
  private static final int COMMENT_MILLIS = 15_000;

  private static final Form LIST =
      Form.of("Events", "What is kept of what has changed.")
          .has("items", Value.list(Shape.EVENT), "The oldest first.")
          .has("next", Value.text(), "Where to go on.");

  private final Supplier<LeadingCore> core;
  private final SseHandler stream = new SseHandler(this::feed);
  private final Semaphore places = new Semaphore(READERS);
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile EventLog events;

  EventFeed(Supplier<LeadingCore> core) {
    this.core = core;
  }

  /** From now on this process leads, and keeps what happens. */
  void lead(LeadingCore leading) {
    byte[] mark = new byte[6];
    new SecureRandom().nextBytes(mark);
    EventLog begun =
        new EventLog(HexFormat.of().formatHex(mark), leading::view, InstantSource.system());
    Thread thread = new Thread(() -> keep(leading, begun), "events");
    thread.setDaemon(true);
    thread.setUncaughtExceptionHandler(
        (one, e) -> {
          log.error("What happens is not told any more", e);
          begun.close();
        });
    events = begun;
    thread.start();
  }

  /** Only the newest view matters; the shell's thread is not held up. */
  private void keep(LeadingCore leading, EventLog begun) {
    Semaphore changed = new Semaphore(1);
    Runnable end = leading.published().watch(view -> changed.release());
    try {
      while (closed.getCount() > 0) {
        if (changed.tryAcquire(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
          changed.drainPermits();
          begun.look();
          closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end.run();
      begun.close();
    }
  }

  List<Route> routes() {
    return List.of(
        Route.get("/v1/events", "readEvents", "What changes, as it does; or what did lately")
            .right(Right.READ)
            .with(
                Parameter.query(AFTER, Value.text(), "The id behind which to go on."),
                Page.LIMIT,
                Parameter.header(
                    "Last-Event-ID", Value.text(), "The same, as browsers say it; it goes first."))
            .answers(200, LIST, "With Accept: application/json, what is kept.")
            .answers(
                new Route.Answer(
                    200,
                    "With Accept: text/event-stream, events with id, event and data, which do not"
                        + " end.",
                    null,
                    EVENT_STREAM,
                    false))
            .refuses(406)
            .does(this::open));
  }

  private void open(Context http) {
    String accept = http.header("Accept") == null ? "" : http.header("Accept");
    // Who does not lead says so before the stream begins.
    requireNonNull(core.get());
    EventLog kept = events;
    if (kept == null || kept.isClosed()) {
      throw Problem.unavailable("events are not told at the moment", "try again");
    }
    if (accept.contains(EVENT_STREAM)) {
      if (http.queryParam("limit") != null) {
        throw Problem.parameter(
            "limit", "a stream of events has no end", "leave it out, or ask for Accept: " + JSON);
      }
      if (places.availablePermits() == 0) {
        throw Problem.unavailable(
            "more than " + READERS + " read the events already", "try again later");
      }
      stream.handle(http);
    } else if (accept.contains(JSON)) {
      list(http, kept);
    } else {
      throw new Problem(
          406,
          "Not acceptable",
          "events come as " + EVENT_STREAM + ", or as " + JSON + " those that are kept",
          "Accept",
          "send the header Accept: " + EVENT_STREAM);
    }
  }

  /** The id behind which to go on. A browser that reconnects repeats the URL, and says more. */
  private static Optional<String> resumed(Context http) {
    String id = http.header("Last-Event-ID");
    return Optional.ofNullable(id == null || id.isEmpty() ? http.queryParam(AFTER) : id);
  }

  private void feed(SseClient client) {
    if (!places.tryAcquire()) {
      // Somebody else took the last place meanwhile.
      client.close();
      return;
    }
    try {
      follow(client, events);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      places.release();
    }
  }

  /** A reader that is slow holds up nobody else: it reads what is kept, or is told what is not. */
  private static void follow(SseClient client, EventLog kept) throws InterruptedException {
    Optional<String> id = resumed(client.ctx());
    // What is there already is not told to who begins now.
    kept.look();
    EventLog.Rest end = kept.end();
    long place = end.last();
    if (id.isEmpty()) {
      client.sendComment("from version " + end.version());
    } else {
      Optional<Long> known = kept.number(id.get());
      client.sendComment("after " + RequestReader.cut(id.get()));
      if (known.isPresent()) {
        place = known.get();
      } else {
        reset(client, kept, end);
      }
    }
    // A token that is removed, or whose time is over, reads no further.
    while (!client.terminated() && !kept.isClosed() && Gate.stands(client.ctx())) {
      EventLog.Rest rest = kept.await(place, BATCH, COMMENT_MILLIS);
      if (rest.missed()) {
        reset(client, kept, rest);
        place = rest.last();
      } else if (rest.entries().isEmpty()) {
        client.sendComment("still here");
      }
      for (EventLog.Entry entry : rest.entries()) {
        client.sendEvent(entry.event(), entry.data(), kept.id(entry.number()));
        place = entry.number();
        if (client.terminated()) {
          return;
        }
      }
    }
  }

  private static void reset(SseClient client, EventLog kept, EventLog.Rest rest) {
    client.sendEvent(RESET, reset(rest).toString(), kept.id(rest.last()));
  }

  private static ObjectNode reset(EventLog.Rest rest) {
    return Documents.object()
        .put("version", rest.version())
        .put(
            "detail",
            "what follows that id is not kept here any more, or was never told by this leader")
        .put("fix", "read the lists again; what follows is what changes after this version");
  }

  private static void list(Context http, EventLog kept) {
    int limit = Page.limit(http);
    Optional<String> id = resumed(http);
    kept.look();
    Optional<Long> known = id.isPresent() ? kept.number(id.get()) : Optional.of(kept.beginning());
    EventLog.Rest rest =
        known.isPresent() ? kept.after(known.get(), limit) : kept.end().thoughMissed();
    Replies.stream(http, out -> write(out, kept, rest, known.orElse(0L)));
  }

  private static void write(OutputStream out, EventLog kept, EventLog.Rest rest, long place)
      throws IOException {
    long next = rest.missed() ? rest.last() : place;
    try (JsonGenerator json = Documents.mapper().createGenerator(out)) {
      json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      json.writeStartObject();
      json.writeArrayFieldStart("items");
      if (rest.missed()) {
        json.writeStartObject();
        json.writeStringField("id", kept.id(next));
        json.writeStringField("event", RESET);
        json.writeFieldName("data");
        Documents.mapper().writeTree(json, reset(rest));
        json.writeEndObject();
      }
      for (EventLog.Entry entry : rest.entries()) {
        json.writeStartObject();
        json.writeStringField("id", kept.id(entry.number()));
        json.writeStringField("at", entry.at().toString());
        json.writeStringField("event", entry.event());
        json.writeFieldName("data");
        json.writeRawValue(entry.data());
        json.writeEndObject();
        next = entry.number();
      }
      json.writeEndArray();
      json.writeStringField("next", kept.id(next));
      json.writeEndObject();
    }
  }

  /** Ends all streams: the server's stop would wait for them. */
  @Override
  public void close() {
    closed.countDown();
    EventLog kept = events;
    if (kept != null) {
      kept.close();
    }
  }
}
