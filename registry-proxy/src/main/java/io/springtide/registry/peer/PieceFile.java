package io.springtide.registry.peer;

import io.netty.buffer.ByteBuf;
import io.springtide.registry.swarm.Pieces;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.BitSet;

/**
 * The pieces of one blob in the file into which it arrives. Each place is written by one flight at
 * a time, and never again once its piece is verified; a second flight of the same piece stays in
 * memory until it is wanted. Thread-safe.
 */
final class PieceFile {
  private final FileChannel file;
  private final Runnable release;
  private final Pieces pieces;

  // Guarded by this.
  private final BitSet held = new BitSet();
  private final BitSet claimed = new BitSet();
  private int users = 1;

  PieceFile(FileChannel file, Runnable release, Pieces pieces) {
    this.file = file;
    this.release = release;
    this.pieces = pieces;
  }

  Pieces pieces() {
    return pieces;
  }

  FileChannel channel() {
    return file;
  }

  /** Whether the caller may write the piece into the file, alone until {@link #unclaim}. */
  synchronized boolean claim(int piece) {
    if (held.get(piece) || claimed.get(piece)) {
      return false;
    }
    claimed.set(piece);
    return true;
  }

  /** Only by the one who has the claim. */
  synchronized void unclaim(int piece) {
    claimed.clear(piece);
  }

  void write(long at, ByteBuf bytes) throws IOException {
    long position = at;
    for (ByteBuffer part : bytes.nioBuffers()) {
      while (part.hasRemaining()) {
        position += file.write(part, position);
      }
    }
  }

  /** The piece is in the file, and right. */
  synchronized void verified(int piece) {
    held.set(piece);
    claimed.clear(piece);
  }

  synchronized boolean has(int piece) {
    return held.get(piece);
  }

  /** A copy. */
  synchronized BitSet held() {
    return (BitSet) held.clone();
  }

  /** Keeps the file open until {@link #close}; false if it is closed already. */
  synchronized boolean use() {
    if (users == 0) {
      return false;
    }
    users++;
    return true;
  }

  void close() {
    synchronized (this) {
      if (--users > 0) {
        return;
      }
    }
    release.run();
  }
}
