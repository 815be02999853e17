package io.springtide.server.http;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.springtide.server.access.Peers;
import io.springtide.server.loop.Standby;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes what a follower is asked on to the leader, once: a follower that was taken for the leader
 * refuses, so a request never goes in circles while an election is under way. Answers pass through
 * as they come; a stream of events holds a thread for as long as it lasts, so there are not more
 * than {@link #STREAMS}. To redirect it would cost the reader its token: clients do not show that
 * to another host.
 */
final class Forwarding {
  private static final Logger log = LoggerFactory.getLogger(Forwarding.class);
  private static final String MARK = "Springtide-Forwarded";
  private static final Duration CONNECT = Duration.ofSeconds(3);

  /** Longer than the leader itself takes to give up. */
  private static final Duration ANSWER = Duration.ofSeconds(35);

  /** A change is answered after so long though it cannot be read here yet. */
  private static final Duration FOLLOWED = Duration.ofSeconds(2);

  private static final String EVENT_STREAM = "text/event-stream";
  private static final int STREAMS = 40;
  private static final int BUFFER_BYTES = 8192;

  private static final List<String> ASKED =
      List.of(
          "Accept",
          "Authorization",
          "Content-Type",
          "Idempotency-Key",
          "If-Match",
          "If-None-Match",
          "Last-Event-ID");
  private static final List<String> ANSWERED =
      List.of(
          "Content-Type", "ETag", "Location", "Retry-After", "WWW-Authenticate", Replies.VERSION);

  private final Supplier<Optional<String>> leader;
  private final Supplier<Optional<Peers>> peers;
  private final Standby standby;
  private final Semaphore streams = new Semaphore(STREAMS);
  private final HttpClient http;

  /**
   * @param leader {@code http[s]://host:port} of the process that leads, if any is known
   * @param peers by which the leader believes us from where we were asked, as soon as they are
   *     known
   * @param standby what this process follows: who changes something is answered when it can be read
   *     here
   * @param tls by which a leader is trusted; empty: as the JVM trusts
   */
  Forwarding(
      Supplier<Optional<String>> leader,
      Supplier<Optional<Peers>> peers,
      Standby standby,
      Optional<SSLContext> tls) {
    this.leader = leader;
    this.peers = peers;
    this.standby = standby;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER);
    tls.ifPresent(builder::sslContext);
    this.http = builder.build();
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
    URI uri = URI.create(url(to) + asked.req().getRequestURI() + query);
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
    peers.get().ifPresent(known -> Sender.say(asked, known, request));
    try {
      HttpResponse<InputStream> answer = http.send(request.build(), BodyHandlers.ofInputStream());
      for (String name : ANSWERED) {
        answer.headers().firstValue(name).ifPresent(value -> asked.header(name, value));
      }
      asked.status(answer.statusCode());
      if (!asked.method().equals(HandlerType.GET)) {
        awaitIt(answer);
      }
      String type = answer.headers().firstValue("Content-Type").orElse("");
      if (type.startsWith(EVENT_STREAM)) {
        relay(answer.body(), asked);
      } else {
        asked.result(answer.body());
      }
    } catch (SSLException e) {
      log.error("The leader at {} is not trusted: {}", to, e.getMessage());
      throw Problem.unavailable(
          "the leader at %s is not trusted: %s".formatted(to, e.getMessage()),
          "give it a certificate for that name which tls.ca of this server vouches for");
    } catch (IOException e) {
      throw Problem.unavailable(
          "the leader at " + to + " does not answer; a change may still have come about",
          "read the document to see, then try again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable("this process is ending", "try again");
    }
  }

  /** Who has changed something, and reads here, reads what came of it. */
  private void awaitIt(HttpResponse<?> answer) throws InterruptedException {
    OptionalLong version = answer.headers().firstValueAsLong(Replies.VERSION);
    if (version.isPresent() && !standby.await(version.getAsLong(), FOLLOWED)) {
      log.warn("Version {} was not followed within {}", version.getAsLong(), FOLLOWED);
    }
  }

  /** Servers before this release say no scheme, and have no TLS. */
  private static String url(String leader) {
    return leader.contains("://") ? leader : "http://" + leader;
  }

  /** Event by event, until one side ends. */
  private void relay(InputStream events, Context asked) throws IOException {
    try (events) {
      if (!streams.tryAcquire()) {
        throw Problem.unavailable(
            "more than " + STREAMS + " readers of events already", "ask the leader, or try later");
      }
      try {
        copy(events, asked.res().getOutputStream());
      } finally {
        streams.release();
      }
    }
  }

  private static void copy(InputStream events, OutputStream out) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int n = events.read(buffer); n >= 0; n = events.read(buffer)) {
        out.write(buffer, 0, n);
        out.flush();
      }
    } catch (IOException oneSideIsGone) {
      // The reader comes back by itself, and says which event it had last.
      log.debug("A stream of events ended: {}", oneSideIsGone.toString());
    }
  }
}
