package io.springtide.registry.http;

import java.util.Locale;

/** What went wrong, for people. */
public final class Why {
  private Why() {}

  /** An error's own words; of one that has none (a refused connection, say) its kind in words. */
  public static String of(Throwable error) {
    for (Throwable next = error; next != null; next = next.getCause()) {
      if (next.getMessage() != null && !next.getMessage().isBlank()) {
        return next.getMessage();
      }
    }
    return error
        .getClass()
        .getSimpleName()
        .replaceFirst("Exception$", "")
        .replaceAll("(?<=[a-z])(?=[A-Z])", " ")
        .toLowerCase(Locale.ROOT);
  }
}
