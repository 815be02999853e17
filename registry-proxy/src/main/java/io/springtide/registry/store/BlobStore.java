package io.springtide.registry.store;

import static java.util.Comparator.comparingLong;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
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
 * <p>A blob lies at {@code blobs/<algorithm>/<first two hex>/<hex>.<size>}: the size in the name
 * lets a start find cut files without reading them. Content arrives in {@code drafts/}, is forced
 * to disk, and only then renamed into place, so that a crash at any moment leaves either the whole
 * blob or none. The index lives in memory and is rebuilt from the names; a file's modification time
 * is the time of its last use.
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

  private final Path blobs;
  private final Path drafts;
  private final StoreLimits limits;
  private final Clock clock;
  private final Map<Digest, Entry> index = new ConcurrentHashMap<>();
  private final Set<Digest> pinned = ConcurrentHashMap.newKeySet();
  private final AtomicLong draftNumber = new AtomicLong();
  private final AtomicLong evictions = new AtomicLong();

  /** Bytes of blobs in the index, and bytes promised to drafts; both guarded by this. */
  private long used;

  private long reserved;

  private BlobStore(Path root, StoreLimits limits, Clock clock) {
    this.blobs = root.resolve("blobs");
    this.drafts = root.resolve("drafts");
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Opens the store at {@code root}, which is created if absent; removes drafts of an earlier
   * process and files that are not what their name says.
   */
  public static BlobStore open(Path root, StoreLimits limits, Clock clock) throws IOException {
    BlobStore store = new BlobStore(root, limits, clock);
    Files.createDirectories(store.blobs);
    Files.createDirectories(store.drafts);
    store.removeDrafts();
    store.rebuild();
    store.makeRoom(0);
    return store;
  }

  private void removeDrafts() throws IOException {
    try (var files = Files.list(drafts)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private void rebuild() throws IOException {
    Files.walkFileTree(
        blobs,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Optional<StoredBlob> blob = named(file);
            if (blob.isPresent() && blob.get().size() == attributes.size()) {
              add(new Entry(blob.get(), attributes.lastModifiedTime().toMillis()));
            } else {
              log.warn("removed {}: {} bytes are not what its name says", file, attributes.size());
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static Optional<StoredBlob> named(Path file) {
    String name = file.getFileName().toString();
    int dot = name.indexOf('.');
    String algorithm = file.getParent().getParent().getFileName().toString();
    if (dot < 0 || !name.substring(dot + 1).matches("[0-9]{1,18}")) {
      return Optional.empty();
    }
    return Digest.parse(algorithm + ":" + name.substring(0, dot))
        .map(digest -> new StoredBlob(digest, file, Long.parseLong(name.substring(dot + 1))));
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

  /** Whether the store has the blob; not a use of it. */
  public boolean has(Digest digest) {
    return index.containsKey(digest);
  }

  /**
   * Begins content of {@code size} bytes (negative: unknown), making room for it; empty if there is
   * no room even after eviction: the caller then serves without storing.
   */
  public Optional<Draft> begin(Digest digest, long size) {
    long wanted = Math.max(size, 0);
    if (!makeRoom(wanted)) {
      return Optional.empty();
    }
    Path path = drafts.resolve(digest.hex() + "." + draftNumber.incrementAndGet());
    try {
      FileChannel file =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      return Optional.of(new Draft(digest, path, file, wanted));
    } catch (IOException e) {
      log.warn("cannot store {}, serving without storing: {}", digest, e.toString());
      release(wanted);
      return Optional.empty();
    }
  }

  /**
   * Makes a draft, which the caller has verified against its digest, a blob that survives a crash.
   * Blocks for the disk. The draft's channel stays open. Failing leaves no trace of it in the
   * store.
   */
  public StoredBlob commit(Draft draft) throws IOException {
    Digest digest = draft.digest();
    StoredBlob blob = new StoredBlob(digest, place(digest, draft.written()), draft.written());
    try {
      draft.file().force(true);
      Files.createDirectories(blob.path().getParent());
      Files.move(draft.path(), blob.path(), StandardCopyOption.ATOMIC_MOVE);
      syncDirectory(blob.path().getParent());
    } catch (IOException e) {
      discard(draft);
      throw e;
    }
    add(new Entry(blob, clock.millis()));
    release(draft.reserved());
    return blob;
  }

  /** Gives up a draft: its file goes, its channel stays open for those who still read it. */
  public void discard(Draft draft) {
    release(draft.reserved());
    try {
      Files.deleteIfExists(draft.path());
    } catch (IOException e) {
      log.warn("left {} behind, the next start removes it: {}", draft.path(), e.toString());
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
  public boolean remove(Digest digest) {
    Entry entry;
    synchronized (this) {
      entry = index.remove(digest);
      if (entry == null) {
        return false;
      }
      used -= entry.blob.size();
    }
    try {
      Files.deleteIfExists(entry.blob.path());
    } catch (IOException e) {
      log.warn("cannot delete {}: {}", entry.blob.path(), e.toString());
    }
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
          remove(entry.blob.digest());
        } catch (IOException e) {
          log.warn("cannot note the use of {}: {}", entry.blob.path(), e.toString());
        }
      }
    }
  }

  /**
   * Reserves {@code size} bytes, evicting if the high-water mark is passed; false if that does not
   * make enough room.
   */
  private synchronized boolean makeRoom(long size) {
    if (used + reserved + size > limits.quota() * limits.highWater()) {
      evictDownTo((long) (limits.quota() * limits.lowWater()) - size - reserved);
    }
    if (used + reserved + size > limits.quota()) {
      return false;
    }
    // By statvfs: a FileStore wants a mount point, which a process in a chroot does not see.
    long free = drafts.toFile().getUsableSpace() - limits.minFree();
    if (free < size) {
      evictDownTo(used - (size - free));
      free = drafts.toFile().getUsableSpace() - limits.minFree();
    }
    if (free < size) {
      return false;
    }
    reserved += size;
    return true;
  }

  private synchronized void release(long size) {
    reserved -= size;
  }

  private void evictDownTo(long target) {
    List<Entry> candidates = new ArrayList<>();
    for (Entry entry : index.values()) {
      if (!pinned.contains(entry.blob.digest())) {
        candidates.add(entry);
      }
    }
    // A snapshot of the times: they move while we sort.
    record Aged(Entry entry, long lastUsed) {}
    List<Aged> byAge = new ArrayList<>();
    candidates.forEach(entry -> byAge.add(new Aged(entry, entry.lastUsed)));
    byAge.sort(comparingLong(Aged::lastUsed));
    for (Aged aged : byAge) {
      if (used <= target) {
        return;
      }
      if (remove(aged.entry().blob.digest())) {
        evictions.incrementAndGet();
      }
    }
  }

  private Path place(Digest digest, long size) {
    return blobs
        .resolve(digest.algorithm())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex() + "." + size);
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
