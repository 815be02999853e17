package io.springtide.server;

import io.springtide.server.access.Access;
import io.springtide.server.access.Principal;
import io.springtide.server.access.Role;
import io.springtide.server.store.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin's token that a cluster begins with. Nobody has to do anything for it: it lies in {@code
 * <dataDir>/admin-token}, and, for the {@code tide} of the same user on this machine, below {@code
 * ~/.config/tide/servers}.
 */
final class FirstToken implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FirstToken.class);
  private static final String NAME = "admin";
  private static final String FILE = "admin-token";

  private final Path shown;

  private FirstToken(Path shown) {
    this.shown = shown;
  }

  /**
   * Makes it where there is no token yet, and shows it to {@code tide} while this process runs.
   *
   * @param environment of this process
   * @param port on which it listens
   */
  static FirstToken of(Access access, DataDir data, Map<String, String> environment, int port)
      throws IOException {
    if (access.isEmpty()) {
      // First into the file: a token that is stored, and whose secret nobody has, helps nobody.
      Access.Made made =
          access.create(
              new Principal(NAME, Role.ADMIN, List.of()),
              Optional.empty(),
              secret -> SecretFile.write(data.resolve(FILE), secret + "\n"));
      log.info("The first token, '{}', is in {}", made.token().name(), data.resolve(FILE));
    }
    Path file = data.resolve(FILE);
    Path shown = servers(environment).resolve(port + ".token");
    if (Files.exists(file)) {
      String secret = Files.readString(file).strip();
      if (access.knows(secret)) {
        show(shown, secret);
      }
    }
    return new FirstToken(shown);
  }

  /** A home that cannot be written is no reason not to start. */
  private static void show(Path shown, String secret) {
    try {
      Files.createDirectories(
          shown.getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      SecretFile.write(shown, secret + "\n");
    } catch (IOException e) {
      log.info(
          "tide will not find the token by itself: {} is not written: {}", shown, e.toString());
    }
  }

  private static Path servers(Map<String, String> environment) {
    String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path base =
        config.isEmpty() ? Path.of(System.getProperty("user.home"), ".config") : Path.of(config);
    return base.resolve("tide").resolve("servers");
  }

  /** What is shown is of a process that runs. */
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(shown);
  }
}
