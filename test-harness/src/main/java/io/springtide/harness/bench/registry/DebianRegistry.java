package io.springtide.harness.bench.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Debian's docker-registry on loopback: as the registry behind a proxy, or as a proxy itself. */
final class DebianRegistry implements AutoCloseable {
  /** How to get it where it is missing. */
  static final String MISSING = "docker-registry is not installed: apt-get install docker-registry";

  private static final Path BINARY = Path.of("/usr/bin/docker-registry");
  private static final Pattern READY = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+)");

  /** An access log line: method, path, status, bytes written. */
  private static final Pattern ACCESS =
      Pattern.compile("\"GET /v2/\\S+/blobs/\\S+ HTTP/1\\.\\d\" \\d+ (\\d+) ");

  private final Child child;
  private final AtomicLong blobBytes;

  private DebianRegistry(Child child, AtomicLong blobBytes) {
    this.child = child;
    this.blobBytes = blobBytes;
  }

  static boolean isInstalled() {
    return Files.isExecutable(BINARY);
  }

  /**
   * @param directory for its configuration and data
   * @param upstream whom to be a proxy of; empty for a registry of its own
   */
  static DebianRegistry start(Path directory, Optional<String> upstream)
      throws IOException, InterruptedException {
    return start(directory, upstream, 0);
  }

  static DebianRegistry start(Path directory, Optional<String> upstream, int port)
      throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Path config = directory.resolve("config.yml");
    String proxy = upstream.map(url -> "proxy: {remoteurl: \"" + url + "\"}\n").orElse("");
    Files.writeString(
        config,
        "version: 0.1\nlog: {level: info}\nstorage: {filesystem: {rootdirectory: \""
            + directory.resolve("data")
            + "\"}, delete: {enabled: true}}\nhttp: {addr: \"127.0.0.1:"
            + port
            + "\", secret: bench}\n"
            + proxy);
    AtomicLong bytes = new AtomicLong();
    Child child =
        Child.start(
            List.of(BINARY.toString(), "serve", config.toString()),
            READY,
            line -> {
              Matcher matcher = ACCESS.matcher(line);
              if (matcher.find()) {
                bytes.addAndGet(Long.parseLong(matcher.group(1)));
              }
            });
    return new DebianRegistry(child, bytes);
  }

  int port() {
    return child.port();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  Child child() {
    return child;
  }

  /** Bytes of blobs that it has sent, by its own access log. */
  long blobBytesSent() {
    return blobBytes.get();
  }

  @Override
  public void close() {
    child.close();
  }
}
