package io.springtide.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;

/**
 * The framework's HTTP API, as this command speaks it: by the JDK's old client, which is there at
 * once. The new one takes longer to start than a whole command may.
 */
final class Api {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final int CONNECT_MILLIS = 5_000;
  private static final int ANSWER_MILLIS = 40_000;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private static final int MOST_REDIRECTS = 3;

  private final URI base;
  private final Target.Token token;
  private final Trusted trusted;

  /** Made when there is an https server to be asked. */
  private Trust trust;

  /**
   * @param token null: none is sent
   */
  Api(URI base, Target.Token token, Trusted trusted) {
    this.base = base;
    this.token = token;
    this.trusted = trusted;
  }

  /**
   * By what an https server is trusted.
   *
   * @param file PEM certificates of the only CAs; null: whom the JVM trusts
   * @param exactly whether the file holds the server's own certificate, and no other is trusted
   */
  record Trusted(Path file, boolean exactly) {
    Trust trust() throws ApiException {
      return exactly ? Trust.exactly(file) : Trust.by(file);
    }
  }

  /** An answer that is not a refusal. */
  record Answer(int status, JsonNode body) {}

  JsonNode get(String path) throws ApiException, InterruptedException {
    return send("GET", path, null, OptionalLong.empty()).body();
  }

