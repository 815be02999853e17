package io.springtide.server.store;

import io.springtide.scheduler.state.StateStore;
import io.springtide.server.access.Trail;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;

/**
 * The commit log as znodes. Not thread-safe: one thread owns it.
 *
 * <pre>
 * /leader            "epoch version format"; its znode version fences, see {@link Fence}
 * /log/0000000042    one commit
 * /large/7-43/000000 a commit too large for a znode, in chunks, written before the commit's entry
 * /snapshot          "version name" of the snapshots that count: the newest and the one before
 * /snapshots/7-42/…  their chunks
 * </pre>
 *
 * <p>Commits become durable by {@code multi{setData(/leader, expected version), create(/log/n)}},
 * and all else is written or removed by {@code multi{check(/leader, expected version), …}}: the one
 * version check refuses a deposed leader and keeps the order.
 *
 * <p>A snapshot is written in steps between commits. Two of them stay, with the log since the
 * older: should the newest turn out to be damaged, nothing is lost.
 */
final class CommitLog {
  private static final int KEPT_SNAPSHOTS = 2;
  private static final int REMOVED_AT_ONCE = 500;

  private final Fence fence;
  private final LogReading reading;
  private final Chunks large;
  private final Chunks snapshots;
  private final Trail trail;
  private final LongUnaryOperator keepFrom;

  /** The snapshots that are whole, newest first. */
  private List<Pointer> kept = List.of();

  /** One that counts and is not: whoever looks for the damage finds it until the next. */
  private Optional<Pointer> damaged = Optional.empty();

  /** The first commit that is in the log. */
  private long oldest;

  private Pointer underWay;
  private int chunks;

  /**
   * @param patience how long an unknown outcome is tried to be settled before the process gives up
   */
  CommitLog(CuratorFramework curator, Duration patience) {
    this(curator, patience, Trail.NONE, last -> Long.MAX_VALUE);
  }

  /**
   * @param trail is told of what commits carry that it lacks
   * @param keepFrom the last commit that may go, given the last that is durable: that of which
   *     others have what it carries
   */
  CommitLog(CuratorFramework curator, Duration patience, Trail trail, LongUnaryOperator keepFrom) {
    this.fence = new Fence(curator, patience);
    this.reading = new LogReading(curator);
    this.large = reading.large;
    this.snapshots = reading.snapshots;
    this.trail = trail;
    this.keepFrom = keepFrom;
  }

  /**
   * What is durable.
   *
   * @param snapshot the newest snapshot that is whole, if there is one
   * @param snapshotBytes its length
   * @param entries the commits after it, oldest first
   * @param logBytes their length
   * @param damaged whether a newer snapshot was not whole
   */
  record Contents(
      long version,
      Optional<Stored> snapshot,
      long snapshotBytes,
      List<Stored> entries,
      long logBytes,
      boolean damaged) {}

  /** Takes a new epoch, so that no earlier owner can write, and reads what is durable. */
  Contents open() throws Exception {
    return open(this::read);
  }

  /** Takes a new epoch as {@link #open()} does, and has the tail read what it has not yet read. */
  LogLength open(Tail tail) throws Exception {
    return open(
        version -> {
          LogLength length = tail.finish(version);
          damaged = tail.damaged();
          kept = tail.kept();
          return length;
        });
  }

  private interface Reader<T> {
    T read(long version) throws Exception;
  }

  private <T> T open(Reader<T> reader) throws Exception {
    Head taken = fence.take();
    try {
      for (String root :
          List.of(LogReading.LOG, large.root(), LogReading.SNAPSHOT, snapshots.root())) {
        fence.ensure(root);
      }
      T read = reader.read(taken.version());
      oldest = reading.oldest(taken.version());
      trail.follow(fence.state());
      reading.replicate(trail, oldest, taken.version());
      for (List<Write> writes : leftovers()) {
        fence.write(writes);
      }
      fence.requireLead();
      return read;
    } catch (StoreException e) {
      // A successor of ours may have removed what we were about to read.
      fence.requireLead();
      throw e;
    }
  }

  /**
   * Begins with a state that comes from elsewhere: all of it or nothing.
   *
   * @throws StoreException if there is a state here already
   */
  void found(StateStore.Loaded state) throws Exception {
    // Before the epoch is taken: who leads here is not to notice.
    requireNone(reading.reading.one(Fence.LEADER).filter(b -> b.length > 0).map(Head::fromBytes));
    requireNone(Optional.of(fence.take()));
    for (String root :
        List.of(LogReading.LOG, large.root(), LogReading.SNAPSHOT, snapshots.root())) {
      fence.ensure(root);
    }
    Pointer pointer = new Pointer(state.version(), Chunks.name(fence.epoch(), state.version()));
    fence.write(List.of(snapshots.begin(pointer.name())));
    int[] chunk = new int[1];
    try (OutputStream out =
        Entry.packing(
            new PieceOutputStream(
                Write.MOST_DATA,
                piece ->
                    Curated.get(
                        "write the state",
                        () -> {
                          fence.write(List.of(snapshots.chunk(pointer.name(), chunk[0]++, piece)));
                          return null;
                        })))) {
      ChangeCodec.write(state.changes(), out);
    }
    // Until now nothing referred to it: who leads next would have removed it.
    fence.commit(
        state.version(),
        List.of(new Write.Put(LogReading.SNAPSHOT, Pointer.toBytes(List.of(pointer)))));
  }

