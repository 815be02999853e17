package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nobody who reads the events misses something without knowing. */
class EventsStoryTest {
  private final Framework.Durable durable = new Framework.Durable();
  private Framework framework;

  @BeforeEach
  void start() {
    framework = Framework.start(durable);
  }

  @AfterEach
  void stop() {
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  private void pool(String name) {
    assertThat(
            framework
                .put("/v1/pools/" + name, "{\"kind\": \"owned\", \"selector\": {\"a\": \"b\"}}")
                .status())
        .isEqualTo(201);
  }

  private static String name(Feed.News news) {
    return news.event() + " " + news.data().path("name").asText();
  }

  @Test
  void whoWasCutOffGoesOnBehindTheLastEventThatItHas() {
    String last;
    try (Feed feed = Feed.of(framework.port())) {
      pool("p1");
      Feed.News news = feed.next();
      assertThat(name(news)).isEqualTo("pool p1");
      last = news.id();
    }
    pool("p2");
    pool("p3");
    try (Feed feed = Feed.after(framework.port(), last)) {
      assertThat(name(feed.next())).isEqualTo("pool p2");
      assertThat(name(feed.next())).isEqualTo("pool p3");
      pool("p4");
      assertThat(name(feed.next())).as("and live from there on").isEqualTo("pool p4");
    }
  }

  @Test
  void whoKnowsTheEventsOfAnotherLeaderIsToldToReadTheListsAgain() {
    String last;
    try (Feed feed = Feed.of(framework.port())) {
      pool("p1");
      last = feed.next().id();
    }
    framework.close();
    framework = Framework.start(durable);
    // It has told something with the same number.
    pool("p2");
    try (Feed feed = Feed.after(framework.port(), last)) {
      Feed.News reset = feed.next();
      assertThat(reset.event()).isEqualTo("reset");
      assertThat(reset.data().path("version").asLong())
          .isEqualTo(framework.get("/healthz").body().path("version").asLong());
      assertThat(reset.data().path("fix").asText()).contains("read the lists again");
      pool("p3");
      Feed.News live = feed.next();
      assertThat(name(live)).isEqualTo("pool p3");
      try (Feed again = Feed.after(framework.port(), reset.id())) {
        assertThat(again.next()).as("a reset is a place to go on from").isEqualTo(live);
      }
    }
  }

  @Test
  void whatIsKeptIsAlsoAListThatIsReadPartByPart() {
    assertThat(events("").path("items")).isEmpty();
    String begin = events("").path("next").asText();
    pool("p1");
    pool("p2");
    pool("p3");
    JsonNode first = events("?after=" + begin + "&limit=2");
    assertThat(first.at("/items/0/event").asText()).isEqualTo("pool");
    assertThat(first.at("/items/0/at").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
    assertThat(first.at("/items/0/data/name").asText()).isEqualTo("p1");
    assertThat(first.at("/items/1/id")).isEqualTo(first.path("next"));
    JsonNode second = events("?after=" + first.path("next").asText());
    assertThat(second.path("items")).hasSize(1);
    assertThat(second.at("/items/0/data/name").asText()).isEqualTo("p3");
    JsonNode none = events("?after=" + second.path("next").asText());
    assertThat(none.path("items")).isEmpty();
    assertThat(none.path("next")).isEqualTo(second.path("next"));

    JsonNode lost = events("?after=000000000000-7");
    assertThat(lost.path("items")).hasSize(1);
    assertThat(lost.at("/items/0/event").asText()).isEqualTo("reset");
    assertThat(lost.path("next")).isEqualTo(second.path("next"));
    assertThat(ask("?aftr=x").text("fix")).contains("did you mean 'after'?");
    assertThat(ask("?limit=0").status()).isEqualTo(400);
  }

  @Test
  void aHundredReadersAreToldTheSameAndOneThatReadsNothingHoldsUpNobody() throws IOException {
    List<Feed> feeds = new ArrayList<>();
    try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), framework.port())) {
      slow.getOutputStream()
          .write(
              "GET /v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 100; i++) {
        feeds.add(Feed.of(framework.port()));
      }
      pool("p1");
      Feed.News told = feeds.get(0).next();
      assertThat(name(told)).isEqualTo("pool p1");
      for (Feed feed : feeds.subList(1, feeds.size())) {
        assertThat(feed.next()).isEqualTo(told);
      }
      assertThat(framework.get("/v1/pools").status()).as("others are served").isEqualTo(200);
    } finally {
      feeds.forEach(Feed::close);
    }
  }

  private JsonNode events(String query) {
    Framework.Answer answer = ask(query);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    return answer.body();
  }

  private Framework.Answer ask(String query) {
    return framework.send("GET", "/v1/events" + query, null, "Accept", "application/json");
  }
}
