package io.springtide.harness.consul;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The real Consul as a child process, {@code consul agent -dev}: it keeps all in memory. */
public final class ConsulProcess implements Consul {
  private static final Duration READY = Duration.ofSeconds(20);
  private static final int ATTEMPTS = 3;

  private final Process process;
  private final URI uri;

  private ConsulProcess(Process process, URI uri) {
    this.process = process;
    this.uri = uri;
  }

  /**
   * The machine's Consul: the program that {@code CONSUL_BIN} names, else {@code consul} on PATH.
   */
  public static Optional<Path> program() {
    String named = System.getenv("CONSUL_BIN");
    String path = System.getenv("PATH");
    Stream<Path> candidates =
        named != null && !named.isEmpty()
            ? Stream.of(Path.of(named))
            : Stream.of((path == null ? "" : path).split(File.pathSeparator, -1))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "consul"));
    return candidates.filter(Files::isExecutable).filter(Files::isRegularFile).findFirst();
  }

  /**
   * Starts an agent on loopback and waits until it leads.
   *
   * @param log where its output goes
   * @throws IOException when it does not come up; the message ends with what it said
   */
  public static ConsulProcess start(Path program, Path log)
      throws IOException, InterruptedException {
    // Consul cannot be told "any port", so one that was free may be taken when it binds: try again.
    IOException last = null;
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        return startOnce(program, log);
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  private static ConsulProcess startOnce(Path program, Path log)
      throws IOException, InterruptedException {
    int http;
    List<String> command;
    try (ServerSocket a = free();
        ServerSocket b = free();
        ServerSocket c = free()) {
      http = a.getLocalPort();
      command =
          List.of(
              program.toString(),
              "agent",
              "-dev",
              "-node=local",
              "-bind=127.0.0.1",
              "-client=127.0.0.1",
              "-log-level=warn",
              "-http-port=" + http,
              "-server-port=" + b.getLocalPort(),
              "-serf-lan-port=" + c.getLocalPort(),
              "-serf-wan-port=-1",
              "-dns-port=-1",
              "-grpc-port=-1");
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .directory(log.toAbsolutePath().getParent().toFile())
            .start();
    ConsulProcess consul = new ConsulProcess(process, URI.create("http://127.0.0.1:" + http));
    boolean ready = false;
    try {
      ready = consul.awaitLeader();
    } finally {
      if (!ready) {
        consul.close();
      }
    }
    if (!ready) {
      throw new IOException(
          "%s did not lead within %d s; its last words: %s"
              .formatted(program, READY.toSeconds(), lastWords(log)));
    }
    return consul;
  }

  @Override
  public URI uri() {
    return uri;
  }

  @Override
  public String description() {
    return "consul agent -dev (process " + process.pid() + ")";
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private boolean awaitLeader() throws InterruptedException {
    HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
    HttpRequest ask =
        HttpRequest.newBuilder(uri.resolve("/v1/health/service/consul"))
            .timeout(Duration.ofSeconds(2))
            .build();
    long end = System.nanoTime() + READY.toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      try {
        // Its own service is listed once it leads and has written itself into the catalog.
        if (client.send(ask, BodyHandlers.ofString()).body().contains("serfHealth")) {
          return true;
        }
      } catch (IOException e) {
        // Not listening yet; the loop ends with the deadline or with the process.
      }
      process.waitFor(50, TimeUnit.MILLISECONDS);
    }
    return false;
  }

  private static ServerSocket free() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  private static String lastWords(Path log) throws IOException {
    String all = Files.readString(log);
    return all.substring(Math.max(0, all.length() - 500)).strip();
  }
}
