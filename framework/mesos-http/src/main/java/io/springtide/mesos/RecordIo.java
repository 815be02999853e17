package io.springtide.mesos;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * RecordIO, the framing of Mesos' event streams: each record is its length in bytes as a decimal
 * number, a line feed, and the bytes themselves.
 *
 * <p>Source: "RecordIO response format" in Mesos' scheduler HTTP API documentation. Mesos sends
 * each record as one HTTP chunk, but a record may arrive in any number of pieces, and a piece may
 * carry any number of records: neither side may rely on chunk boundaries.
 */
public final class RecordIo {
  /** Enough for an OFFERS event of a large cluster (about 60,000 plain offers): 64 MiB. */
  public static final int DEFAULT_MAX_RECORD_BYTES = 64 << 20;

  static {
    ProtobufGencode.allow();
  }

  private RecordIo() {}

  /** Appends one record that holds {@code message} to {@code out}. */
  public static void encode(MessageLite message, ByteBuf out) {
    int size = message.getSerializedSize();
    out.writeCharSequence(Integer.toString(size), StandardCharsets.US_ASCII);
    out.writeByte('\n');
    writeMessage(message, size, out);
  }

  /** Appends one record that holds {@code record} to {@code out}. */
  public static void encode(byte[] record, ByteBuf out) {
    out.writeCharSequence(Integer.toString(record.length), StandardCharsets.US_ASCII);
    out.writeByte('\n');
    out.writeBytes(record);
  }

  /** Appends {@code message}, {@code size} bytes long, without a copy in between. */
  static void writeMessage(MessageLite message, int size, ByteBuf out) {
    out.ensureWritable(size);
    try {
      CodedOutputStream coded =
          CodedOutputStream.newInstance(out.nioBuffer(out.writerIndex(), size));
      message.writeTo(coded);
      coded.flush();
    } catch (IOException e) {
      // The buffer is exactly as large as the message said it would be.
      throw new UncheckedIOException(e);
    }
    out.writerIndex(out.writerIndex() + size);
  }

  /** Reads the message that a record holds; reads {@code record} to its end. */
  static <M extends MessageLite> M parse(ByteBuf record, Parser<M> parser)
      throws MalformedException {
    CodedInputStream coded =
        record.hasArray()
            ? CodedInputStream.newInstance(
                record.array(), record.arrayOffset() + record.readerIndex(), record.readableBytes())
            : CodedInputStream.newInstance(record.nioBuffer());
    try {
      M message = parser.parseFrom(coded);
      coded.checkLastTagWas(0);
      record.readerIndex(record.writerIndex());
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw new MalformedException(
          "a record of "
              + record.readableBytes()
              + " bytes is no event that we know: "
              + e.getMessage(),
          e);
    }
  }

  /** What a decoder hands each record to. */
  @FunctionalInterface
  public interface Sink {
    /**
     * Takes one whole record.
     *
     * @param record the record's bytes, readable from its reader index; valid only during this
     *     call, and owned by the decoder
     * @throws MalformedException if the content is not what the stream promised
     */
    void record(ByteBuf record) throws MalformedException;
  }

  /** The stream is not RecordIO, or a record is larger than allowed. Nothing after it is usable. */
  public static final class MalformedException extends IOException {
    private static final long serialVersionUID = 1;

    public MalformedException(String message) {
      super(message);
    }

    public MalformedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Cuts a stream of bytes into records, whatever the pieces it comes in. Not thread-safe: one
   * decoder belongs to one stream.
   *
   * <p>A record that lies whole within a piece is handed on as a slice of it. One that spans pieces
   * is gathered in a heap buffer that grows with the bytes that have really arrived, so a stream
   * that announces a large record and sends nothing costs nothing.
   */
  public static final class Decoder {
    private static final int NO_LENGTH = -1;

    /** 10 digits reach beyond any limit that fits an int; more are refused without parsing. */
    private static final int MAX_DIGITS = 10;

    private static final int FIRST_GATHER_BYTES = 4096;

    private final int maxRecordBytes;

    /** Length of the record whose bytes come next; NO_LENGTH while its digits are being read. */
    private int length = NO_LENGTH;

    private int digits;
    private long value;

    /** The part of the current record that earlier pieces brought. */
    private byte[] gathered = new byte[0];

    private int gatheredBytes;
    private MalformedException broken;

    /**
     * @param maxRecordBytes the largest record taken, in bytes, at least 1
     */
    public Decoder(int maxRecordBytes) {
      if (maxRecordBytes < 1) {
        throw new IllegalArgumentException("maxRecordBytes is " + maxRecordBytes + ", at least 1");
      }
      this.maxRecordBytes = maxRecordBytes;
    }

    /**
     * Takes the next piece of the stream and hands on every record that is complete with it. Reads
     * {@code piece} to its end; the caller keeps owning it.
     *
     * @throws MalformedException if the stream is broken; so does every later call
     */
    public void decode(ByteBuf piece, Sink sink) throws MalformedException {
      if (broken != null) {
        throw broken;
      }
      try {
        while (piece.isReadable()) {
          if (length == NO_LENGTH) {
            readLength(piece);
          } else {
            readRecord(piece, sink);
          }
          if (length == 0) {
            length = NO_LENGTH;
            sink.record(piece.slice(piece.readerIndex(), 0));
          }
        }
      } catch (MalformedException e) {
        broken = e;
        gathered = new byte[0];
        throw e;
      }
    }

    /** Whether the stream has stopped within a record: one that ends so was cut off. */
    public boolean isWithinRecord() {
      return length != NO_LENGTH || digits > 0;
    }

    private void readLength(ByteBuf piece) throws MalformedException {
      while (piece.isReadable()) {
        byte b = piece.readByte();
        if (b == '\n' && digits > 0) {
          if (value > maxRecordBytes) {
            throw new MalformedException(
                "a record of " + value + " bytes; the limit is " + maxRecordBytes);
          }
          length = (int) value;
          digits = 0;
          value = 0;
          return;
        }
        if (b < '0' || b > '9' || digits == MAX_DIGITS) {
          throw new MalformedException(
              String.format(
                  "expected a record's length, a decimal number and a line feed,"
                      + " but found byte 0x%02x after %d digits",
                  b, digits));
        }
        digits++;
        value = value * 10 + (b - '0');
      }
    }

    private void readRecord(ByteBuf piece, Sink sink) throws MalformedException {
      int missing = length - gatheredBytes;
      if (gatheredBytes == 0 && piece.readableBytes() >= missing) {
        length = NO_LENGTH;
        sink.record(piece.readSlice(missing));
        return;
      }
      int part = Math.min(missing, piece.readableBytes());
      gather(piece, part);
      if (part == missing) {
        ByteBuf whole = Unpooled.wrappedBuffer(gathered, 0, gatheredBytes);
        // A large record must not pin its memory to an idle stream.
        gathered = gathered.length > (1 << 20) ? new byte[0] : gathered;
        gatheredBytes = 0;
        length = NO_LENGTH;
        sink.record(whole);
      }
    }

    private void gather(ByteBuf piece, int part) {
      int needed = gatheredBytes + part;
      if (gathered.length < needed) {
        long doubled = Math.max(FIRST_GATHER_BYTES, 2L * needed);
        byte[] larger = new byte[(int) Math.max(needed, Math.min(doubled, length))];
        System.arraycopy(gathered, 0, larger, 0, gatheredBytes);
        gathered = larger;
      }
      piece.readBytes(gathered, gatheredBytes, part);
      gatheredBytes = needed;
    }
  }
}
