package io.springtide.registry.upstream;

import io.springtide.registry.http.Why;
import java.io.IOException;
import java.util.concurrent.CompletionException;

/** Why content cannot be had. What a client is told follows from the kind alone. */
public final class ContentFailure extends IOException {
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

  public ContentFailure(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** The failure that an upstream's status means; only for statuses other than success. */
  public static ContentFailure ofStatus(int status, String what) {
    String message = "upstream answered " + status + " for " + what;
    return switch (status) {
      case 400, 404, 410 -> new ContentFailure(Kind.NOT_FOUND, message);
      case 401, 403, 451 -> new ContentFailure(Kind.DENIED, message);
      default -> new ContentFailure(Kind.UNAVAILABLE, message);
    };
  }

  /** What a failed future failed with; any other error means that the upstream is unavailable. */
  public static ContentFailure from(Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    return cause instanceof ContentFailure failure
        ? failure
        : new ContentFailure(
            Kind.UNAVAILABLE, cause instanceof IOException ? Why.of(cause) : cause.toString());
  }

  /** Whether asking again soon would give the same answer. */
  public boolean isVerdict() {
    return kind == Kind.NOT_FOUND || kind == Kind.DENIED;
  }
}
