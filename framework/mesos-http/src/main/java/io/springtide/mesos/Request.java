package io.springtide.mesos;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * An HTTP request as Mesos takes it. All requests of a connection are alike but for their body, so
 * the head is put together once and copied in front of each.
 *
 * <p>Content-Type is compared byte for byte by Mesos: no parameters, no capitals.
 */
final class Request {
  private static final String PROTOBUF = "application/x-protobuf";
  private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};

  private final byte[] head;

  private Request(byte[] head) {
    this.head = head;
  }

  /**
   * @param streamId the subscription that a call belongs to; none on SUBSCRIBE, where Mesos refuses
   *     it, and on the executor's and operator's calls
   */
  static Request to(
      Endpoint endpoint, String path, Optional<Credential> credential, Optional<String> streamId) {
    StringBuilder text = new StringBuilder(256);
    text.append("POST ").append(path).append(" HTTP/1.1\r\nHost: ").append(endpoint.authority());
    text.append("\r\nContent-Type: ").append(PROTOBUF).append("\r\nAccept: ").append(PROTOBUF);
    credential.ifPresent(c -> text.append("\r\nAuthorization: ").append(c.header()));
    streamId.ifPresent(id -> text.append("\r\nMesos-Stream-Id: ").append(id));
    text.append("\r\nContent-Length: ");
    return new Request(text.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Appends a whole request with {@code body} to {@code out}. */
  void write(MessageLite body, ByteBuf out) {
    int size = body.getSerializedSize();
    out.ensureWritable(head.length + 16 + size);
    out.writeBytes(head);
    out.writeCharSequence(Integer.toString(size), StandardCharsets.US_ASCII);
    out.writeBytes(END_OF_HEAD);
    RecordIo.writeMessage(body, size, out);
  }

  /** The size of the buffer that {@link #write} will need for {@code body}. */
  int size(MessageLite body) {
    return head.length + 16 + body.getSerializedSize();
  }
}
