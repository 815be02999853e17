package io.springtide.server.http;

import static java.util.stream.Collectors.toUnmodifiableMap;

import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.router.Endpoint;
import io.springtide.server.access.Access;
import io.springtide.server.access.Audit;
import io.springtide.server.access.Holders;
import io.springtide.server.access.Peers;
import io.springtide.server.access.Principal;
import io.springtide.server.access.RateLimit;
import io.springtide.server.access.Right;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Who may pass: says who asks, whether they may, and writes down what they did. {@link Door} is
 * before it and looks at where a request comes from, not at whom.
 */
public final class Gate {
  private static final String PRINCIPAL = "springtide.principal";
  private static final String GATE = "springtide.gate";
  private static final String WRITTEN = "springtide.written";
  private static final String STANDING = "springtide.standing";
  private static final String SCHEME = "Bearer ";
  private static final int LONGEST_PATH = 300;
  private static final List<Integer> REFUSALS = List.of(401, 403, 429);
  private static final Set<HandlerType> READING = Set.of(HandlerType.GET, HandlerType.HEAD);

  /** Wrong tokens of one address: one a second, and some at once. */
  private static final double FAILURES_AT_ONCE = 20;

  private final boolean open;
  private final boolean metrics;
  private final RateLimit requests;
  private final RateLimit failures = new RateLimit(1, FAILURES_AT_ONCE);
  private final LongSupplier nanos;
  private final Map<Integer, LongAdder> refused =
      REFUSALS.stream().collect(toUnmodifiableMap(status -> status, status -> new LongAdder()));
  private volatile Access access;
  private volatile Holders holders;
  private volatile Audit audit;
  private volatile Peers peers;

  private Gate(boolean open, double perSecond, boolean metrics, LongSupplier nanos) {
    this.open = open;
    this.metrics = metrics;
    this.requests = new RateLimit(perSecond, 2 * perSecond);
    this.nanos = nanos;
  }

  /** One through which everybody passes. */
  public static Gate open() {
    return new Gate(true, 1, false, () -> 0);
  }

  /**
   * One that asks for tokens.
   *
   * @param perSecond requests that one token, and one address, may send; twice as many at once
   * @param nanos of a clock that never goes back
   */
  public static Gate asking(double perSecond, LongSupplier nanos) {
    return asking(perSecond, false, nanos);
  }

  /**
   * One that asks for tokens.
   *
   * @param perSecond requests that one token, and one address, may send; twice as many at once
   * @param metrics whether {@code /metrics} is asked with a token too, any
   * @param nanos of a clock that never goes back
   */
  public static Gate asking(double perSecond, boolean metrics, LongSupplier nanos) {
    return new Gate(false, perSecond, metrics, nanos);
  }

  /** From now on this process leads, and knows the tokens; nobody passes before. */
  public void lead(Access known) {
    access = known;
    holders = known;
  }

  /** From now on this process knows the tokens, though another leads. */
  public void follow(Holders known) {
    holders = known;
  }

  private Holders holders() {
    Holders known = holders;
    if (known == null || (access == null && known.isEmpty())) {
      throw Problem.unavailable(
          "this process does not know any token yet: nobody has led so far", "try again");
    }
    return known;
  }

  /** From now on those are believed from where they were asked. */
  public void believe(Peers known) {
    peers = known;
  }

  private String from(Context http) {
    return Sender.of(http, peers);
  }

  /** From now on what is done is written down. */
  public void audit(Audit written) {
    audit = written;
  }

  /** The tokens; only where tokens are asked for. */
  Access access() {
    if (open) {
      throw new Problem(
          409,
          "No tokens here",
          "this server lets in everybody: its configuration says access: open",
          "",
          "write access: tokens, and start it again");
    }
    if (access == null) {
      throw Problem.unavailable(
          "this process does not lead, or not yet", "ask the leader, or try again");
    }
    return access;
  }

  /** What is written down here. */
  Audit audit() {
    Audit written = audit;
    if (written == null) {
      throw Problem.unavailable("nothing is written down yet", "try again");
    }
    return written;
  }

  /**
   * Finds out who asks.
   *
   * @throws Problem if nobody that is known, or too often
   */
  void identify(Context http) {
    http.attribute(GATE, this);
    if (open) {
      http.attribute(PRINCIPAL, Principal.ANYONE);
      return;
    }
    Optional<String> secret = bearer(http);
    Optional<Principal> holder = secret.flatMap(holders()::holder);
    if (holder.isEmpty()) {
      if (!failures.take(from(http), nanos.getAsLong())) {
        throw tooMany("requests without a token that is known here");
      }
      throw unauthorised(http);
    }
    http.attribute(PRINCIPAL, holder.get());
    BooleanSupplier standing = () -> holders().knows(secret.get());
    http.attribute(STANDING, standing);
    long now = nanos.getAsLong();
    if (!requests.take("token " + holder.get().name(), now)
        || !requests.take("address " + from(http), now)) {
      throw tooMany("requests");
    }
  }

