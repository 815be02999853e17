package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.server.document.Documents;
import io.springtide.testing.Patience;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Reads {@code /v1/events}. */
final class Feed implements AutoCloseable {
  static final String ENDED = "it ended";

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** One event. */
  record News(String id, String event, JsonNode data) {}

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private CompletableFuture<HttpResponse<Void>> answer;

  private Feed() {}

  /** Returns once whatever changes from now on will be told. */
  static Feed of(int port) {
    Feed feed = begin(port);
    assertThat(feed.line()).startsWith(": from version ");
    return feed;
  }

  /** Goes on behind that event. */
  static Feed after(int port, String id) {
    Feed feed = begin(port, "Last-Event-ID", id);
    assertThat(feed.line()).startsWith(": after ");
    return feed;
  }

  private static Feed begin(int port, String... headers) {
    Feed feed = new Feed();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/events"))
            .header("Accept", "text/event-stream");
    if (headers.length > 0) {
      request.headers(headers);
    }
    feed.answer =
        HTTP.sendAsync(
            request.build(), HttpResponse.BodyHandlers.fromLineSubscriber(feed.new Lines()));
    return feed;
  }

  /** The next of that kind; what comes before it is passed over. */
  JsonNode next(String event) {
    return next(event, "");
  }

  /** The next of that kind in which that text stands. */
  JsonNode next(String event, String text) {
    List<News> passed = new ArrayList<>();
    while (true) {
      News news = next();
      if (news.event().equals(event) && news.data().toString().contains(text)) {
        return news.data();
      }
      passed.add(news);
      assertThat(passed).as("no %s", event).hasSizeLessThan(1000);
    }
  }

  /** The next, whatever it is. */
  News next() {
    String id = "";
    String event = "";
    String data = "";
    while (data.isEmpty()) {
      String line = line();
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        event = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      }
    }
    return new News(id, event, Documents.json(data.getBytes(StandardCharsets.UTF_8)));
  }

  /** How it ended; what comes before is passed over. */
  String end() {
    String line = line();
    while (!line.startsWith(ENDED)) {
      line = line();
    }
    return line;
  }

  private String line() {
    try {
      String line = lines.poll(Patience.seconds(), TimeUnit.SECONDS);
      assertThat(line).as("something is told").isNotNull();
      return line;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    answer.cancel(true);
  }

  private final class Lines implements Flow.Subscriber<String> {
    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
      lines.add(line);
    }

    @Override
    public void onError(Throwable e) {
      lines.add(ENDED + ": " + e);
    }

    @Override
    public void onComplete() {
      lines.add(ENDED);
    }
  }
}
