package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A host's peer in a process of its own. */
final class PeerProcess implements AutoCloseable {
  private final Path directory;
  private final Child child;

  private PeerProcess(Path directory, Child child) {
    this.directory = directory;
    this.child = child;
  }

  /**
   * @param directory for its data
   * @param proxy the proxy's port
   * @param more further keys of the peer section, each after a comma
   */
  static PeerProcess start(Path directory, int proxy, String more)
      throws IOException, InterruptedException {
    String config =
        "listen: 127.0.0.1:0\nstore: {quota: 1GiB, minFree: 0B}\n"
            + "peer: {proxy: \"http://127.0.0.1:"
            + proxy
            + "\", listen: \"127.0.0.1:0\""
            + more
            + "}\n";
    return new PeerProcess(directory, ProxyProcess.start(ProxyProcess.command(directory, config)));
  }

  int port() {
    return child.port();
  }

  void kill() throws InterruptedException {
    child.kill();
  }

  long metric(String name) throws IOException, InterruptedException {
    String all = Get.body(port(), "/metrics");
    Matcher line = Pattern.compile("(?m)^" + name + " (\\S+)$").matcher(all);
    assertThat(line.find()).as(name + " in " + all).isTrue();
    return (long) Double.parseDouble(line.group(1));
  }

  /** Until a metric is at least so much. */
  void await(String name, long value) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (metric(name) < value) {
      assertThat(System.nanoTime()).as("waited for %s %s", name, value).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
    }
  }

  /**
   * Changes a bit in every piece of every blob that it has stored. It looks only when it starts.
   */
  void corrupt() throws IOException {
    try (var files = Files.walk(directory.resolve("data").resolve("blobs"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] content = Files.readAllBytes(file);
        for (int i = 0; i < content.length; i += 1000) {
          content[i] ^= 1;
        }
        Files.write(file, content);
      }
    }
  }

  @Override
  public void close() {
    child.close();
  }
}
