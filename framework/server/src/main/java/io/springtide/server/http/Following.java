package io.springtide.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.springtide.server.loop.Standby;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What a process answers while another leads. Documents and lists of what is durable it reads from
 * what it follows, and says how old that can be; all else is the leader's to answer.
 */
final class Following {
  /** How old an answer can be, in seconds. */
  static final String STALENESS = "Springtide-Staleness";

  private static final Duration MOST_STALE = Duration.ofSeconds(10);

  private static final Set<String> READS =
      Set.of(
          "/v1/pools",
          "/v1/pools/{name}",
          "/v1/groups",
          "/v1/groups/{path}",
          "/v1/jobs",
          "/v1/jobs/{id}",
          "/v1/jobs/{id}/instances",
          "/v1/instances",
          "/v1/instances/{id}",
          "/v1/hosts",
          "/v1/hosts/{id}");

  private final Standby standby;
  private final Supplier<Optional<String>> trouble;
  private final Forwarding forwarding;

  /**
   * @param trouble why nothing is followed at the moment; empty while it is
   */
  Following(Standby standby, Supplier<Optional<String>> trouble, Forwarding forwarding) {
    this.standby = standby;
    this.trouble = trouble;
    this.forwarding = forwarding;
  }

  /** Whether a request is answered here; its answer's headers then say of which version. */
  boolean answers(Context http) {
    Endpoint matched = http.endpoints().matchedHttpEndpoint();
    Optional<Duration> staleness = standby.staleness();
    if (!http.method().equals(HandlerType.GET)
        || matched == null
        || !READS.contains(matched.path)
        || asksTheLeader(http)
        || staleness.isEmpty()
        || staleness.get().compareTo(MOST_STALE) > 0) {
      return false;
    }
    // First its age, then what is read: it is no older than that.
    http.header(STALENESS, seconds(staleness.get()));
    Replies.version(http, standby.shown());
    return true;
  }

  private static boolean asksTheLeader(Context http) {
    String wanted = http.header("Cache-Control");
    return wanted != null
        && List.of(wanted.toLowerCase(Locale.ROOT).split("[,\\s]+")).contains("no-cache");
  }

  /** Answers with what the leader answers. */
  void pass(Context http) {
    forwarding.pass(http);
  }

  /** What is followed; empty until anything is. */
  Optional<LeadingCore> toRead() {
    return standby.published().map(LeadingCore::toRead);
  }

  /** How far it has come. */
  void health(ObjectNode node) {
    node.put("version", standby.shown());
    standby.staleness().ifPresent(age -> node.put("staleness", age.toMillis() / 1e3));
    trouble.get().ifPresent(why -> node.put("trouble", why));
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1e3);
  }
}
