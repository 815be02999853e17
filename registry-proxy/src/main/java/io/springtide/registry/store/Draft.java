package io.springtide.registry.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Content that is still arriving: a file beside the store that no look-up finds. It ends by {@link
 * BlobStore#commit} or by {@link BlobStore#discard}. One writer; any number of readers of what was
 * written.
 */
public final class Draft {
  private final Digest digest;
  private final Path path;
  private final FileChannel file;
  private volatile long reserved;
  private volatile long written;

  Draft(Digest digest, Path path, FileChannel file, long reserved) {
    this.digest = digest;
    this.path = path;
    this.file = file;
    this.reserved = reserved;
  }

  public Digest digest() {
    return digest;
  }

  Path path() {
    return path;
  }

  /** Bytes of the store's room that are set aside for it. */
  long reserved() {
    return reserved;
  }

  void reserve(long bytes) {
    reserved = bytes;
  }

  /** Readable at once up to {@link #written()}; stays open after commit, until {@link #close()}. */
  public FileChannel file() {
    return file;
  }

  /** Bytes written so far. */
  public long written() {
    return written;
  }

  /**
   * Appends all of {@code bytes}; an {@link IOException} (disk full) leaves what was counted before
   * intact.
   */
  public void append(ByteBuffer bytes) throws IOException {
    long at = written;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
    written = at;
  }

  /** Counts {@code count} bytes more, which somebody has put there by way of {@link #file()}. */
  public void advance(int count) {
    long at = written;
    written = at + count;
  }

  public void close() throws IOException {
    file.close();
  }
}
