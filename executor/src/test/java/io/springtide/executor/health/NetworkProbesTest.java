package io.springtide.executor.health;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.executor.loop.EventLoop;
import io.springtide.testing.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworkProbesTest {
  private static final Duration PATIENCE = Patience.limit();
  private static final Duration SHORT = Duration.ofMillis(300);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final EventLoop loop = new EventLoop();
  private final NetworkProbes probes = new NetworkProbes(loop);
  private ServerSocket server;
  private volatile String request = "";

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    probes.close();
    loop.close();
    server.close();
    threads.shutdownNow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a length           | HTTP/1.1 200 OK~Content-Length: 5~~hello",
        "no body            | HTTP/1.1 204 No Content~~",
        "a redirect         | HTTP/1.1 302 Found~Location: /x~Content-Length: 0~~",
        "chunks             | HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~hello~0~~",
        "no chunk           | HTTP/1.1 200 OK~transfer-encoding: chunked~~0~~",
        "an interim answer  | HTTP/1.1 103 Early Hints~Link: x~~HTTP/1.1 200 OK~Content-Length:"
            + " 0~~",
      })
  void anAnswerIsWholeThoughTheConnectionStaysOpen(String what, String answer) {
    answer(answer, false);
    probe("/a?b=c", Set.of(), PATIENCE);
    assertThat(request)
        .startsWith("GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + server.getLocalPort() + "\r\n")
        .contains("\r\nConnection: close\r\n");
  }

  @Test
  void anAnswerWithoutALengthEndsWithItsConnection() {
    answer("HTTP/1.0 200 OK~~hello", true);
    probe("/", Set.of(), PATIENCE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 500 No~Content-Length: 0~~            | answered 500",
        "HTTP/1.1 404 Not Found~Content-Length: 0~~     | answered 404",
        "HTTP/1.1 200 OK~Content-Length: 50~~hello      | closed in the middle of its answer",
        "HTTP/1.1 200 OK~Transfer-Encoding: chunked~~5~hel | closed in the middle of its answer",
        "HTTP/1.1 200                                   | closed in the middle of its answer",
        "''                                             | closed without an answer",
        "SSH-2.0-OpenSSH_9.2~~                          | no HTTP answer, but"
            + " \"SSH-2.0-OpenSSH_9.2\"",
        "HTTP/1.1 abc OK~~                              | no HTTP answer",
        "HTTP/1.1 200 OK~Content-Length: much~~         | the length \"much\"",
      })
  void whatIsNotWellIsSaid(String answer, String why) {
    answer(answer, true);
    assertThatThrownBy(() -> probe("/", Set.of(), PATIENCE)).hasMessageContaining(why);
  }

  @Test
  void onlyTheStatusesThatAreNamedAreWell() {
    answer("HTTP/1.1 200 OK~Content-Length: 0~~", true);
    assertThatThrownBy(() -> probe("/", Set.of(404), PATIENCE))
        .hasMessageContaining("answered 200");
    answer("HTTP/1.1 404 Not Found~Content-Length: 0~~", true);
    probe("/", Set.of(404), PATIENCE);
  }

  @Test
  void whoHangsIsNotWaitedFor() {
    answer("HTTP/1.1 200 OK~Content-Length: 50~~hello", false);
    assertThatThrownBy(() -> probe("/", Set.of(), SHORT))
        .hasMessageContaining("no answer within 300 ms");
  }

  /** Later than the one look at all answers, and in two pieces. */
  @Test
  void whoTakesItsTimeIsWaitedFor() {
    var first = new CompletableFuture<Void>();
    var second = new CompletableFuture<Void>();
    threads.execute(
        () -> {
          try (var socket = server.accept()) {
            first.join();
            socket.getOutputStream().write("HTTP/1.1 503 Wait".getBytes(ISO_8859_1));
            second.join();
            socket.getOutputStream().write("\r\n\r\n".getBytes(ISO_8859_1));
          } catch (IOException e) {
            request = e.toString();
          }
        });
    loop.after(Duration.ofMillis(60), () -> first.complete(null));
    loop.after(Duration.ofMillis(120), () -> second.complete(null));
    assertThatThrownBy(() -> probe("/", Set.of(), PATIENCE)).hasMessageContaining("answered 503");
  }

  @Test
  void manyAreAskedAtOnceAndEachHasItsOwnAnswer() {
    int many = 40;
    threads.execute(
        () -> {
          try {
            for (int i = 0; i < many; i++) {
              try (var socket = server.accept()) {
                var in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
                String path = in.readLine().split(" ", -1)[1];
                while (!in.readLine().isEmpty()) {}
                socket
                    .getOutputStream()
                    .write(("HTTP/1.1 " + path.substring(1) + " x\r\n\r\n").getBytes(ISO_8859_1));
              }
            }
          } catch (IOException e) {
            request = e.toString();
          }
        });
    var asked =
        IntStream.range(0, many)
            .mapToObj(
                i ->
                    probes
                        .http(uri("/" + (200 + i)), Set.of(200 + i), PATIENCE)
                        .ask()
                        .toCompletableFuture())
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(asked).join();
  }

  @Test
  void whatIsAskedWhenAllEndsIsToldSo() {
    answer("HTTP/1.1 200 OK~Content-Length: 50~~hello", false);
    var asked = probes.http(uri("/"), Set.of(), PATIENCE).ask().toCompletableFuture();
    probes.close();
    assertThatThrownBy(asked::join).hasMessageContaining("the executor is ending");
    assertThatThrownBy(() -> probe("/", Set.of(), PATIENCE))
        .hasMessageContaining("the executor is ending");
  }

  @Test
  void aConnectionIsEnoughForTcp() throws IOException {
    int port = server.getLocalPort();
    probes.tcp("127.0.0.1", port, PATIENCE).ask().toCompletableFuture().join();
    server.close();
    assertThatThrownBy(
            () -> probes.tcp("127.0.0.1", port, PATIENCE).ask().toCompletableFuture().join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("connect to 127.0.0.1:" + port + ": Connection refused");
  }

  private void probe(String path, Set<Integer> statuses, Duration timeout) {
    probes.http(uri(path), statuses, timeout).ask().toCompletableFuture().join();
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + path);
  }

  /** Answers one request; {@code ~} is a line's end. */
  private void answer(String text, boolean close) {
    threads.execute(
        () -> {
          try {
            var socket = server.accept();
            var asked = new StringBuilder();
            while (asked.indexOf("\r\n\r\n") < 0) {
              asked.append((char) socket.getInputStream().read());
            }
            request = asked.toString();
            socket.getOutputStream().write(text.replace("~", "\r\n").getBytes(ISO_8859_1));
            if (close) {
              socket.close();
            }
          } catch (IOException e) {
            request = e.toString();
          }
        });
  }
}
