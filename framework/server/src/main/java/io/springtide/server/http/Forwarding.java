package io.springtide.server.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Passes what a follower is asked on to the leader, once: a follower that was taken for the leader
 * refuses, so a request never goes in circles while an election is under way. A stream of events is
 * redirected instead, since it would hold a thread for as long as it lasts.
 */
final class Forwarding {
  private static final String MARK = "Springtide-Forwarded";
  private static final Duration CONNECT = Duration.ofSeconds(3);

  /** Longer than the leader itself takes to give up. */
  private static final Duration ANSWER = Duration.ofSeconds(35);

  private static final List<String> ASKED =
      List.of(
          "Accept",
          "Authorization",
          "Content-Type",
          "Idempotency-Key",
          "If-Match",
          "If-None-Match");
  private static final List<String> ANSWERED =
      List.of("Content-Type", "ETag", "Location", "Retry-After");

  private final Supplier<Optional<String>> leader;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * @param leader {@code host:port} of the process that leads, if any is known
   */
  Forwarding(Supplier<Optional<String>> leader) {
    this.leader = leader;
  }

  /** Answers with what the leader answers. */
  void pass(Context asked) {
    if (asked.header(MARK) != null) {
      throw Problem.unavailable("an election is under way", "try again");
    }
    String to =
        leader
            .get()
            .orElseThrow(
                () -> Problem.unavailable("no process leads at the moment", "try again soon"));
    String query = asked.queryString() == null ? "" : "?" + asked.queryString();
    URI uri = URI.create("http://" + to + asked.req().getRequestURI() + query);
    if (asked.path().equals("/v1/events")) {
      asked.status(307).header("Location", uri.toString());
      return;
    }
    byte[] body = RequestReader.bytes(asked);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .timeout(ANSWER)
            .header(MARK, "1")
            .method(
                asked.method().name(),
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    for (String name : ASKED) {
      String value = asked.header(name);
      if (value != null) {
        request.header(name, value);
      }
    }
    try {
      HttpResponse<byte[]> answer = http.send(request.build(), BodyHandlers.ofByteArray());
      for (String name : ANSWERED) {
        answer.headers().firstValue(name).ifPresent(value -> asked.header(name, value));
      }
      asked.status(answer.statusCode()).result(answer.body());
    } catch (IOException e) {
      throw Problem.unavailable(
          "the leader at " + to + " does not answer; a change may still have come about",
          "read the document to see, then try again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable("this process is ending", "try again");
    }
  }
}
