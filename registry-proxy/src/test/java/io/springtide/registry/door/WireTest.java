package io.springtide.registry.door;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.registry.OneBlobStory;
import io.springtide.registry.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients do on the wire that no ordinary HTTP library does for a test. */
class WireTest extends OneBlobStory {
  private static final int SIZE = 1_000_000;

  WireTest() {
    super("feed/api", SIZE, 13);
  }

  /** One connection to the proxy, written and read by hand. */
  private final class Wire implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream in;

    Wire() throws IOException {
      socket.setReceiveBufferSize(64 << 10);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()));
      socket.setSoTimeout(20_000);
      in = socket.getInputStream();
    }

    void send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    void get(String where, String... headers) throws IOException {
      send("GET " + where + " HTTP/1.1\r\nHost: x\r\n");
      for (String header : headers) {
        send(header + "\r\n");
      }
      send("\r\n");
    }

    Head head() throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
        int b = in.read();
        if (b < 0) {
          throw new IOException("ends after \"" + head.toString(ISO_8859_1) + "\"");
        }
        head.write(b);
      }
      String[] lines = head.toString(ISO_8859_1).split("\r\n", -1);
      Map<String, String> headers = new TreeMap<>();
      for (int i = 1; i < lines.length - 2; i++) {
        int colon = lines[i].indexOf(':');
        headers.put(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
      return new Head(Integer.parseInt(lines[0].split(" ", -1)[1]), headers);
    }

    byte[] body(Head head) throws IOException {
      return in.readNBytes(Integer.parseInt(head.headers.get("content-length")));
    }

    boolean ended() throws IOException {
      return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private record Head(int status, Map<String, String> headers) {}

  /** The upstream sends so many bytes of the blob, and the rest when told. */
  private CountDownLatch standsAt(int count) {
    CountDownLatch rest = new CountDownLatch(1);
    upstream.script(path, upstream.restAfter(count, rest));
    return rest;
  }

  @Test
  void requestsSentAheadAreAnsweredInTheirOrder() throws Exception {
    try (Wire wire = new Wire()) {
      for (int i = 0; i < 30; i++) {
        wire.get(path, "Range: bytes=" + i + "-" + (i + 9));
        wire.get("/v2/");
      }
      for (int i = 0; i < 30; i++) {
        assertThat(wire.body(wire.head())).isEqualTo(Arrays.copyOfRange(bytes, i, i + 10));
        assertThat(new String(wire.body(wire.head()), ISO_8859_1)).isEqualTo("{}");
      }
    }
    assertThat(upstream.requests("GET", path)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /admin/purge HTTP/1.1\r\n"
            + "Host: x\r\n"
            + "Expect: 100-continue\r\n"
            + "Content-Length: 2\r\n\r\n",
        "POST /admin/purge HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 2\r\n\r\n",
        "POST /admin/purge HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n",
      })
  void whatIsSentAheadNeverBreaksIntoAnAnswerThatIsUnderWay(String ahead) throws Exception {
    CountDownLatch rest = standsAt(100_000);
    try (Wire wire = new Wire()) {
      wire.get(path);
      Head head = wire.head();
      byte[] begun = wire.in.readNBytes(100_000);
      wire.send(ahead);
      // A connection of its own answers: what was sent ahead has been read by then too.
      assertThat(proxy.get("/healthz").statusCode()).isEqualTo(200);
      rest.countDown();
      byte[] end = wire.in.readNBytes(SIZE - 100_000);
      assertThat(head.status).isEqualTo(200);
      assertThat(Arrays.equals(begun, Arrays.copyOf(bytes, 100_000))).isTrue();
      assertThat(Arrays.equals(end, Arrays.copyOfRange(bytes, 100_000, SIZE))).isTrue();
    }
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedInItsTurn() throws Exception {
    try (Wire wire = new Wire()) {
      wire.get("/v2/");
      wire.send("POST /admin/purge HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n");
      assertThat(wire.body(wire.head())).hasSize(2);
      Head refused = wire.head();
      assertThat(refused.status).isEqualTo(413);
      assertThat(new String(wire.body(refused), ISO_8859_1)).startsWith("{\"errors\":");
    }
  }

  @Test
  void whoWaitsToBeToldToGoOnIsTold() throws Exception {
    try (Wire wire = new Wire()) {
      String headers = "Host: x\r\nExpect: 100-continue\r\nContent-Length: 2";
      wire.send("POST /admin/purge HTTP/1.1\r\n" + headers + "\r\n\r\n");
      assertThat(wire.head().status).isEqualTo(100);
      wire.send("{}");
      assertThat(wire.head().status).isEqualTo(403);
    }
  }

  private ScriptedUpstream.Answer withoutALength(int count) {
    return (request, out) -> {
      out.write(ScriptedUpstream.head(200, "Content-Type: application/octet-stream"));
      out.write(bytes, 0, count);
    };
  }

  @Test
  void aClientOfHttp10GetsABodyWithoutChunks() throws Exception {
    upstream.script(path, withoutALength(bytes.length));
    try (Wire wire = new Wire()) {
      wire.send("GET " + path + " HTTP/1.0\r\n\r\n");
      Head head = wire.head();
      assertThat(head.status).isEqualTo(200);
      assertThat(head.headers).doesNotContainKey("transfer-encoding");
      assertThat(wire.body(head)).isEqualTo(bytes);
      assertThat(wire.ended()).isTrue();
    }
  }

  @Test
  void aClientOfHttp10GetsNoCleanEndOfWrongBytes() throws Exception {
    upstream.script(path, withoutALength(500_000));
    try (Wire wire = new Wire()) {
      wire.send("GET " + path + " HTTP/1.0\r\n\r\n");
      assertThat(wire.head().status).isEqualTo(502);
    }
  }

  @Test
  void aConnectionIsKeptOrClosedAsTheClientSays() throws Exception {
    try (Wire wire = new Wire()) {
      wire.send("GET /v2/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertThat(wire.body(wire.head())).hasSize(2);
      wire.get(path, "cOnNeCtIoN: cLoSe", "rAnGe: bytes=0-9");
      Head last = wire.head();
      assertThat(last.headers).containsEntry("connection", "close");
      assertThat(wire.body(last)).hasSize(10);
      assertThat(wire.ended()).isTrue();
    }
  }

  @Test
  void aQueryThatCannotBeReadIsRefused() throws Exception {
    for (String where : new String[] {"/v2/?ns=%zz", path + "?ns=%f"}) {
      try (Wire wire = new Wire()) {
        wire.get(where);
        assertThat(wire.head().status).isEqualTo(400);
      }
    }
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void aClientThatDoesNotReadHoldsNobodyUp() throws Exception {
    byte[] large = new byte[30_000_000];
    new Random(17).nextBytes(large);
    String where = "/v2/feed/api/blobs/" + upstream.blob("feed/api", large);
    try (Wire stuck = new Wire()) {
      stuck.get(where);
      assertThat(stuck.head().status).isEqualTo(200);
      for (int i = 0; i < 3; i++) {
        assertThat(proxy.get(where).body()).as("filling or stored").isEqualTo(large);
      }
      assertThat(stuck.in.readNBytes(large.length)).isEqualTo(large);
    }
    assertThat(upstream.requests("GET", where)).hasSize(1);
  }

  @Test
  void whatAClientGotBeforeItLeftIsCounted() throws Exception {
    byte[] large = new byte[30_000_000];
    String where = "/v2/feed/api/blobs/" + upstream.blob("feed/api", large);
    assertThat(proxy.get(where).body()).hasSize(large.length);
    proxy.awaitStored();
    try (Wire wire = new Wire()) {
      wire.get(where);
      wire.head();
      assertThat(wire.in.readNBytes(5_000_000)).hasSize(5_000_000);
    }
    double sent = 0;
    while (sent == 0) {
      sent =
          proxy
              .metrics()
              .lines()
              .filter(l -> l.startsWith("springtide_registry_sent_bytes_total{source=\"hit\"}"))
              .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' '))))
              .sum();
    }
    assertThat(sent).isBetween(5_000_000.0, 29_000_000.0);
  }
}
