package io.springtide.registry.store;

import static java.util.Comparator.comparingLong;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Content-addressed files under one directory, the least recently used evicted when the quota is
 * reached.
 *
 * <p>Content arrives in a draft, is forced to disk, and only then renamed into place, so that a
 * crash at any moment leaves either the whole blob or none. The index lives in memory and is
 * rebuilt from the files' names.
 */
public final class BlobStore {
  private static final Logger log = LoggerFactory.getLogger(BlobStore.class);

  private static final class Entry {
    final StoredBlob blob;
    volatile long lastUsed;
    volatile boolean touched;

    Entry(StoredBlob blob, long lastUsed) {
      this.blob = blob;
      this.lastUsed = lastUsed;
    }
  }

  private final BlobFiles files;
  private final StoreLimits limits;
  private final Clock clock;
  private final Map<Digest, Entry> index = new ConcurrentHashMap<>();
  private final Set<Digest> pinned = ConcurrentHashMap.newKeySet();
  private final AtomicLong evictions = new AtomicLong();

  // Guarded by this, as is each file's coming and going together with its entry in the index.
  private final Set<Draft> drafts = new HashSet<>();
  private long used;
  private long reserved;

  private BlobStore(BlobFiles files, StoreLimits limits, Clock clock) {
    this.files = files;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Opens the store at {@code root}, which is created if absent; removes drafts of an earlier
   * process and files that are not what their name says.
   */
  public static BlobStore open(Path root, StoreLimits limits, Clock clock) throws IOException {
    BlobStore store = new BlobStore(new BlobFiles(root), limits, clock);
    store.files.forEach((blob, used) -> store.add(new Entry(blob, used.toMillis())));
    store.makeRoom(0);
    return store;
  }

  private synchronized void add(Entry entry) {
    Entry old = index.put(entry.blob.digest(), entry);
    used += entry.blob.size() - (old == null ? 0 : old.blob.size());
  }

  /** The blob, which counts as used now; empty if the store has none. */
  public Optional<StoredBlob> find(Digest digest) {
    Entry entry = index.get(digest);
    if (entry == null) {
      return Optional.empty();
    }
    entry.lastUsed = clock.millis();
    entry.touched = true;
    return Optional.of(entry.blob);
  }

  /**
   * Opens a blob for reading; its content stays readable if it is evicted meanwhile. Fails with
   * {@link NoSuchFileException} if it is not in the store any more, or damaged, which is the same
   * from then on; with any other exception if it cannot be opened at the moment.
   */
  public FileChannel read(StoredBlob blob) throws IOException {
    FileChannel file;
    try {
      file = FileChannel.open(blob.path(), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      removeDamaged(blob);
      throw e;
    }
    if (file.size() != blob.size()) {
      log.error("removed {}: it has {} bytes", blob.path(), file.size());
      file.close();
      removeDamaged(blob);
      throw new NoSuchFileException(blob.path().toString());
    }
    return file;
  }

  /** Removes the blob unless its file is whole: it may have been stored anew meanwhile. */
  private synchronized void removeDamaged(StoredBlob blob) {
    Entry entry = index.get(blob.digest());
    if (entry != null && !files.isWhole(entry.blob)) {
      remove(blob.digest());
    }
  }

  /** Whether the store has the blob; not a use of it. */
  public boolean has(Digest digest) {
    return index.containsKey(digest);
  }

  /**
   * Begins content of {@code size} bytes (negative: unknown, see {@link #grow}), making room for
   * it; empty if there is no room even after eviction: the caller then serves without storing.
   */
  public Optional<Draft> begin(Digest digest, long size) {
    long wanted = Math.max(size, 0);
    if (!makeRoom(wanted)) {
      return Optional.empty();
    }
    try {
      Draft draft = files.draft(digest, wanted);
      synchronized (this) {
        drafts.add(draft);
      }
      return Optional.of(draft);
    } catch (IOException e) {
      log.warn("cannot store {}, serving without storing: {}", digest, e.toString());
      synchronized (this) {
        reserved -= wanted;
      }
      return Optional.empty();
    }
  }

  /** Makes room for a draft of {@code size} bytes in all; false if there is none. */
  public synchronized boolean grow(Draft draft, long size) {
    long more = size - draft.reserved();
    if (more > 0) {
      if (!makeRoom(more)) {
        return false;
      }
      draft.reserve(size);
    }
    return true;
  }

  /**
   * Makes a draft, which the caller has verified against its digest, a blob that survives a crash.
   * Blocks for the disk. The draft's channel stays open. Failing leaves no trace of it in the
   * store.
   */
  public StoredBlob commit(Draft draft) throws IOException {
    StoredBlob blob = files.place(draft);
    try {
      draft.file().force(true);
      synchronized (this) {
        files.install(draft, blob);
        add(new Entry(blob, clock.millis()));
      }
    } catch (IOException e) {
      discard(draft);
      throw e;
    }
    release(draft);
    files.syncNames(blob.path().getParent());
    return blob;
  }

  /** Gives up a draft: its file goes, its channel stays open for those who still read it. */
  public void discard(Draft draft) {
    release(draft);
    files.delete(draft.path());
  }

  private synchronized void release(Draft draft) {
    if (drafts.remove(draft)) {
      reserved -= draft.reserved();
    }
  }

  /**
   * Stores {@code bytes}, which the caller has verified; empty if there is no room. Blocks for the
   * disk.
   */
  public Optional<StoredBlob> put(Digest digest, byte[] bytes) throws IOException {
    Entry present = index.get(digest);
    if (present != null) {
      return Optional.of(present.blob);
    }
    Optional<Draft> draft = begin(digest, bytes.length);
    if (draft.isEmpty()) {
      return Optional.empty();
    }
    try {
      draft.get().append(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      discard(draft.get());
      draft.get().close();
      throw e;
    }
    try {
      return Optional.of(commit(draft.get()));
    } finally {
      draft.get().close();
    }
  }

  /** Removes the blob; false if there was none. */
  public synchronized boolean remove(Digest digest) {
    Entry entry = index.remove(digest);
    if (entry == null) {
      return false;
    }
    used -= entry.blob.size();
    files.delete(entry.blob.path());
    return true;
  }

  /** Keeps the blob, now or later in the store, from eviction, as long as this process lives. */
  public void pin(Digest digest) {
    pinned.add(digest);
  }

  /** All blobs now in the store. */
  public List<StoredBlob> list() {
    List<StoredBlob> all = new ArrayList<>();
    index.values().forEach(entry -> all.add(entry.blob));
    return all;
  }

  /** Bytes of all blobs. */
  public synchronized long usedBytes() {
    return used;
  }

  /** Blobs evicted since the start. */
  public long evictions() {
    return evictions.get();
  }

  /**
   * Writes the times of last use to disk, where the next start finds them. Called about once a
   * minute.
   */
  public void persistUse() {
    for (Entry entry : index.values()) {
      if (entry.touched) {
        entry.touched = false;
        try {
          Files.setLastModifiedTime(entry.blob.path(), FileTime.fromMillis(entry.lastUsed));
        } catch (NoSuchFileException e) {
          removeDamaged(entry.blob);
        } catch (IOException e) {
          log.warn("cannot note the use of {}: {}", entry.blob.path(), e.toString());
        }
      }
    }
  }

  /**
   * Reserves {@code size} bytes, evicting if the high-water mark is passed; false, and nothing
   * evicted, if that cannot make enough room.
   */
  private synchronized boolean makeRoom(long size) {
    long missing = Math.max(used + reserved + size - limits.quota(), size - free());
    if (missing > 0 && missing > evictable()) {
      return false;
    }
    if (used + reserved + size > limits.quota() * limits.highWater()) {
      evictDownTo((long) (limits.quota() * limits.lowWater()) - size - reserved);
    }
    long free = free();
    if (free < size) {
      evictDownTo(used - (size - free));
      // What somebody still reads is not free yet.
      if (free() < size) {
        return false;
      }
    }
    reserved += size;
    return true;
  }

  /** Bytes of the file system that nobody is to have: neither others nor the drafts under way. */
  private long free() {
    long promised = 0;
    for (Draft draft : drafts) {
      promised += Math.max(0, draft.reserved() - draft.written());
    }
    return files.free() - limits.minFree() - promised;
  }

  private long evictable() {
    long kept = 0;
    for (Digest digest : pinned) {
      Entry entry = index.get(digest);
      kept += entry == null ? 0 : entry.blob.size();
    }
    return used - kept;
  }

  private void evictDownTo(long target) {
    // A snapshot of the times: they move while we sort.
    record Aged(Digest digest, long lastUsed) {}
    List<Aged> byAge = new ArrayList<>();
    for (Entry entry : index.values()) {
      if (!pinned.contains(entry.blob.digest())) {
        byAge.add(new Aged(entry.blob.digest(), entry.lastUsed));
      }
    }
    byAge.sort(comparingLong(Aged::lastUsed));
    for (Aged aged : byAge) {
      if (used <= target) {
        return;
      }
      if (remove(aged.digest())) {
        evictions.incrementAndGet();
      }
    }
  }
}
