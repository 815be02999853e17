package io.springtide.harness.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.testing.Patience;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WebServerMainTest {

  @Test
  void itsCommandServesOnThePortOfItsEnvironmentUntilSigterm() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    ProcessBuilder builder = new ProcessBuilder(WebServerMain.command());
    builder.environment().put("PORT_HTTP", "" + port);
    builder.environment().put("SPRINGTIDE_INSTANCE", "feed.api#7");
    Process server = builder.redirectErrorStream(true).start();
    try (BufferedReader output = server.inputReader()) {
      assertThat(output.readLine()).isEqualTo("listening on port " + port);

      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/any")).build(),
                  HttpResponse.BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("hello from feed.api#7\n");
      server.destroy();
      assertThat(server.waitFor(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void aCheckoutMayHaveABlankInItsName() throws Exception {
    Path classes = Path.of("/home/ada/spring tide/target/classes");
    assertThat(WebServerMain.file(classes.toUri().toURL())).isEqualTo(classes);
  }

  @Test
  void withoutAPortItSaysWhatIsMissing() throws Exception {
    ProcessBuilder builder = new ProcessBuilder(WebServerMain.command());
    builder.environment().remove("PORT_HTTP");
    Process server = builder.redirectErrorStream(true).start();
    try (BufferedReader output = server.inputReader()) {
      assertThat(output.readLine()).startsWith("PORT_HTTP is not set");
      assertThat(server.waitFor()).isEqualTo(64);
    } finally {
      server.destroyForcibly();
    }
  }
}
