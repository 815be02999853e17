package io.springtide.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which server is asked, and with what token: what the command line and the environment say. */
final class Target {
  static final String DEFAULT = "http://127.0.0.1:8080";

  private static final Pattern LOOPBACK =
      Pattern.compile("(?i)localhost|127(\\.\\d{1,3}){3}|\\[::1]");

  private static final int MOST_TOKEN_BYTES = 8 << 10;

  @Option(
      names = "--api",
      paramLabel = "URL",
      scope = ScopeType.INHERIT,
      description =
          "the server; default: TIDE_API from the environment, else that of the context, else "
              + DEFAULT
              + " or what a server of yours on this machine says of itself")
  String api;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description =
          "the cluster, as 'tide context' names it; default: TIDE_CONTEXT, else the current one")
  String context;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "the file that holds the token; default: the context's. TIDE_TOKEN in the environment"
              + " goes before both")
  Path tokenFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description =
          "the only CA that an https server is trusted by (PEM); default: TIDE_CA from the"
              + " environment, else the context's")
  Path ca;

  @Option(
      names = "--insecure",
      scope = ScopeType.INHERIT,
      description = "sends the token over plain http as well, where others may read it")
  boolean insecure;

  /**
   * A token.
   *
   * @param source where it is from, which may be said; the token itself never is
   */
  record Token(String value, String source) {}

  Api api(Surroundings around) throws ApiException {
    String url = api == null ? around.variable("TIDE_API") : api;
    Path file = tokenFile;
    Path trusted = ca;
    if (url == null) {
      Contexts contexts = Contexts.of(around);
      String wanted = context == null ? around.variable("TIDE_CONTEXT") : context;
      String name = wanted == null ? contexts.current().orElse(null) : wanted;
      if (name != null) {
        ObjectNode one = contexts.get(name);
        url = one.path("api").asText();
        if (file == null && one.has("tokenFile")) {
          file = contexts.path(around, one.path("tokenFile").asText());
        }
        if (trusted == null && one.has("ca")) {
          trusted = contexts.path(around, one.path("ca").asText());
        }
      }
    }
    OwnServers own = OwnServers.of(around);
    if (url == null) {
      url = own.usual().map(URI::toString).orElse(DEFAULT);
    }
    URI server = server(url);
    if (trusted != null && !server.getScheme().equals("https")) {
      throw new ApiException(
          ExitCodes.USAGE,
          "a CA says nothing of " + server + ", which is asked without TLS",
          "--ca",
          "ask it by https, or leave the CA out");
    }
    Optional<Token> token = token(around, server, file, own);
    if (token.isPresent()
        && !insecure
        && !server.getScheme().equals("https")
        && !isLoopback(server)) {
      throw new ApiException(
          ExitCodes.USAGE,
          "the token of " + token.get().source() + " would go to " + server + " in plain text",
          "--api",
          "ask the server by https; if nobody can listen on the way, say --insecure");
    }
    return new Api(server, token.orElse(null), trusted(around, server, trusted, own));
  }

  /** What the environment says goes before the context's, as a token does. */
  private Api.Trusted trusted(Surroundings around, URI server, Path named, OwnServers own) {
    String environment = around.variable("TIDE_CA");
    if (ca == null && environment != null) {
      return new Api.Trusted(Path.of(environment), false);
    }
    Optional<Path> left = named == null ? own.certificate(server) : Optional.empty();
    return left.isPresent() ? new Api.Trusted(left.get(), true) : new Api.Trusted(named, false);
  }

  /**
   * The URL of a server.
   *
   * @throws ApiException if {@code text} is no http URL
   */
  static URI server(String text) throws ApiException {
    try {
      URI uri = URI.create(text.contains("://") ? text : "http://" + text);
      if (uri.getHost() != null && uri.getScheme().matches("https?") && uri.getPort() <= 65_535) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new ApiException(
        ExitCodes.USAGE,
        "'" + text + "' is not the URL of a server",
        "",
        "write such as --api " + DEFAULT);
  }

  /** By its name alone: what a name stands for elsewhere may change. */
  static boolean isLoopback(URI server) {
    return LOOPBACK.matcher(server.getHost()).matches();
  }

  static int port(URI server) {
    int usual = server.getScheme().equals("https") ? 443 : 80;
    return server.getPort() < 0 ? usual : server.getPort();
  }

  private static Optional<Token> token(Surroundings around, URI server, Path named, OwnServers own)
      throws ApiException {
    String environment = around.variable("TIDE_TOKEN");
    if (environment != null) {
      return Optional.of(new Token(require(environment, "TIDE_TOKEN"), "TIDE_TOKEN"));
    }
    if (named != null) {
      try {
        return Optional.of(new Token(require(read(named), named.toString()), named.toString()));
      } catch (IOException e) {
        throw new ApiException(
            ExitCodes.USAGE,
            "the token's file " + named + " cannot be read",
            "--token-file",
            "name one that is there and that you may read");
      }
    }
    return own.token(server);
  }

  private static String read(Path file) throws IOException {
    try (var in = java.nio.file.Files.newInputStream(file)) {
      return new String(in.readNBytes(MOST_TOKEN_BYTES + 1), StandardCharsets.UTF_8);
    }
  }

  private static String require(String text, String source) throws ApiException {
    String token = text.strip();
    if (!isToken(token)) {
      throw new ApiException(
          ExitCodes.USAGE,
          "what " + source + " holds is no token",
          "",
          "a token is one word of at most " + MOST_TOKEN_BYTES + " ASCII characters");
    }
    return token;
  }

  static boolean isToken(String text) {
    return !text.isEmpty()
        && text.length() <= MOST_TOKEN_BYTES
        && text.chars().allMatch(c -> c > ' ' && c < 127);
  }
}
