package io.springtide.registry.blob;

import io.springtide.registry.fill.Fill;
import io.springtide.registry.fill.FillWatcher;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.StoredBlob;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.PieceHashes;
import io.springtide.registry.upstream.ContentFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hashes the pieces of the blobs that peers share, while they fill or after. The last piece of a
 * fill gets its hash only when the blob's digest is right: no peer is ever whole of wrong bytes.
 */
public final class PieceHasher {
  private static final Logger log = LoggerFactory.getLogger(PieceHasher.class);

  /** Hashes of 4 GiB each are some 32 KiB. */
  private static final int KEPT = 256;

  /** Longer than between two announcements of any peer. */
  private static final long CORRUPT_NANOS = 10_000_000_000L;

  /** Pieces hashed of one blob before the next blob's turn. */
  private static final int PIECES_IN_A_ROW = 16;

  private final Executor thread;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);

  // Guarded by this; the least recently used first.
  private final Map<Digest, Job> jobs = new LinkedHashMap<>(16, 0.75f, true);

  /** Until when a blob counts as wrong, by nanoTime; guarded by this. */
  private final Map<Digest, Long> corrupt = new HashMap<>();

  /** {@code thread} runs one action at a time. */
  public PieceHasher(Executor thread) {
    this.thread = thread;
  }

  /**
   * The hashes, more of them as time goes on; empty if the content cannot be shared, or is no more
   * where it was found.
   */
  public Optional<PieceHashes> of(Found found) {
    return found.accept(
        new Found.Visitor<Optional<PieceHashes>>() {
          @Override
          public Optional<PieceHashes> on(Found.Whole whole) {
            return ofWhole(whole.blob());
          }

          @Override
          public Optional<PieceHashes> on(Found.Filling filling) {
            return ofFill(filling.fill());
          }

          @Override
          public Optional<PieceHashes> on(Found.Passing passing) {
            return Optional.empty();
          }
        });
  }

  private Optional<PieceHashes> ofWhole(StoredBlob blob) {
    if (blob.size() == 0) {
      return Optional.empty();
    }
    Job job;
    synchronized (this) {
      job = jobs.get(blob.digest());
      if (job == null) {
        FileChannel file;
        try {
          file = FileChannel.open(blob.path(), StandardOpenOption.READ);
        } catch (IOException e) {
          return Optional
              .empty(); // evicted since it was found: without a swarm it is fetched again
        }
        job = new Job(blob.digest(), blob.size(), null, file);
        keep(job);
      }
    }
    job.go();
    return Optional.of(job.hashes);
  }

  private Optional<PieceHashes> ofFill(Fill fill) {
    if (fill.size() <= 0) {
      return Optional.empty();
    }
    Job job;
    synchronized (this) {
      job = jobs.get(fill.digest());
      if (job == null) {
        job = new Job(fill.digest(), fill.size(), fill, null);
        Optional<FileChannel> file = fill.acquire(job);
        if (file.isEmpty()) {
          return Optional.empty(); // over in this moment: the next announcement finds it stored
        }
        job.file = file.get();
        keep(job);
      }
    }
    job.go();
    return Optional.of(job.hashes);
  }

  private void keep(Job job) {
    jobs.put(job.digest, job);
    if (jobs.size() > KEPT) {
      // If its hashing is under way, that ends by itself.
      jobs.remove(jobs.keySet().iterator().next());
    }
  }

  private synchronized void drop(Job job) {
    jobs.remove(job.digest, job);
  }

  /**
   * Whether the registry lately sent other bytes than the digest names: those who hold pieces of
   * them must leave, rather than have the same fetched again and again.
   */
  public synchronized boolean wasCorrupt(Digest digest) {
    long now = System.nanoTime();
    corrupt.values().removeIf(until -> until - now <= 0);
    return corrupt.containsKey(digest);
  }

  private synchronized void markCorrupt(Digest digest) {
    corrupt.put(digest, System.nanoTime() + CORRUPT_NANOS);
  }

  private final class Job implements FillWatcher {
    final Digest digest;
    final PieceHashes hashes;
    private final long size;
    private final Fill fill;
    private FileChannel file;
    private boolean queued;
    private boolean over;

    Job(Digest digest, long size, Fill fill, FileChannel file) {
      this.digest = digest;
      this.size = size;
      this.fill = fill;
      this.file = file;
      this.hashes = new PieceHashes(Pieces.of(size));
    }

    @Override
    public void changed() {
      go();
    }

    void go() {
      synchronized (this) {
        if (queued || over) {
          return;
        }
        queued = true;
      }
      try {
        thread.execute(this::run);
      } catch (RejectedExecutionException e) {
        close(); // the proxy stops
      }
    }

    private void run() {
      synchronized (this) {
        queued = false;
        if (over) {
          return;
        }
      }
      // In this order: what failed or is verified is final only if seen before what is available.
      boolean failed = fill != null && fill.failure().isPresent();
      long available = fill == null || fill.verified() ? size : fill.available();
      try {
        if (failed) {
          if (fill.failure().get().kind() == ContentFailure.Kind.CORRUPT) {
            markCorrupt(digest);
          }
          drop(this);
          close();
          return;
        }
        Pieces pieces = hashes.pieces();
        for (int i = 0; i < PIECES_IN_A_ROW && !hashes.isComplete(); i++) {
          int piece = hashes.count();
          if (pieces.offset(piece) + pieces.length(piece) > available) {
            break;
          }
          hashes.add(hash(pieces.offset(piece), pieces.length(piece)));
        }
        if (hashes.isComplete()) {
          close();
        } else if (fill == null
            || fill.verified()
            || fill.available() > available
            || fill.failure().isPresent()
            || more(pieces, available)) {
          go();
        }
      } catch (IOException e) {
        log.warn("cannot hash the pieces of {}: {}", digest, e.toString());
        drop(this);
        close();
      }
    }

    private boolean more(Pieces pieces, long available) {
      int piece = hashes.count();
      return pieces.offset(piece) + pieces.length(piece) <= available;
    }

    private byte[] hash(long offset, int length) throws IOException {
      var sha = Digest.of("sha256", new byte[0]).newHash();
      long at = offset;
      while (at < offset + length) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), offset + length - at));
        int read = file.read(buffer, at);
        if (read < 0) {
          throw new IOException("the file ends at byte " + at);
        }
        at += read;
        sha.update(buffer.flip());
      }
      return sha.digest();
    }

    private void close() {
      synchronized (this) {
        if (over) {
          return;
        }
        over = true;
      }
      if (fill != null) {
        fill.release(this);
        return;
      }
      try {
        file.close();
      } catch (IOException e) {
        log.warn("cannot close {}: {}", digest, e.toString());
      }
    }
  }
}
