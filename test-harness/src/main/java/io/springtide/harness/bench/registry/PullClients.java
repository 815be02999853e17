package io.springtide.harness.bench.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Clients that pull an image: the manifest by its tag, then every blob. They read as cheaply as
 * Java can, so that what is measured is the server, and count every byte; {@code verify} makes them
 * hash as well.
 */
final class PullClients {
  /**
   * @param seconds from the first request to the last byte of the last client
   * @param firstByteMicros times from a blob's request to the first byte of its body
   */
  record Result(double seconds, long bytes, long p99FirstByteMicros) {}

  private PullClients() {}

  static Result pull(int port, TestImage image, int clients, boolean verify)
      throws InterruptedException, IOException {
    ConcurrentHistogram firstBytes = new ConcurrentHistogram(3);
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    try {
      long begin = System.nanoTime();
      List<Callable<Long>> work = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        work.add(() -> pullOne(port, image, verify, firstBytes));
      }
      long bytes = 0;
      for (Future<Long> done : threads.invokeAll(work)) {
        bytes += done.get();
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      return new Result(seconds, bytes, firstBytes.getValueAtPercentile(99));
    } catch (ExecutionException e) {
      throw new IOException("a client failed: " + e.getCause(), e.getCause());
    } finally {
      threads.shutdownNow();
    }
  }

  private static long pullOne(
      int port, TestImage image, boolean verify, ConcurrentHistogram firstBytes)
      throws IOException {
    long bytes = 0;
    try (SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
      ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
      get(channel, buffer, "/v2/" + image.repository() + "/manifests/" + image.tag(), null, null);
      for (String digest : image.blobs()) {
        bytes +=
            get(
                channel,
                buffer,
                "/v2/" + image.repository() + "/blobs/" + digest,
                verify ? digest : null,
                firstBytes);
      }
    }
    if (bytes != image.bytes()) {
      throw new IOException("pulled " + bytes + " bytes of " + image.bytes());
    }
    return bytes;
  }

  private static long get(
      SocketChannel channel,
      ByteBuffer buffer,
      String path,
      String digest,
      ConcurrentHistogram firstBytes)
      throws IOException {
    String request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: "
            + TestImage.MANIFEST_TYPE
            + "\r\n\r\n";
    long begin = System.nanoTime();
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    buffer.clear();
    int bodyAt = -1;
    String head = "";
    while (bodyAt < 0) {
      if (channel.read(buffer) < 0) {
        throw new IOException("connection closed before an answer to " + path);
      }
      head = StandardCharsets.ISO_8859_1.decode(buffer.duplicate().flip()).toString();
      int end = head.indexOf("\r\n\r\n");
      bodyAt = end < 0 ? -1 : end + 4;
    }
    if (!head.startsWith("HTTP/1.1 200")) {
      throw new IOException(path + ": " + head.lines().findFirst().orElse("no status"));
    }
    long length =
        head.lines()
            .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
            .mapToLong(line -> Long.parseLong(line.substring(15).strip()))
            .findFirst()
            .orElseThrow(() -> new IOException(path + ": no Content-Length"));
    MessageDigest hash = digest == null ? null : TestImage.sha256();
    buffer.flip().position(bodyAt);
    long got = buffer.remaining();
    boolean first = true;
    if (got > 0) {
      record(firstBytes, begin);
      first = false;
      if (hash != null) {
        hash.update(buffer);
      }
    }
    while (got < length) {
      buffer.clear();
      int count = channel.read(buffer);
      if (count < 0) {
        throw new IOException(path + ": closed after " + got + " of " + length + " bytes");
      }
      if (first) {
        record(firstBytes, begin);
        first = false;
      }
      got += count;
      if (hash != null) {
        hash.update(buffer.flip());
      }
    }
    if (hash != null && !digest.equals("sha256:" + HexFormat.of().formatHex(hash.digest()))) {
      throw new IOException(path + ": wrong bytes");
    }
    return got;
  }

  private static void record(ConcurrentHistogram histogram, long begin) {
    if (histogram != null) {
      histogram.recordValue((System.nanoTime() - begin) / 1000);
    }
  }
}
