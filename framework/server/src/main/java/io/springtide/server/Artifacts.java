package io.springtide.server;

import io.springtide.executor.contract.ExecutorCommand;
import io.springtide.server.config.ConfigException;
import io.springtide.server.config.FileTrouble;
import io.springtide.server.config.ServerConfig;
import io.springtide.server.digest.Sha256;
import io.springtide.server.mesos.ExecutorJar;
import io.springtide.server.store.Shelf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The executor's jar: found at the start, copied below {@code dataDir} so that a later build does
 * not change it under us, kept with the framework's state, and served as {@code
 * /artifacts/<sha256>/executor.jar}.
 */
final class Artifacts {
  /** Set by the launcher. */
  private static final String PROPERTY = "springtide.executor.jar";

  private static final Pattern NAME = Pattern.compile("([0-9a-f]{64})/executor\\.jar");
  private static final long MAX_BYTES = 200L << 20;

  private final Path directory;
  private final Optional<String> url;
  private final String sha256;
  private volatile Shelf shelf;

  private Artifacts(Path directory, Optional<String> url, String sha256) {
    this.directory = directory;
    this.url = url;
    this.sha256 = sha256;
  }

  /**
   * Finds the jar, or at least its hash.
   *
   * @throws ConfigException if there is none and nobody else serves it, or its hash is not known
   */
  static Artifacts find(ServerConfig config) throws ConfigException {
    Path directory = config.dataDir().resolve("artifacts");
    Optional<String> url = config.artifacts().executorUrl();
    Optional<Path> jar =
        config
            .artifacts()
            .executorJar()
            .or(() -> Optional.ofNullable(System.getProperty(PROPERTY)).map(Path::of));
    Optional<String> told = config.artifacts().executorSha256();
    if (jar.isEmpty()) {
      if (url.isEmpty()) {
        throw new ConfigException(
            "artifacts.executorJar: it is missing; name the executor's jar, or write"
                + " artifacts.executorUrl if another server has it");
      }
      return new Artifacts(
          directory,
          url,
          told.orElseThrow(
              () ->
                  new ConfigException(
                      "artifacts.executorSha256: it is missing; agents run no jar whose hash they"
                          + " are not told: write what sha256sum prints for the jar at "
                          + url.get()
                          + ", or name the same jar as artifacts.executorJar")));
    }
    String sha256 = copy(jar.get(), directory);
    if (told.isPresent() && !told.get().equals(sha256)) {
      throw new ConfigException(
          ("artifacts.executorSha256: %s has the hash %s, and not %s; name the jar that is meant,"
                  + " or leave one of the two keys out")
              .formatted(jar.get(), sha256, told.get()));
    }
    return new Artifacts(directory, url, sha256);
  }

  private static String copy(Path jar, Path directory) throws ConfigException {
    try {
      if (!Files.isRegularFile(jar) || Files.size(jar) > MAX_BYTES) {
        throw new ConfigException(
            "artifacts.executorJar: " + jar + " is not a jar; build it, or name another file");
      }
      byte[] bytes = Files.readAllBytes(jar);
      String sha256 = Sha256.hex(bytes);
      write(directory, sha256, bytes);
      return sha256;
    } catch (IOException e) {
      throw new ConfigException(
          "artifacts.executorJar: " + jar + " cannot be read: " + FileTrouble.of(e));
    }
  }

  private static void write(Path directory, String sha256, byte[] bytes) throws IOException {
    Path target = directory.resolve(sha256).resolve(ExecutorCommand.JAR);
    if (!Files.exists(target)) {
      Files.createDirectories(target.getParent());
      Path part = Files.createTempFile(target.getParent(), "part", ".jar");
      Files.write(part, bytes);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** Lets other processes of the framework serve this jar, and this one serve theirs. */
  void share(Shelf with) throws IOException {
    Path mine = directory.resolve(sha256).resolve(ExecutorCommand.JAR);
    if (Files.exists(mine)) {
      with.keepJar(sha256, Files.readAllBytes(mine));
    }
    shelf = with;
  }

  /**
   * What agents are told.
   *
   * @param here {@code host:port} by which agents reach this process
   */
  ExecutorJar executor(String here) {
    return new ExecutorJar(
        sha256, url.orElse("http://" + here + "/artifacts/" + sha256 + "/" + ExecutorCommand.JAR));
  }

  /** The file behind {@code /artifacts/<name>}. */
  Optional<Path> file(String name) {
    Matcher matcher = NAME.matcher(name);
    boolean current = name.equals(ExecutorCommand.JAR);
    if (!current && !matcher.matches()) {
      return Optional.empty();
    }
    String wanted = current ? sha256 : matcher.group(1);
    Path file = directory.resolve(wanted).resolve(ExecutorCommand.JAR);
    if (!Files.exists(file)) {
      fetch(wanted);
    }
    return Files.exists(file) ? Optional.of(file) : Optional.empty();
  }

  /** A jar that another process of the framework put on the shelf. */
  private void fetch(String wanted) {
    Shelf from = shelf;
    Optional<byte[]> bytes = from == null ? Optional.empty() : from.jar(wanted);
    if (bytes.isPresent() && Sha256.hex(bytes.get()).equals(wanted)) {
      try {
        write(directory, wanted, bytes.get());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException("cannot write below " + directory, e);
      }
    }
  }
}
