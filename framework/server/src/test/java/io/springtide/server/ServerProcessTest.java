package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process itself, as a child: its start, its sudden end, its next start. */
class ServerProcessTest {

  @TempDir Path dir;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Process> processes = new ArrayList<>();
  private Path jar;

  @BeforeEach
  void prepare() throws IOException {
    jar = Files.writeString(dir.resolve("executor.jar"), "the bytes of a jar");
  }

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  @Test
  void whatWasAnsweredIsThereAfterKillMinus9() throws Exception {
    Process first = start("127.0.0.1:0");
    String address = address(first);
    assertThat(send("PUT", address, "/v1/pools/idc", "{\"kind\": \"owned\"}")).contains("\"idc\"");
    String served = send("GET", address, "/artifacts/executor.jar", null);
    assertThat(served).isEqualTo("the bytes of a jar");
    first.destroyForcibly().waitFor();
    Files.delete(dir.resolve("data/http.address"));

    Process second = start("127.0.0.1:0");
    String next = address(second);
    assertThat(send("GET", next, "/v1/pools/idc", null)).contains("\"owned\"");
    second.destroy();
    assertThat(second.waitFor(Patience.seconds(), TimeUnit.SECONDS)).as("SIGTERM ends it").isTrue();
  }

  @Test
  void aBusyPortIsToldAndExits1() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process server = start("127.0.0.1:" + taken.getLocalPort());
      assertThat(server.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(server.exitValue()).isEqualTo(1);
      assertThat(log())
          .contains("http.address: cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .doesNotContain("\tat ");
    }
  }

  private Process start(String http) throws IOException {
    Path config =
        Files.writeString(
            dir.resolve("server.yaml"),
            """
            mesos: {master: "127.0.0.1:1"}
            dataDir: %s
            access: open
            http: {address: "%s"}
            artifacts: {executorJar: %s}
            """
                .formatted(dir.resolve("data"), http, jar));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ServerMain.class.getName(),
                "--config",
                config.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()))
            .start();
    processes.add(process);
    return process;
  }

  private String address(Process process) throws IOException, InterruptedException {
    Path file = dir.resolve("data/http.address");
    long deadline = System.nanoTime() + Patience.limit().toNanos();
    while (System.nanoTime() < deadline) {
      if (Files.exists(file) && healthy(Files.readString(file).strip())) {
        return Files.readString(file).strip();
      }
      // Waits for its end, which would end the waiting too.
      if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
        break;
      }
    }
    throw new AssertionError("the server is not ready:\n" + log());
  }

  private boolean healthy(String address) throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/healthz")).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private String send(String method, String address, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address + path))
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private String log() throws IOException {
    return Files.readString(dir.resolve("log"));
  }
}
