package io.springtide.server;

import io.springtide.server.access.Access;
import io.springtide.server.access.Principal;
import io.springtide.server.access.Role;
import io.springtide.server.store.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin's token that a cluster begins with. Nobody has to do anything for it: it lies in {@code
 * <dataDir>/admin-token}, and {@link TideFiles} show it.
 */
final class FirstToken {
  private static final Logger log = LoggerFactory.getLogger(FirstToken.class);
  private static final String NAME = "admin";
  private static final String FILE = "admin-token";

  private FirstToken() {}

  /** Makes it where there is no token yet, and shows it to {@code tide}. */
  static void make(Access access, DataDir data, TideFiles shown) throws IOException {
    Path file = data.resolve(FILE);
    if (access.isEmpty()) {
      // First into the file: a token that is stored, and whose secret nobody has, helps nobody.
      Access.Made made =
          access.create(
              new Principal(NAME, Role.ADMIN, List.of()),
              Optional.empty(),
              secret -> SecretFile.write(file, secret + "\n"));
      log.info("The first token, '{}', is in {}", made.token().name(), file);
    }
    if (Files.exists(file)) {
      String secret = Files.readString(file).strip();
      if (access.knows(secret)) {
        shown.token(secret);
      }
    }
  }
}
