package io.springtide.registry.upstream;

import io.springtide.registry.http.Why;
import java.io.IOException;
import java.util.concurrent.CompletionException;

/** Why content cannot be had. What a client is told follows from the kind alone. */
public final class Refusal extends IOException {
  public enum Kind {
    /** The upstream says that there is no such thing. */
    NOT_FOUND,
    /** The upstream does not let us read it. */
    DENIED,
    /** Too much is queued already. */
    OVERLOADED,
    /** The upstream cannot be reached, or answers with errors. */
    UNAVAILABLE,
    /** What the upstream sends is not what was asked for. */
    CORRUPT,
    /** It can be had, but there is no room to store it: hand it on without storing. */
    NO_ROOM
  }

  private final Kind kind;

  public Refusal(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** The refusal that an upstream's status means; only for statuses other than success. */
  public static Refusal ofStatus(int status, String what) {
    String message = "upstream answered " + status + " for " + what;
    return switch (status) {
      case 400, 404, 410 -> new Refusal(Kind.NOT_FOUND, message);
      case 401, 403, 451 -> new Refusal(Kind.DENIED, message);
      default -> new Refusal(Kind.UNAVAILABLE, message);
    };
  }

  /**
   * The refusal that a failed future carries; any other failure means that the upstream is
   * unavailable.
   */
  public static Refusal from(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return cause instanceof Refusal refusal
        ? refusal
        : new Refusal(
            Kind.UNAVAILABLE, cause instanceof IOException ? Why.of(cause) : cause.toString());
  }

  /** Whether asking again soon would give the same answer. */
  public boolean isVerdict() {
    return kind == Kind.NOT_FOUND || kind == Kind.DENIED;
  }
}
