package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code tide events}: what was kept, and what is followed over broken connections. */
class EventsTest {
  private static final String KEPT =
      "{'items': [{'id': '7', 'at': '2026-01-01T00:00:00Z', 'event': 'instance', 'data': {'id':"
          + " 'a.b#0', 'state': 'RUNNING', 'host': 'h1', 'healthy': true}}, {'id': '8', 'at':"
          + " '2026-01-01T00:00:01Z', 'event': 'job', 'data': {'id': 'a.b', 'removed': true}}],"
          + " 'next': '8'}";

  /** What each connection that follows sends before it ends. */
  private final Queue<String> streams = new ArrayDeque<>();

  private FakeServer server;
  private Person person;

  @BeforeEach
  void serve() throws IOException {
    server = new FakeServer();
    person = new Person(server);
    server.when(
        "GET /v1/events",
        exchange -> {
          if (!exchange.getRequestHeaders().getFirst("Accept").equals("text/event-stream")) {
            FakeServer.send(200, KEPT).answer(exchange);
            return;
          }
          String text = streams.poll();
          if (text == null) {
            FakeServer.send(503, "{'title': 'Nobody leads', 'detail': 'yet'}").answer(exchange);
            return;
          }
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(text.getBytes(StandardCharsets.UTF_8));
        });
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void theKeptOnesAreLines() {
    assertThat(person.tide("events")).isZero();
    assertThat(person.said().lines())
        .containsExactly(
            "2026-01-01T00:00:00Z      instance  a.b#0  RUNNING on h1, healthy",
            "2026-01-01T00:00:01Z      job       a.b  gone");
    assertThat(person.tide("events", "--type", "job,host", "--after", "5", "-o", "json")).isZero();
    assertThat(person.said().strip())
        .isEqualTo(
            "{\"id\":\"8\",\"at\":\"2026-01-01T00:00:01Z\",\"event\":\"job\",\"data\":{\"id\":\"a.b\",\"removed\":true}}");
    assertThat(server.asked).last().isEqualTo("GET /v1/events?limit=1000&after=5");
    assertThat(person.tide("events", "-o", "name")).isZero();
    assertThat(person.said().lines()).containsExactly("a.b#0", "a.b");
    assertThat(person.tide("events", "--type", "jbo")).isEqualTo(2);
    assertThat(person.complained()).contains("'jbo'", "health, host, instance, job");
  }

  @Test
  void aBrokenConnectionIsMadeAgainFromTheLastEvent() {
    streams.add(
        """
        : from version 3

        id: 9
        event: host
        data: {"id": "h1", "pool": "idc", "condition": "lost"}

        id: 10
        event: host
        data: {"id": "never ended"}
        """);
    streams.add("id: 12\nevent: reset\ndata: {}\n\n");
    for (int i = 0; i < 8; i++) {
      person.pauses.add(() -> {});
    }
    assertThat(person.tide("events", "-f", "--type", "host")).isZero();
    assertThat(person.said()).contains("host      h1  lost in idc").doesNotContain("never");
    assertThat(person.complained()).contains("events are missing after 9", "Nobody leads");
    assertThat(server.asked.subList(0, 5))
        .containsExactly(
            "GET /v1/events?limit=1000",
            "GET /v1/events?after=8",
            "GET /v1/events?after=9",
            "GET /v1/events?after=12",
            "GET /v1/events?after=12");
    assertThat(person.paused)
        .containsExactly(1000L, 2000L, 4000L, 8000L, 16000L, 30000L, 30000L, 30000L, 30000L);
  }

  @Test
  void whatIsRefusedForGoodEndsIt() {
    streams.add("");
    person.pauses.add(
        () -> server.when("GET /v1/events", FakeServer.send(410, "{'title': 'No', 'detail': ''}")));
    person.pauses.add(() -> {});
    assertThat(person.tide("events", "-f")).isEqualTo(1);
    assertThat(person.pauses).hasSize(1);
  }

  @Test
  void anEventThatIsTooLongIsPassedOverAndSaid() {
    streams.add(
        "id: 9\nevent: job\ndata: "
            + "x".repeat(EventStream.MOST_BYTES + 1)
            + "\n\n: "
            + "y".repeat(EventStream.MOST_BYTES)
            + "\nid: 10\nevent: job\ndata: {\"id\": \"a.c\", \"version\": 2}\n\n");
    assertThat(person.tide("events", "-f")).isZero();
    assertThat(person.complained()).contains("too long");
    assertThat(person.said()).contains("a.c  version 2, 0 of 0 ready");
  }

  @Test
  void eventsOfSeveralLinesAndOtherLineEndsAreRead() throws IOException {
    EventStream stream =
        new EventStream(
            new ByteArrayInputStream(
                "event:a\r\ndata:1\r\ndata: 2\r\n\r\nretry: 3\n\ndata\n\n"
                    .getBytes(StandardCharsets.UTF_8)));
    assertThat(List.of(stream.next().orElseThrow(), stream.next().orElseThrow()))
        .containsExactly(
            new EventStream.Sent("", "a", "1\n2", false),
            new EventStream.Sent("", "message", "", false));
    assertThat(stream.next()).isEmpty();
  }
}
