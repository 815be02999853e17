package io.springtide.server.store;

import io.springtide.server.access.Trail;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.curator.framework.CuratorFramework;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Snapshots and log as they are read, by who leads and by who follows; see {@link CommitLog}. */
final class LogReading {
  private static final Logger log = LoggerFactory.getLogger(LogReading.class);
  static final String LOG = "/log";
  static final String SNAPSHOT = "/snapshot";
  private static final int READ_AT_ONCE = 64;

  final Reading reading;
  final Chunks large;
  final Chunks snapshots;

  LogReading(CuratorFramework curator) {
    this.reading = new Reading(curator);
    this.large = new Chunks(reading, "/large");
    this.snapshots = new Chunks(reading, "/snapshots");
  }

  /** May refuse, since what looks damaged may only have been removed. */
  interface Doubt {
    void before(Pointer damaged) throws Exception;
  }

  /**
   * The newest snapshot that is whole.
   *
   * @param kept it and those before it
   * @param damaged the one after it, which is not whole
   * @param snapshot what it says; empty: there is none
   * @param bytes its length
   */
  record Whole(
      List<Pointer> kept, Optional<Pointer> damaged, Optional<Stored> snapshot, long bytes) {
    /** Of the last commit that is in it. */
    long version() {
      return kept.isEmpty() ? 0 : kept.get(0).version();
    }
  }

  /** The snapshots that count, newest first. */
  List<Pointer> pointers() throws Exception {
    return Pointer.fromBytes(reading.one(SNAPSHOT).orElse(new byte[0]));
  }

  /**
   * @param doubt is asked before a snapshot is taken for damaged
   * @throws StoreException if there are snapshots, and none is whole
   */
  Whole newest(Doubt doubt) throws Exception {
    List<Pointer> whole = new ArrayList<>(pointers());
    Optional<Pointer> damaged = Optional.empty();
    while (!whole.isEmpty()) {
      try {
        byte[] bytes = bytes(whole.get(0));
        return new Whole(
            List.copyOf(whole), damaged, Optional.of(Entry.stored(bytes)), bytes.length);
      } catch (DamageException e) {
        doubt.before(whole.get(0));
        damaged = Optional.of(whole.remove(0));
        tell(damaged.get(), whole, e);
      }
    }
    return new Whole(List.of(), damaged, Optional.empty(), 0);
  }

  private static void tell(Pointer damaged, List<Pointer> earlier, DamageException e) {
    if (earlier.isEmpty()) {
      throw new StoreException(
          "The snapshot "
              + damaged.name()
              + " is damaged and there is no earlier one: "
              + e.getMessage(),
          e);
    }
    log.error(
        "THE NEWEST SNAPSHOT IS DAMAGED: {}: {}. The one before it, {}, and the log since then"
            + " give the same state, and whoever leads writes a new snapshot at once; find out"
            + " what damages the data of ZooKeeper",
        damaged.name(),
        e.getMessage(),
        earlier.get(0).name());
  }

  private byte[] bytes(Pointer pointer) throws Exception {
    return snapshots
        .read(pointer.name())
        .orElseThrow(() -> new DamageException("it has no chunks at all"));
  }

  /** The entries of these commits, from the one to the other; empty where there is none. */
  List<Optional<byte[]>> entries(long from, long to) throws Exception {
    return reading.all(LongStream.rangeClosed(from, to).mapToObj(LogReading::path).toList());
  }

  /**
   * The first entry that is there; one more than the last commit if there is none. Entries are
   * removed from the oldest on, so those that are there are next to each other. They are not
   * listed: a list of 75,000 would be more than ZooKeeper sends.
   *
   * @param version the last commit
   */
  long oldest(long version) throws Exception {
    long low = 1;
    long high = version + 1;
    while (low < high) {
      long middle = low + (high - low) / 2;
      if (reading.exists(path(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /**
   * Has a trail told what it lacks of the log: its server did not follow, or ended between a commit
   * and its line.
   *
   * @param oldest the first commit that is in the log
   * @param version the last one
   */
  void replicate(Trail trail, long oldest, long version) throws Exception {
    for (long n = Math.max(oldest, trail.version()); n <= version; n += READ_AT_ONCE) {
      List<Optional<byte[]>> found = entries(n, Math.min(version, n + READ_AT_ONCE - 1));
      for (int i = 0; i < found.size(); i++) {
        // One that is not there was cut off meanwhile, by who leads.
        if (found.get(i).isPresent()) {
          Stored stored = stored(n + i, whole(n + i, found.get(i).get()));
          trail.replicated(n + i, ChangeCodec.audit(new ByteArrayInputStream(stored.text())));
        }
      }
    }
  }

  /** A commit's own bytes: where it is too large for its entry, that only names them. */
  byte[] whole(long n, byte[] entry) throws Exception {
    if (!Entry.isElsewhere(entry)) {
      return entry;
    }
    String name = Entry.name(entry);
    try {
      return large
          .read(name)
          .orElseThrow(() -> new StoreException("Commit " + n + " lacks its chunks " + name));
    } catch (DamageException e) {
      throw damaged(n, e);
    }
  }

  static Stored stored(long n, byte[] entry) {
    try {
      return Entry.stored(entry);
    } catch (DamageException e) {
      throw damaged(n, e);
    }
  }

  static StoreException lacks(long n) {
    return new StoreException("The log lacks commit " + n + ": the data is damaged");
  }

  private static StoreException damaged(long n, DamageException e) {
    return new StoreException("Commit " + n + " is damaged: " + e.getMessage(), e);
  }

  static String path(long n) {
    return LOG + "/" + String.format("%010d", n);
  }
}
