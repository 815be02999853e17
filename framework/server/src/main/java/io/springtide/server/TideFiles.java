package io.springtide.server;

import io.springtide.server.store.SecretFile;
import io.springtide.server.tls.Tls;
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
 * What the {@code tide} of the same user on this machine finds by itself while this process runs:
 * where it is ({@code ~/.config/tide/servers/<port>.api}), its certificate ({@code .pem}) and the
 * first token ({@code .token}). Only this user reads them.
 */
final class TideFiles implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TideFiles.class);

  private final Path directory;
  private final int port;

  private TideFiles(Path directory, int port) {
    this.directory = directory;
    this.port = port;
  }

  /**
   * Says where this process is, and shows its certificate.
   *
   * @param environment of this process
   * @param api where it can be asked from this machine
   */
  static TideFiles show(Map<String, String> environment, String api, int port, Optional<Tls> tls) {
    String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path base =
        config.isEmpty() ? Path.of(System.getProperty("user.home"), ".config") : Path.of(config);
    TideFiles files = new TideFiles(base.resolve("tide").resolve("servers"), port);
    // Of an earlier process, which was killed.
    files.remove("token");
    files.remove("pem");
    tls.ifPresent(
        shown -> {
          files.write("pem", shown.pem());
          shown.onChange(() -> files.write("pem", shown.pem()));
        });
    files.write("api", api + "\n");
    return files;
  }

  /** Shows a token. */
  void token(String secret) {
    write("token", secret + "\n");
  }

  /** A home that cannot be written is no reason not to start. */
  private void write(String kind, String text) {
    Path file = file(kind);
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      SecretFile.write(file, text);
    } catch (IOException e) {
      log.info("tide will not find this server by itself: {} is not written: {}", file, "" + e);
    }
  }

  private Path file(String kind) {
    return directory.resolve(port + "." + kind);
  }

  private void remove(String kind) {
    try {
      Files.deleteIfExists(file(kind));
    } catch (IOException e) {
      log.info("{} cannot be removed: {}", file(kind), e.toString());
    }
  }

  /** What is shown is of a process that runs. */
  @Override
  public void close() {
    List.of("api", "token", "pem").forEach(this::remove);
  }
}
