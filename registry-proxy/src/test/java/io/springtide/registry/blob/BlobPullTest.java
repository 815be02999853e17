package io.springtide.registry.blob;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.registry.OneBlobStory;
import io.springtide.registry.ScriptedUpstream;
import io.springtide.registry.store.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Blobs through the proxy, from an upstream that behaves and from one that does not. */
class BlobPullTest extends OneBlobStory {
  BlobPullTest() {
    super("feed/api", 3_000_000, 7);
  }

  @Test
  void aMissIsFetchedOnceAndThenServedWithoutTheUpstream() throws Exception {
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    proxy.awaitStored();
    HttpResponse<byte[]> warm = proxy.get(path);
    assertThat(warm.statusCode()).isEqualTo(200);
    assertThat(warm.body()).isEqualTo(bytes);
    assertThat(warm.headers().firstValue("Docker-Content-Digest")).contains(digest.toString());
    assertThat(upstream.requests("GET", path)).hasSize(1);
    assertThat(upstream.requests("GET", path).get(0).headers())
        .containsEntry("accept-encoding", "identity");
  }

  @Test
  void manyClientsShareOneFetchAndAllStreamWhileItFills() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    upstream.script(path, upstream.restAfter(1_000_000, hold));
    List<CompletableFuture<HttpResponse<InputStream>>> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(proxy.client.sendAsync(proxy.request("GET", path), BodyHandlers.ofInputStream()));
    }
    for (var client : clients) {
      InputStream body = client.join().body();
      assertThat(body.readNBytes(900_000)).isEqualTo(java.util.Arrays.copyOf(bytes, 900_000));
    }
    hold.countDown();
    for (var client : clients) {
      assertThat(client.join().body().readAllBytes()).hasSize(bytes.length - 900_000);
    }
    assertThat(upstream.requests("GET", path)).hasSize(1);
  }

  @Test
  void theFillGoesOnWhenItsFirstClientGoesAway() throws Exception {
    CountDownLatch hold = new CountDownLatch(1);
    upstream.script(path, upstream.restAfter(500_000, hold));
    InputStream first = proxy.stream(path);
    assertThat(first.readNBytes(1000)).hasSize(1000);
    CompletableFuture<HttpResponse<byte[]>> second = proxy.async(path);
    first.close();
    hold.countDown();
    assertThat(second.join().body()).isEqualTo(bytes);
    proxy.awaitStored();
    assertThat(upstream.requests("GET", path)).hasSize(1);
  }

  @Test
  void anUpstreamThatBreaksOffIsContinuedByRangeAndTheClientNoticesNothing() throws Exception {
    upstream.script(
        path, upstream.cutAfter(1_200_000), ScriptedUpstream.status(500), upstream.cutAfter(0));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path)).hasSize(4);
    assertThat(upstream.requests("GET", path).get(1).headers().get("range"))
        .isEqualTo("bytes=1200000-");
  }

  @Test
  void anUpstreamThatFallsSilentIsLeftAndContinuedElsewhere() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    upstream.script(path, upstream.restAfter(1_000_000, never));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path).get(1).headers())
        .containsEntry("range", "bytes=1000000-");
  }

  @Test
  void aSlowDripReachesTheClientByteByByte() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    upstream.script(
        path,
        (request, out) -> {
          out.write(ScriptedUpstream.head(200, "Content-Length: " + bytes.length));
          for (int i = 0; i < 50; i++) {
            out.write(bytes, i, 1);
            out.flush();
          }
          read.await();
          out.write(bytes, 50, bytes.length - 50);
        });
    try (InputStream body = proxy.stream(path)) {
      assertThat(body.readNBytes(50)).isEqualTo(java.util.Arrays.copyOf(bytes, 50));
      read.countDown();
      assertThat(body.readAllBytes()).hasSize(bytes.length - 50);
    }
  }

  @Test
  void garbageIsNeverStoredAndNeverEndsAsAWholeAnswer() throws Exception {
    byte[] garbage = bytes.clone();
    garbage[2_999_000] ^= 1;
    breaksOff("Content-Length: " + garbage.length, garbage, garbage.length);
    assertThat(proxy.get(path).body()).as("the next client gets the right bytes").isEqualTo(bytes);
  }

  /** The upstream answers so; a client that has the head of its answer never gets a clean end. */
  private void breaksOff(String header, byte[] body, int count) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    upstream.script(
        path,
        (request, out) -> {
          out.write(ScriptedUpstream.head(200, header));
          out.write(body, 0, 1000);
          out.flush();
          begun.await();
          out.write(body, 1000, count - 1000);
        });
    try (InputStream answer = proxy.stream(path)) {
      begun.countDown();
      assertThatThrownBy(answer::readAllBytes).isInstanceOf(IOException.class);
    }
  }

  @Test
  void garbageWithoutALengthBreaksTheConnectionToo() throws Exception {
    breaksOff("Content-Type: application/octet-stream", bytes, 2_000_000);
    upstream.script(
        path,
        (request, out) -> {
          out.write(ScriptedUpstream.head(200, "Content-Type: application/octet-stream"));
          out.write(bytes);
        });
    assertThat(proxy.get(path).body())
        .as("whole content without a length is fine")
        .isEqualTo(bytes);
  }

  @Test
  void anEmptyAnswerIsNotTakenForContentThatIsNotEmpty() throws Exception {
    upstream.script(path, ScriptedUpstream.status(200));
    assertThat(proxy.get(path).statusCode()).isEqualTo(502);
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
  }

  @Test
  void whatLacksOnlyTheMarkOfItsEndIsWhole() throws Exception {
    upstream.script(
        path,
        (request, out) -> {
          out.write(ScriptedUpstream.head(200, "Transfer-Encoding: chunked"));
          out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(US_ASCII));
          out.write(bytes);
        });
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path)).hasSize(1);
  }

  @Test
  void anUpstreamThatIsDownAtStartIsFoundWhenItComes() throws Exception {
    int port = upstream.port();
    upstream.close();
    proxy.restart();
    assertThat(proxy.get("/v2/").statusCode()).isEqualTo(200);
    assertThat(proxy.get(path).statusCode()).isEqualTo(503);
    try (ScriptedUpstream later = new ScriptedUpstream(port)) {
      later.blob("feed/api", bytes);
      assertThat(proxy.get(path).body()).isEqualTo(bytes);
    }
  }

  @Test
  void a429IsWaitedOutNotHandedToTheClient() throws Exception {
    upstream.script(path, ScriptedUpstream.status(429, "Retry-After: 1"));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
  }

  @Test
  void whatTheUpstreamDoesNotHaveIsAskedForOnceInAWhile() throws Exception {
    String missing = "/v2/feed/api/blobs/" + Digest.of(new byte[] {1});
    assertThat(proxy.get(missing).statusCode()).isEqualTo(404);
    assertThat(proxy.get(missing).statusCode()).isEqualTo(404);
    assertThat(upstream.requests("GET", missing)).hasSize(1);
    upstream.blob("feed/api", new byte[] {1});
    proxy.clock.pass(java.time.Duration.ofSeconds(6));
    assertThat(proxy.get(missing).statusCode()).isEqualTo(200);
  }

  /** The blob is here. */
  private void bring() throws Exception {
    proxy.get(path);
    proxy.awaitStored();
  }

  @Test
  void aDigestIsNoRightToRead() throws Exception {
    bring();
    String elsewhere = "/v2/other/app/blobs/" + digest;
    assertThat(proxy.get(elsewhere).statusCode()).as("other/app does not show it").isEqualTo(404);
    upstream.blob("third/app", bytes);
    String third = "/v2/third/app/blobs/" + digest;
    assertThat(proxy.get(third).body()).isEqualTo(bytes);
    assertThat(upstream.requests("HEAD", third)).hasSize(1);
    assertThat(upstream.requests("GET", third)).as("its bytes were here already").isEmpty();
    assertThat(proxy.get(third).statusCode()).isEqualTo(200);
    assertThat(upstream.requests("HEAD", third)).hasSize(1);
  }

  @Test
  void aRevokedRepositoryIsNoticedWithinTheRecheckTime() throws Exception {
    bring();
    upstream.remove(path);
    assertThat(proxy.get(path).statusCode()).isEqualTo(200);
    proxy.clock.pass(java.time.Duration.ofMinutes(61));
    assertThat(proxy.get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void aRestartFindsWhatWasStored() throws Exception {
    bring();
    proxy.restart();
    upstream.close();
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
  }

  @Test
  void aCutFileIsFoundAtStartAndFetchedAgain() throws Exception {
    bring();
    proxy.stop();
    Files.write(stored(), java.util.Arrays.copyOf(bytes, 1000));
    proxy.start();
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path)).hasSize(2);
  }

  @Test
  void aFileThatWasCutUnderARunningProxyIsFetchedAgain() throws Exception {
    bring();
    Files.write(stored(), java.util.Arrays.copyOf(bytes, 1000));
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    proxy.awaitStored();
    Files.delete(stored());
    assertThat(proxy.get(path).body()).as("or taken away").isEqualTo(bytes);
    assertThat(upstream.requests("GET", path)).hasSize(3);
  }

  @Test
  void aFileThatCannotBeOpenedNowIsNotThrownAway() throws Exception {
    bring();
    Path file = stored();
    Path aside = data.resolve("aside");
    Files.move(file, aside);
    // As without file descriptors: there, and not to be opened.
    Files.createSymbolicLink(file, file);
    assertThat(proxy.get(path).statusCode()).isEqualTo(503);
    assertThat(Files.isSymbolicLink(file)).isTrue();
    Files.delete(file);
    Files.move(aside, file);
    assertThat(proxy.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests("GET", path)).hasSize(1);
  }

  private Path stored() throws IOException {
    try (var files = Files.walk(data.resolve("blobs"))) {
      return files.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
  }
}
