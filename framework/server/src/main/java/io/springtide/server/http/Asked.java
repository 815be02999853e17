package io.springtide.server.http;

import io.javalin.http.Context;
import io.springtide.scheduler.event.Event;
import io.springtide.server.digest.Sha256;
import io.springtide.server.document.Value;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * A change that a request asks of the core: what the audit will say of it, and whether it may be a
 * repeat.
 *
 * @param status of the answer, if it is done
 * @param path of what is changed
 */
record Asked(Context http, int status, String path) {
  private static final String KEY = "Idempotency-Key";
  private static final int LONGEST_KEY = 200;

  /** The parameter of each route whose changes may be repeats. */
  static final Parameter ONCE =
      Parameter.header(
          KEY,
          Value.text(".*\\S.*").atMost(LONGEST_KEY),
          "A repeat of the request with its key does nothing, and is answered as the first was.");

  /** A change of what the request's path names. */
  static Asked of(Context http, int status) {
    return new Asked(http, status, http.path());
  }

  /** The line of the audit; empty where there is none. */
  String line() {
    return Gate.line(http, status, path);
  }

  /**
   * The command as it is asked: one that has a key is done once.
   *
   * @throws Problem if the key is none
   */
  Event.Request request(Event.Command command) {
    Optional<String> key = key(http);
    return key.isPresent()
        ? new Event.Once(Gate.principal(http).name(), key.get(), digest(), command)
        : command;
  }

  private static Optional<String> key(Context http) {
    String key = http.header(KEY);
    if (key != null && (key.isBlank() || key.length() > LONGEST_KEY)) {
      throw new Problem(
          400,
          "A header is not valid",
          KEY + " has " + key.length() + " characters",
          KEY,
          "write 1 to " + LONGEST_KEY + " characters, such as a UUID");
    }
    return Optional.ofNullable(key);
  }

  /** Of all that makes one request another. */
  private String digest() {
    MessageDigest sha256 = Sha256.begin();
    String query = http.queryString() == null ? "" : http.queryString();
    for (String part :
        new String[] {
          http.method().name(),
          http.path(),
          query,
          String.valueOf(http.header("If-Match")),
          String.valueOf(http.header("If-None-Match"))
        }) {
      sha256.update((part + "\n").getBytes(StandardCharsets.UTF_8));
    }
    sha256.update(RequestReader.read(http));
    return Sha256.hex(sha256);
  }

  /**
   * For a route that cannot take a repeat for one.
   *
   * @param why what is so about it, as a whole sentence
   * @throws Problem if the request has a key
   */
  static void refuseKey(Context http, String why, String fix) {
    if (http.header(KEY) != null) {
      throw new Problem(400, "A header is not for this", why, KEY, fix);
    }
  }
}
