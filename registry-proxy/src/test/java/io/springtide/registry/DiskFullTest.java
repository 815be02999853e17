package io.springtide.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.registry.ScriptedUpstream.Answer;
import io.springtide.testing.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is full in the middle of a blob: the proxy is a process of its own, which may not
 * write files beyond 1 MiB.
 */
class DiskFullTest {
  @TempDir Path directory;
  private ScriptedUpstream upstream;
  private Process proxy;
  private int port;
  private final byte[] bytes = new byte[5_000_000];
  private String path;

  @BeforeEach
  void open() throws Exception {
    upstream = new ScriptedUpstream();
    new Random(19).nextBytes(bytes);
    path = "/v2/feed/api/blobs/" + upstream.blob("feed/api", bytes);
    Path config =
        Files.writeString(
            directory.resolve("proxy.yaml"),
            "listen: 127.0.0.1:0\ndataDir: "
                + directory.resolve("data")
                + "\nupstreams: [{name: up, url: \""
                + upstream.url()
                + "\"}]\n");
    proxy =
        new ProcessBuilder(
                "bash",
                "-c",
                "ulimit -f 1024; exec \"$@\"",
                "limited",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                RegistryProxyMain.class.getName(),
                "--config",
                config.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader out = proxy.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    assertThat(line).startsWith("registry-proxy listens on ");
    port = Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
  }

  @AfterEach
  void close() throws Exception {
    proxy.destroyForcibly().waitFor(Patience.seconds(), TimeUnit.SECONDS);
    upstream.close();
  }

  private HttpResponse<byte[]> get(String... headers) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Patience.limit());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient()
        .send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  @Test
  void theClientGetsTheRestPastTheDisk() throws Exception {
    assertThat(get().body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path)).hasSize(2);
    assertThat(get("Range", "bytes=3000000-").body()).hasSize(2_000_000);
  }

  @Test
  void theRestIsCheckedTogetherWithWhatCameBefore() throws Exception {
    byte[] other = bytes.clone();
    other[other.length - 1] ^= 1;
    Answer wrong =
        (request, out) -> {
          String range = request.headers().getOrDefault("range", "bytes=0-");
          int from = Integer.parseInt(range.substring(6, range.length() - 1));
          out.write(
              ScriptedUpstream.head(
                  from == 0 ? 200 : 206,
                  "Content-Length: "
                      + (other.length - from)
                      + "\r\nContent-Range: bytes "
                      + from
                      + "-"
                      + (other.length - 1)
                      + "/"
                      + other.length));
          out.write(other, from, other.length - from);
        };
    upstream.script(path, upstream::normal, wrong, upstream::normal, wrong);
    assertThatThrownBy(this::get).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> get("Range", "bytes=3000000-")).isInstanceOf(IOException.class);
  }
}
