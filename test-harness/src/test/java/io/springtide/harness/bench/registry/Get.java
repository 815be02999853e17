package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

/** A GET by hand, of a proxy or a peer on loopback. */
final class Get {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Get() {}

  /** The whole answer, which must be 200. */
  static String body(int port, String pathAndQuery) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + pathAndQuery)).build();
    HttpResponse<String> answer =
        HTTP.send(request, BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    assertThat(answer.statusCode()).as(pathAndQuery).isEqualTo(200);
    return answer.body();
  }
}