  private static void requireNone(Optional<Head> head) {
    long version = head.map(Head::version).orElse(0L);
    if (version > 0) {
      throw new StoreException(
          "there is a state already, at version "
              + version
              + "; a state is imported where there is none: name another zookeeper path or"
              + " dataDir, or remove what is there, if you are sure. Nothing was changed");
    }
  }

  long epoch() {
    return fence.epoch();
  }

  /** The last commit that is durable. */
  long version() {
    return fence.version();
  }

  private Contents read(long version) throws Exception {
    LogReading.Whole newest = reading.newest(pointer -> fence.requireLead());
    kept = newest.kept();
    damaged = newest.damaged();
    long n = newest.version();
    List<Stored> entries = new ArrayList<>();
    long logBytes = 0;
    for (Optional<byte[]> found : reading.entries(n + 1, version)) {
      n++;
      long missing = n;
      byte[] entry = reading.whole(n, found.orElseThrow(() -> LogReading.lacks(missing)));
      logBytes += entry.length;
      entries.add(LogReading.stored(n, entry));
    }
    return new Contents(
        version, newest.snapshot(), newest.bytes(), entries, logBytes, damaged.isPresent());
  }

  /** Bytes of entries that may be appended together. */
  int room() {
    return fence.room();
  }

  /** Of these, what an entry takes; one that takes more than all is appended alone. */
  int bytes(byte[] entry) {
    return fence.bytes(create(version() + 1, entry));
  }

  /**
   * Makes commits durable, all or none.
   *
   * @param entries of the commits that follow the last one, in order; together no more than there
   *     is {@link #room} for, unless it is only one
   * @throws StoreException if another leader has taken over, or the outcome cannot be known
   */
  void append(List<byte[]> entries) throws Exception {
    List<Write> writes = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      long n = version() + 1 + i;
      byte[] entry = entries.get(i);
      if (entry.length > Write.MOST_DATA) {
        String name = Chunks.name(fence.epoch(), n);
        for (Write write : large.writes(name, entry)) {
          fence.write(List.of(write));
        }
        entry = Entry.elsewhere(name);
      }
      writes.add(create(n, entry));
    }
    fence.commit(version() + entries.size(), writes);
  }

  private static Write create(long n, byte[] entry) {
    return new Write.Create(LogReading.path(n), entry);
  }

  // ---- Snapshots, in steps.

  /** Begins a snapshot of the state at commit {@code at}, durable already. */
  void beginSnapshot(long at) throws Exception {
    if (at > version()) {
      throw new StoreException("A snapshot at " + at + " is ahead of the log, at " + version());
    }
    underWay = new Pointer(at, Chunks.name(fence.epoch(), at));
    chunks = 0;
    fence.write(List.of(snapshots.begin(underWay.name())));
  }

  /** The next bytes of the snapshot's entry, at most {@link Write#MOST_DATA}. */
  void continueSnapshot(byte[] bytes) throws Exception {
    fence.write(List.of(snapshots.chunk(underWay.name(), chunks++, bytes)));
  }

  /** From now on it counts. What nobody needs any more is left to be removed. */
  void endSnapshot() throws Exception {
    List<Pointer> next = new ArrayList<>(kept);
    next.add(0, underWay);
    List<Pointer> counting = List.copyOf(next.subList(0, Math.min(KEPT_SNAPSHOTS, next.size())));
    fence.write(List.of(new Write.Put(LogReading.SNAPSHOT, Pointer.toBytes(counting))));
    kept = counting;
    damaged = Optional.empty();
    underWay = null;
  }

  /**
   * What removes all that nothing refers to any more: snapshots that do not count, the log before
   * the older one that does as far as nobody needs what it carries, and chunks of commits that went
   * with it or never came to be. Never anything of an epoch after ours. To be removed in this
   * order.
   */
  List<List<Write>> leftovers() throws Exception {
    List<Write> removals = new ArrayList<>();
    long behind = kept.size() < KEPT_SNAPSHOTS ? 0 : kept.get(kept.size() - 1).version();
    long cut = Math.min(behind, Math.min(trail.version(), keepFrom.applyAsLong(fence.version())));
    for (; oldest <= cut; oldest++) {
      removals.add(new Write.Delete(LogReading.path(oldest)));
    }
    List<String> counting = counting().stream().map(Pointer::name).toList();
    for (String name : snapshots.names()) {
      if (!counting.contains(name) && Chunks.epoch(name) <= fence.epoch()) {
        removals.addAll(snapshots.removal(name));
      }
    }
    for (String name : large.names()) {
      long n = Chunks.commit(name);
      boolean never = n > version() && Chunks.epoch(name) < fence.epoch();
      if (n <= cut && Chunks.epoch(name) <= fence.epoch() || never) {
        removals.addAll(large.removal(name));
      }
    }
    return fence.packed(removals, REMOVED_AT_ONCE);
  }

  /** Writes or removes something that is no commit. */
  void write(List<Write> writes) throws Exception {
    fence.write(writes);
  }

  private List<Pointer> counting() {
    return Stream.concat(kept.stream(), damaged.stream()).toList();
  }
}
