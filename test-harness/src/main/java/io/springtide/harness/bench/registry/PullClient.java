package io.springtide.harness.bench.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.HdrHistogram.ConcurrentHistogram;

/** One client and its one connection: sends a request when the answer to the last one is whole. */
final class PullClient implements AutoCloseable {
  private static final int MAX_HEAD = 16 << 10;

  private final SocketChannel channel;
  private final TestImage image;
  private final boolean verify;
  private final ConcurrentHistogram firstBytes;
  private final StringBuilder head = new StringBuilder();
  private int next;
  private String path;
  private MessageDigest hash;
  private long asked;

  /** Bytes of the body that are still to come; negative while its head is. */
  private long missing;

  private boolean first;
  private long received;

  private PullClient(
      SocketChannel channel, TestImage image, boolean verify, ConcurrentHistogram firstBytes) {
    this.channel = channel;
    this.image = image;
    this.verify = verify;
    this.firstBytes = firstBytes;
  }

  /** Connects and sends the first request; reads nothing yet. */
  static PullClient connect(
      int port, TestImage image, boolean verify, ConcurrentHistogram firstBytes)
      throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    PullClient client = new PullClient(channel, image, verify, firstBytes);
    try {
      channel.configureBlocking(false);
      client.ask();
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    return client;
  }

  SocketChannel channel() {
    return channel;
  }

  /** Bytes of blobs so far. */
  long received() {
    return received;
  }

  /** The manifest, then blob by blob. */
  private void ask() throws IOException {
    path =
        "/v2/"
            + image.repository()
            + (next == 0 ? "/manifests/" + image.tag() : "/blobs/" + image.blobs().get(next - 1));
    hash = verify && next > 0 ? TestImage.sha256() : null;
    head.setLength(0);
    missing = -1;
    first = true;
    String request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: "
            + TestImage.MANIFEST_TYPE
            + "\r\n\r\n";
    asked = System.nanoTime();
    ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
    channel.write(bytes);
    if (bytes.hasRemaining()) {
      throw new IOException("a request of " + request.length() + " bytes does not fit");
    }
  }

  /** Reads what is there, at most a buffer; true when the image is whole. */
  boolean read(ByteBuffer buffer) throws IOException {
    buffer.clear();
    if (channel.read(buffer) < 0) {
      throw new IOException(path + ": closed " + Math.max(missing, 0) + " bytes before its end");
    }
    buffer.flip();
    if (missing < 0) {
      readHead(buffer);
    }
    if (missing < 0) {
      return false;
    }
    if (buffer.remaining() > missing) {
      throw new IOException(path + ": more bytes than its Content-Length");
    }
    if (buffer.hasRemaining() && first && next > 0) {
      firstBytes.recordValue((System.nanoTime() - asked) / 1000);
      first = false;
    }
    missing -= buffer.remaining();
    received += next > 0 ? buffer.remaining() : 0;
    if (hash != null) {
      hash.update(buffer);
    }
    if (missing > 0) {
      return false;
    }
    if (hash != null
        && !image
            .blobs()
            .get(next - 1)
            .equals("sha256:" + HexFormat.of().formatHex(hash.digest()))) {
      throw new IOException(path + ": wrong bytes");
    }
    if (next == image.blobs().size()) {
      return true;
    }
    next++;
    ask();
    return false;
  }

  private void readHead(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining() && missing < 0) {
      head.append((char) (buffer.get() & 0xff));
      int length = head.length();
      if (length >= 4 && head.substring(length - 4).equals("\r\n\r\n")) {
        missing = length(head.toString());
      } else if (length > MAX_HEAD) {
        throw new IOException(path + ": a head of more than " + MAX_HEAD + " bytes");
      }
    }
  }

  private long length(String head) throws IOException {
    if (!head.startsWith("HTTP/1.1 200")) {
      throw new IOException(path + ": " + head.lines().findFirst().orElse("no status"));
    }
    return head.lines()
        .filter(line -> line.regionMatches(true, 0, "content-length:", 0, 15))
        .mapToLong(line -> Long.parseLong(line.substring(15).strip()))
        .findFirst()
        .orElseThrow(() -> new IOException(path + ": no Content-Length"));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
