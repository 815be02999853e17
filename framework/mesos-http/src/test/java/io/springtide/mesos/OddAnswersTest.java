package io.springtide.mesos;

import static io.springtide.mesos.SchedulerFixture.heartbeat;
import static io.springtide.mesos.SchedulerFixture.rescind;
import static io.springtide.mesos.SchedulerFixture.subscribed;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP allows, or a broken master or proxy does, and no recorded master did. */
class OddAnswersTest {

  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nMesos-Stream-Id: s1\r\n";
  private static final String CHUNKED = HEAD + "Transfer-Encoding: chunked\r\n\r\n";

  /** A client of a server that answers with bytes. */
  private static final class Client implements AutoCloseable {
    final VirtualTimer time = new VirtualTimer();
    final RecordingScheduler scheduler = new RecordingScheduler();
    final HttpMesos mesos;

    Client(BytesServer master) {
      mesos =
          new HttpMesos(
              new FixedMasters(List.of(master.endpoint())),
              WireOptions.defaults(),
              scheduler,
              scheduler,
              time::on);
      mesos.start();
    }

    @Override
    public void close() {
      mesos.close();
    }
  }

  private static byte[] records(Event... events) {
    ByteBuf out = Unpooled.buffer();
    for (Event event : events) {
      RecordIo.encode(event, out);
    }
    return ByteBufUtil.getBytes(out);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** In HTTP chunks of a size, each with this after its length. */
  private static byte[] chunks(byte[] content, int size, String extension) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int from = 0; from < content.length; from += size) {
      int length = Math.min(size, content.length - from);
      out.writeBytes(BytesServer.ascii(Integer.toHexString(length) + extension + "\r\n"));
      out.write(content, from, length);
      out.writeBytes(BytesServer.ascii("\r\n"));
    }
    return out.toByteArray();
  }

  private static void expectEvents(Client it, Event... events) throws InterruptedException {
    it.scheduler.expect("connected");
    for (Event event : events) {
      assertThat(it.scheduler.take().event()).isEqualTo(event);
    }
  }

  @ParameterizedTest(name = "chunks of {0} bytes, in packets of {1}")
  @CsvSource({"1,1", "1,7", "3,1000", "7,1", "50,2", "100000,1", "100000,100000"})
  void chunksMayBeCutAnywhereAndCarryExtensions(int chunk, int packet) throws Exception {
    Event[] events = {subscribed(), heartbeat(), rescind("o".repeat(300)), heartbeat()};
    byte[] answer =
        join(BytesServer.ascii(CHUNKED), chunks(records(events), chunk, ";name=\"a value\";more"));
    try (BytesServer master = new BytesServer(packet, false, answer);
        Client it = new Client(master)) {
      expectEvents(it, events);
    }
  }

  @Test
  void aStreamWithoutChunksEndsWithItsConnection() throws Exception {
    byte[] answer = join(BytesServer.ascii(HEAD + "\r\n"), records(subscribed(), heartbeat()));
    try (BytesServer master = new BytesServer(5, true, answer);
        Client it = new Client(master)) {
      expectEvents(it, subscribed(), heartbeat());
      it.scheduler.expect("lost");
      it.scheduler.expect("disconnected");
    }
  }

  @Test
  void anInterimAnswerIsNotTheAnswer() throws Exception {
    byte[] answer =
        join(
            BytesServer.ascii("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"),
            BytesServer.ascii(CHUNKED),
            chunks(records(subscribed()), 1000, ""));
    try (BytesServer master = new BytesServer(9, false, answer);
        Client it = new Client(master)) {
      expectEvents(it, subscribed());
    }
  }

  @Test
  void aCompressedStreamIsReadThoughNobodyAskedForIt() throws Exception {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
      zip.write(records(subscribed(), rescind("o1")));
    }
    byte[] answer =
        join(
            BytesServer.ascii(
                HEAD + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"),
            chunks(zipped.toByteArray(), 10, ""));
    try (BytesServer master = new BytesServer(6, false, answer);
        Client it = new Client(master)) {
      expectEvents(it, subscribed(), rescind("o1"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\n", // no length
        "-5\nhello",
        "12345678901\n", // more digits than any limit
        "999999999\n", // beyond the largest record
        "5 \nhello",
        "\n",
        "3\n\u00ff\u00ff\u00ff" // a record that is no event
      })
  void aRecordThatMakesNoSenseEndsTheSubscriptionAndTheNextIsSound(String broken) throws Exception {
    byte[] bad =
        join(
            BytesServer.ascii(CHUNKED),
            chunks(join(records(subscribed()), BytesServer.ascii(broken)), 1000, ""));
    byte[] good = join(BytesServer.ascii(CHUNKED), chunks(records(subscribed()), 1000, ""));
    try (BytesServer master = new BytesServer(4, false, bad, good);
        Client it = new Client(master)) {
      expectEvents(it, subscribed());
      it.scheduler.expect("lost");
      it.scheduler.expect("disconnected");
      it.time.advanceToNext(Duration.ofSeconds(1));
      expectEvents(it, subscribed());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n",
        "HTTP/9.9 200 OK\r\n\r\n"
      })
  void whatIsNotHttpIsTriedAgainWithAPause(String answer) throws Exception {
    byte[] good = join(BytesServer.ascii(CHUNKED), chunks(records(subscribed()), 1000, ""));
    try (BytesServer master = new BytesServer(1000, true, BytesServer.ascii(answer), good);
        Client it = new Client(master)) {
      it.scheduler.expect("connected");
      RecordingScheduler.Told told = it.scheduler.expect("lost");
      assertThat(told.what()).hasSizeLessThan(400);
      if (it.scheduler.hasMore()) {
        it.scheduler.expect("disconnected");
      }
      assertThat(master.asked()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aRedirectWithoutAHostIsTriedAgainWithPauses(int status) throws Exception {
    String redirect =
        "HTTP/1.1 "
            + status
            + " Moved\r\nLocation: /master/api/v1/scheduler\r\n"
            + "Content-Length: 0\r\n\r\n";
    byte[] good = join(BytesServer.ascii(CHUNKED), chunks(records(subscribed()), 1000, ""));
    try (BytesServer master = new BytesServer(1000, false, BytesServer.ascii(redirect), good);
        Client it = new Client(master)) {
      it.scheduler.expect("connected");
      it.scheduler.expect("lost redirected to \"/master/api/v1/scheduler\"");
      it.time.advanceToNext(Duration.ofSeconds(1));
      assertThat(it.scheduler.take().event()).isEqualTo(subscribed());
    }
  }

  @Test
  void aRefusalWithoutEndIsCutOff() throws Exception {
    byte[] head = BytesServer.ascii("HTTP/1.1 400 Bad Request\r\nContent-Length: 300000\r\n\r\n");
    byte[] body = "no ".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
    try (BytesServer master = new BytesServer(10_000, false, join(head, body));
        Client it = new Client(master)) {
      it.scheduler.expect("connected");
      RecordingScheduler.Told told = it.scheduler.expect("refused SUBSCRIBE 400 no no");
      assertThat(told.what()).hasSizeLessThan(70_000);
    }
  }

  @Test
  void aStreamThatBreaksOffWithinARecordIsSubscribedAnew() throws Exception {
    byte[] record = records(rescind("o1"));
    byte[] half = java.util.Arrays.copyOf(record, record.length / 2);
    byte[] answer =
        join(
            BytesServer.ascii(CHUNKED),
            chunks(join(records(subscribed()), half), 1000, ""),
            BytesServer.ascii("0\r\nTrailer: x\r\n\r\n"));
    try (BytesServer master = new BytesServer(1000, false, answer);
        Client it = new Client(master)) {
      expectEvents(it, subscribed());
      it.scheduler.expect("lost the other side ended the stream within a record");
      it.scheduler.expect("disconnected");
    }
  }

  @Test
  void theClientOfAServerThatIsNotThereSaysWhichItWas() throws IOException, InterruptedException {
    BytesServer gone = new BytesServer(1, true, new byte[0]);
    Endpoint endpoint = gone.endpoint();
    gone.close();
    try (Client it = new Client(gone)) {
      it.scheduler.expect("connected");
      it.scheduler.expect("lost cannot connect to " + endpoint);
    }
  }
}