  /** As {@link #identify}, where metrics are not for everybody. */
  void identifyReaderOfMetrics(Context http) {
    if (metrics) {
      identify(http);
    }
  }

  /** Whether the token of a request that goes on and on is still one. */
  static boolean stands(Context http) {
    BooleanSupplier standing = http.attribute(STANDING);
    return standing == null || standing.getAsBoolean();
  }

  private static Optional<String> bearer(Context http) {
    String header = http.header("Authorization");
    return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? Optional.of(header.substring(SCHEME.length()).trim())
        : Optional.empty();
  }

  private static Problem unauthorised(Context http) {
    boolean none = http.header("Authorization") == null;
    return new Problem(
        401,
        "Not authorised",
        none
            ? "the request carries no token"
            : "the token is not known here, has expired, or was removed",
        "Authorization",
        "send 'Authorization: Bearer <token>'; an admin makes one with 'tide token create', and"
            + " the first lies in the server's dataDir, in admin-token");
  }

  private static Problem tooMany(String what) {
    return new Problem(429, "Too many requests", "too many " + what, "", "send fewer a second");
  }

  /**
   * Asks whether who asks may use the route that was found.
   *
   * @throws Problem if not
   */
  void allow(Context http) {
    Endpoint matched = http.endpoints().matchedHttpEndpoint();
    if (matched == null) {
      return; // HEAD: no route of ours answers, and nothing is said but that there is one
    }
    Route route = matched.metadata(Route.class);
    // What is not described is an admin's, so that a route that is forgotten opens nothing.
    Right right = route == null ? Right.ADMIN : route.right();
    if (right == Right.PUBLIC) {
      return;
    }
    Principal principal = principal(http);
    String job = right == Right.JOB_OF_PATH ? http.pathParam("id") : "";
    if (!right.of(principal, job)) {
      throw forbidden(principal, right);
    }
  }

  /**
   * For a route whose group stands in the body.
   *
   * @throws Problem if who asks does not operate that group
   */
  static void requireOperator(Context http, String group) {
    Principal principal = principal(http);
    if (!principal.operates(group)) {
      throw forbidden(principal, Right.JOB_OF_BODY);
    }
  }

  /** The name of who asks. */
  static String who(Context http) {
    return principal(http).name();
  }

  private static Problem forbidden(Principal principal, Right right) {
    return new Problem(
        403,
        "Not allowed",
        "'%s' is %s; this is for %s".formatted(principal.name(), principal, right.who()),
        "Authorization",
        "ask somebody who may, or an admin for a token with that role");
  }

  /** Without an identity there is none that may: a route that was not asked about is shut. */
  static Principal principal(Context http) {
    Principal principal = http.attribute(PRINCIPAL);
    if (principal == null) {
      throw new Problem(401, "Not authorised", "nobody is known to ask", "Authorization", "");
    }
    return principal;
  }

  /** Writes down what was asked and what came of it, once it is answered. */
  void note(Context http) {
    int status = http.statusCode();
    if (refused.containsKey(status)) {
      refused.get(status).increment();
    }
    boolean reads = READING.contains(http.method()) || http.path().equals("/v1/plan");
    Audit written = audit;
    if (written == null || (reads && !refused.containsKey(status))) {
      return;
    }
    String made = http.res().getHeader("Location");
    Audit.Deed deed = deed(http, status, made != null ? made : http.path());
    if (status >= 400) {
      written.refused(deed);
    } else if (http.attribute(WRITTEN) == null) {
      written.changed(deed);
    }
  }

  private Audit.Deed deed(Context http, int status, String path) {
    Principal principal = http.attribute(PRINCIPAL);
    String who = principal == null ? "" : principal.name();
    return new Audit.Deed(who, from(http), http.method() + " " + cut(path), status);
  }

  /**
   * What the audit is to say of a change if it is done; empty where nothing is written down.
   *
   * @param status of the answer then
   * @param path of what is changed
   */
  static String line(Context http, int status, String path) {
    Gate gate = http.attribute(GATE);
    Audit written = gate == null ? null : gate.audit;
    return written == null ? "" : written.line(gate.deed(http, status, path));
  }

  /** The line was written with the change. */
  static void isWritten(Context http) {
    http.attribute(WRITTEN, true);
  }

  /** How often that was the answer, by status: 401, 403, 429. */
  Map<Integer, LongAdder> refused() {
    return refused;
  }

  private static String cut(String path) {
    return path.length() <= LONGEST_PATH ? path : path.substring(0, LONGEST_PATH) + "…";
  }
}
