package io.springtide.server.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Hands on what is written to it in pieces of one size; the last may be smaller. */
final class PieceOutputStream extends OutputStream {
  private final byte[] buffer;
  private final Taker taker;
  private int length;

  /** Whoever gets the pieces; may keep the writer waiting. */
  interface Taker {
    void take(byte[] piece) throws InterruptedException;
  }

  PieceOutputStream(int size, Taker taker) {
    this.buffer = new byte[size];
    this.taker = taker;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) throws IOException {
    for (int done = 0; done < count; ) {
      if (length == buffer.length) {
        handOn();
      }
      int part = Math.min(count - done, buffer.length - length);
      System.arraycopy(bytes, offset + done, buffer, length, part);
      length += part;
      done += part;
    }
  }

  @Override
  public void close() throws IOException {
    if (length > 0) {
      handOn();
    }
  }

  private void handOn() throws IOException {
    byte[] piece = Arrays.copyOf(buffer, length);
    length = 0;
    try {
      taker.take(piece);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