  /** Empty where there is nothing. */
  Optional<JsonNode> find(String path) throws ApiException, InterruptedException {
    try {
      return Optional.of(get(path));
    } catch (ApiException e) {
      if (e.status() == 404) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Says that there is no such thing, where a list that was asked for by its name came out empty.
   *
   * @param name may be null: nothing was asked for
   */
  void requireThere(String kind, String name) throws ApiException, InterruptedException {
    if (name != null) {
      get("/v1/" + kind + "/" + segment(name));
    }
  }

  /** All items of a list, page after page. */
  ArrayNode all(String path) throws ApiException, InterruptedException {
    ArrayNode items = JSON.createArrayNode();
    each(path, items::add);
    return items;
  }

  /** Each item of a list, of which only one page is held at a time. */
  void each(String path, Consumer<JsonNode> item) throws ApiException, InterruptedException {
    String cursor = "";
    do {
      String page = path + (path.contains("?") ? "&" : "?") + "limit=1000" + cursor;
      JsonNode answer = get(page);
      answer.path("items").forEach(item);
      cursor = answer.hasNonNull("next") ? "&cursor=" + segment(answer.get("next").asText()) : "";
    } while (!cursor.isEmpty());
  }

  Answer put(String path, JsonNode body, OptionalLong version)
      throws ApiException, InterruptedException {
    return send("PUT", path, body, version);
  }

  Answer post(String path) throws ApiException, InterruptedException {
    return send("POST", path, null, OptionalLong.empty());
  }

  Answer post(String path, JsonNode body) throws ApiException, InterruptedException {
    return send("POST", path, body, OptionalLong.empty());
  }

  Answer delete(String path) throws ApiException, InterruptedException {
    return delete(path, OptionalLong.empty());
  }

  Answer delete(String path, OptionalLong version) throws ApiException, InterruptedException {
    return send("DELETE", path, null, version);
  }

  /** A name as one piece of a path or of a query. */
  static String segment(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private Answer send(String method, String path, JsonNode body, OptionalLong version)
      throws ApiException, InterruptedException {
    int status;
    String text;
    try {
      HttpURLConnection connection =
          ask(
              method,
              path,
              "application/json",
              request -> {
                version.ifPresent(v -> request.setRequestProperty("If-Match", "\"" + v + "\""));
                if (body != null) {
                  request.setDoOutput(true);
                  try (OutputStream out = request.getOutputStream()) {
                    out.write(body.toString().getBytes(StandardCharsets.UTF_8));
                  }
                }
              });
      status = connection.getResponseCode();
      text = text(connection, status);
      if (status / 100 != 2) {
        throw refused(connection, status, parse(status, text));
      }
    } catch (IOException e) {
      throw unanswered(e);
    }
    return new Answer(status, parse(status, text));
  }

  /** An answer of any length, as it comes. */
  InputStream read(String path) throws ApiException {
    try {
      HttpURLConnection connection = ask("GET", path, "application/x-ndjson", request -> {});
      int status = connection.getResponseCode();
      if (status / 100 == 2) {
        return connection.getInputStream();
      }
      throw refused(connection, status, parse(status, text(connection, status)));
    } catch (IOException e) {
      throw unanswered(e);
    }
  }

  /** The events to come, for as long as they come. */
  EventStream stream(String path) throws ApiException {
    try {
      HttpURLConnection connection = ask("GET", path, "text/event-stream", request -> {});
      int status = connection.getResponseCode();
      if (status / 100 == 2) {
        return new EventStream(connection.getInputStream());
      }
      throw refused(connection, status, parse(status, text(connection, status)));
    } catch (IOException e) {
      throw unanswered(e);
    }
  }

  /** What is said and sent after the head of a request. */
  private interface Rest {
    void to(HttpURLConnection request) throws IOException;
  }

  /**
   * Asks, and what only reads once more where it is sent to. The token goes to the server that was
   * named, and to no other.
   */
  private HttpURLConnection ask(String method, String path, String accept, Rest rest)
      throws IOException, ApiException {
    URI uri = base.resolve(path);
    for (int redirects = 0; ; redirects++) {
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setInstanceFollowRedirects(false);
      connection.setRequestMethod(method);
      connection.setConnectTimeout(CONNECT_MILLIS);
      // A stream of events says each 15 s that it is still there.
      connection.setReadTimeout(ANSWER_MILLIS);
      connection.setRequestProperty("Accept", accept);
      // A person wants to read why something waits, which followers do not know.
      connection.setRequestProperty("Cache-Control", "no-cache");
      if (!method.equals("GET")) {
        // Also without a body: the server takes no change from what could be a page's form.
        connection.setRequestProperty("Content-Type", "application/json");
      }
      if (connection instanceof HttpsURLConnection https) {
        trust = trust == null ? trusted.trust() : trust;
        trust.to(https);
      }
      if (token != null && isNamed(uri)) {
        connection.setRequestProperty("Authorization", "Bearer " + token.value());
      }
      rest.to(connection);
      int status = connection.getResponseCode();
      String location = connection.getHeaderField("Location");
      if (!method.equals("GET")
          || location == null
          || !REDIRECTS.contains(status)
          || redirects == MOST_REDIRECTS) {
        return connection;
      }
      URI next = redirect(uri, location);
      if (next.getScheme().equals("http") && uri.getScheme().equals("https")) {
        throw new IOException("it sends us to " + next.getHost() + ", which would be without TLS");
      }
      uri = next;
    }
  }

  private static URI redirect(URI from, String location) throws IOException {
    try {
      URI next = from.resolve(location);
      if (next.getHost() != null && next.getScheme().matches("https?")) {
        return next;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new IOException("it sends us elsewhere, and not to a server");
  }

  private boolean isNamed(URI uri) {
    return uri.getScheme().equals(base.getScheme())
        && uri.getHost().equalsIgnoreCase(base.getHost())
        && Target.port(uri) == Target.port(base);
  }

  /** A refusal, with a word about tokens where it is for want of one. */
  private ApiException refused(HttpURLConnection connection, int status, JsonNode problem) {
    if (status != 401 && status != 403) {
      return ApiException.of(status, problem);
    }
    String host = connection.getURL().getAuthority();
    String give =
        "give "
            + (token == null ? "a" : "another")
            + " token by TIDE_TOKEN in the environment, by --token-file FILE, or for a context by"
            + " 'tide context set NAME --token-file FILE'";
    String own = status == 403 ? problem.path("fix").asText("") : "";
    String fix = own.isEmpty() ? "" : own + "; ";
    if (token == null) {
      fix += give;
    } else if (!host.equalsIgnoreCase(base.getAuthority())) {
      fix +=
          "the token was for %s and not sent to %s, which leads; name that with --api"
              .formatted(base.getAuthority(), host);
    } else {
      fix += "the token of " + token.source() + " does not suffice: " + give;
    }
    return ApiException.of(status, problem, fix);
  }

  private static String text(HttpURLConnection connection, int status) throws IOException {
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private ApiException unanswered(IOException e) {
    if (e instanceof SSLException tls && trust != null) {
      return trust.complaint(base.toString(), base.getHost(), tls);
    }
    return new ApiException(
        ExitCodes.UNREACHABLE,
        "no answer from " + base + (e.getMessage() == null ? "" : ": " + e.getMessage()),
        "",
        "start it with 'tide server --config FILE', or name another with --api or TIDE_API");
  }

  private JsonNode parse(int status, String text) throws ApiException {
    if (text.isEmpty()) {
      return JSON.nullNode();
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new ApiException(
          ExitCodes.UNREACHABLE,
          base + " answers " + status + " with something that is not JSON",
          "",
          "is it a Springtide server? Name another with --api or TIDE_API");
    }
  }
}
