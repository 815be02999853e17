package io.springtide.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What servers of this user left for him on this machine, in {@code ~/.config/tide/servers}: where
 * each is, its certificate, and the first token. Only he can write there.
 */
final class OwnServers {
  private static final int MOST_BYTES = 64 << 10;
  private static final int MOST_SERVERS = 100;
  private static final int CONNECT_MILLIS = 300;

  private final Path directory;

  private OwnServers(Path directory) {
    this.directory = directory;
  }

  static OwnServers of(Surroundings around) {
    return new OwnServers(Contexts.directory(around).resolve("servers"));
  }

  /**
   * The one that is meant if nobody names one: that at the usual port, or the only one. What was
   * killed leaves its files behind, and is passed over where there are others.
   *
   * @throws ApiException if it could be several
   */
  Optional<URI> usual() throws ApiException {
    List<URI> all = all();
    if (all.size() > 1) {
      List<URI> there = all.stream().filter(OwnServers::listens).toList();
      all = there.isEmpty() ? all : there;
    }
    Optional<URI> atUsualPort =
        all.stream()
            .filter(one -> Target.port(one) == Target.port(URI.create(Target.DEFAULT)))
            .findFirst();
    if (atUsualPort.isPresent() || all.size() <= 1) {
      return atUsualPort.or(all.stream()::findFirst);
    }
    throw new ApiException(
        ExitCodes.USAGE,
        "several servers of yours run here: "
            + String.join(", ", all.stream().map(URI::toString).toList()),
        "--api",
        "name the one that is meant with --api, or make a context");
  }

  private List<URI> all() {
    try (Stream<Path> files = java.nio.file.Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().endsWith(".api"))
          .sorted()
          .limit(MOST_SERVERS)
          .flatMap(file -> read(file).stream())
          .flatMap(text -> url(text).stream())
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static Optional<URI> url(String text) {
    try {
      return Optional.of(Target.server(text.strip()));
    } catch (ApiException e) {
      return Optional.empty();
    }
  }

  private static boolean listens(URI server) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(server.getHost(), Target.port(server)), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The token that is left for a server, if it is one of this machine. */
  Optional<Target.Token> token(URI server) {
    Path file = file(server, "token");
    return isHere(server)
        ? read(file)
            .map(String::strip)
            .filter(Target::isToken)
            .map(token -> new Target.Token(token, file.toString()))
        : Optional.empty();
  }

  /** The file with the very certificate that a server shows, if it is one of this machine. */
  Optional<Path> certificate(URI server) {
    Path file = file(server, "pem");
    return isHere(server) && java.nio.file.Files.isReadable(file)
        ? Optional.of(file)
        : Optional.empty();
  }

  /** On loopback, or where one of them says that it is. */
  private boolean isHere(URI server) {
    return Target.isLoopback(server)
        || read(file(server, "api")).flatMap(OwnServers::url).filter(server::equals).isPresent();
  }

  private Path file(URI server, String kind) {
    return directory.resolve(Target.port(server) + "." + kind);
  }

  private static Optional<String> read(Path file) {
    if (!java.nio.file.Files.isReadable(file)) {
      return Optional.empty();
    }
    try (var in = java.nio.file.Files.newInputStream(file)) {
      return Optional.of(new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
