package io.springtide.registry.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads blobs again and removes those whose bytes no longer match their digest, so that they are
 * fetched anew.
 */
public final class Scrubber {
  private static final Logger log = LoggerFactory.getLogger(Scrubber.class);
  private static final int STEP = 1 << 20;

  /**
   * Called after each step with the bytes read; it may sleep, which is how a caller holds the rate.
   */
  public interface Pace {
    void read(int bytes) throws InterruptedException;
  }

  private final BlobStore store;
  private final Pace pace;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(STEP);

  public Scrubber(BlobStore store, Pace pace) {
    this.store = store;
    this.pace = pace;
  }

  /** Checks every blob once; returns how many were damaged and removed. */
  public int scrub() throws InterruptedException {
    int damaged = 0;
    for (StoredBlob blob : store.list()) {
      try {
        Optional<Digest> found = digest(blob);
        if (found.isPresent() && !found.get().equals(blob.digest())) {
          log.error(
              "removed {}: its bytes on disk are damaged (they are {})",
              blob.digest(),
              found.get());
          store.remove(blob.digest());
          damaged++;
        }
      } catch (ClosedByInterruptException e) {
        Thread.interrupted(); // told by the exception instead; and nothing is wrong with the blob
        throw new InterruptedException("while reading " + blob.digest());
      } catch (IOException e) {
        log.error("removed {}: it cannot be read: {}", blob.digest(), e.toString());
        store.remove(blob.digest());
        damaged++;
      }
    }
    return damaged;
  }

  private Optional<Digest> digest(StoredBlob blob) throws IOException, InterruptedException {
    FileChannel opened;
    try {
      opened = FileChannel.open(blob.path(), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      return Optional.empty(); // evicted meanwhile
    } catch (IOException e) {
      // Too many open files, for one: that says nothing of the blob.
      log.warn("cannot check {} now: {}", blob.digest(), e.toString());
      return Optional.empty();
    }
    MessageDigest hash = blob.digest().newHash();
    try (FileChannel file = opened) {
      while (file.read(buffer.clear()) >= 0) {
        int step = buffer.flip().remaining();
        hash.update(buffer);
        pace.read(step);
      }
    }
    return Optional.of(Digest.of(blob.digest().algorithm(), hash));
  }
}
