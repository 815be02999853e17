package io.springtide.server.store;

import io.springtide.mesos.Why;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import io.springtide.server.access.Trail;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows what the leader makes durable, commit by commit, so that whoever takes over from it has
 * read nearly all of it already, and others can be told of it meanwhile.
 *
 * <p>A thread of its own looks when {@code /leader} changes and once a second; each time it has
 * ZooKeeper's server catch up first, so that it knows how old what it has can be. Where the log was
 * cut before it was read the newest snapshot is read instead. What goes wrong is told once and
 * tried again; only a later format, which this release cannot read, ends it for good.
 */
public final class Tail implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Tail.class);
  private static final Duration EVERY = Duration.ofSeconds(1);

  /** Between two looks: many commits are followed together, and ZooKeeper is not worn out. */
  private static final Duration BREATH = Duration.ofMillis(10);

  /** Entries in memory at once. */
  private static final int ENTRIES_AT_ONCE = 64;

  private static final Duration CLOSING = Duration.ofSeconds(30);

  /** Who is told; by one thread at a time. */
  public interface Reader {
    /** What it was told no longer counts: it is told all of it anew, from nothing on. */
    void restart();

    /** What follows what it was told before: a commit, or all that a snapshot stands for. */
    void follow(Commit commit);

    /**
     * It has been told all that was durable then.
     *
     * @param nanos of {@link System#nanoTime}
     */
    void reached(long nanos);

    /** Changes that give what it was told when applied to nothing. */
    List<Change> durable();
  }

  private final CuratorFramework curator;
  private final LogReading reading;
  private final Reader reader;
  private final Runnable tooOld;
  private final int newest;
  private final Thread thread = new Thread(this::run, "tail");
  private final Semaphore news = new Semaphore(0);
  private final Watcher watcher = event -> news.release();

  private volatile boolean ending;
  private volatile Optional<String> trouble = Optional.empty();
  private volatile boolean foreign;

  // Of whoever reads: the thread, and after it who finishes.
  private boolean begun;
  private long version;
  private ChangeReader changes;
  private LogReading.Whole base;
  private long entries;
  private long logBytes;
  private List<Pointer> kept = List.of();
  private Optional<Pointer> damaged = Optional.empty();

  /**
   * @param tooOld called once, when what is stored turns out to be of a later release
   */
  public Tail(CuratorFramework curator, Reader reader, Runnable tooOld) {
    this(curator, reader, tooOld, Formats.CURRENT);
  }

  /**
   * @param newest the latest format that it reads
   */
  Tail(CuratorFramework curator, Reader reader, Runnable tooOld, int newest) {
    this.curator = curator;
    this.reading = new LogReading(curator);
    this.reader = reader;
    this.tooOld = tooOld;
    this.newest = newest;
    thread.setDaemon(true);
  }

  /**
   * Has a trail told what it lacks of what is durable already, which a tail may pass over by a
   * snapshot.
   */
  public static void replicate(CuratorFramework curator, Trail trail) {
    LogReading reading = new LogReading(curator);
    try {
      Curated.get(
          "read the audit",
          () -> {
            Stat stat = new Stat();
            Head head = Head.fromBytes(curator.getData().storingStatIn(stat).forPath(Fence.LEADER));
            if (head.format() <= Formats.CURRENT) {
              trail.follow(Fence.state(stat));
              reading.replicate(trail, reading.oldest(head.version()), head.version());
            }
            return null;
          });
    } catch (StoreException e) {
      log.info("No audit is read yet: {}", e.getMessage());
    }
  }

  /** Looks once, and begins to follow. */
  public void start() {
    look();
    thread.start();
  }

  /** Why it does not follow at the moment; empty while it does. */
  public Optional<String> trouble() {
    return trouble;
  }

  /** Whether what is stored is of a later release: this one must not lead, and follows no more. */
  public boolean isForeign() {
    return foreign;
  }

  /** Looks at once. */
  public void hurry() {
    news.release();
  }

  @Override
  public void close() {
    ending = true;
    news.release();
    try {
      thread.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- For who takes over, once its epoch is taken.

  /**
   * Ends following, once all up to that version has been followed.
   *
   * @param last that is durable: nobody else commits any more
   */
  LogLength finish(long last) throws Exception {
    close();
    if (thread.isAlive()) {
      throw new StoreException("Reading the log does not end");
    }
    if (begun && version > last) {
      begun = false;
    }
    long from = version;
    follow(last);
    kept = reading.pointers();
    damaged = base.damaged().filter(kept::contains);
    kept = kept.stream().filter(pointer -> !damaged.equals(Optional.of(pointer))).toList();
    log.info("Took over at version {}: {} commits were still to be read", last, last - from);
    return length(last);
  }

  private LogLength length(long last) {
    long since = kept.isEmpty() ? 0 : kept.get(0).version();
    // Where the newest snapshot is a later one than was read, its length is about the same.
    long bytes = entries == 0 ? 0 : logBytes / entries * (last - since);
    return new LogLength(last - since, bytes, base.bytes(), damaged.isPresent());
  }

  /** The snapshots that are whole, newest first. */
  List<Pointer> kept() {
    return kept;
  }

  Optional<Pointer> damaged() {
    return damaged;
  }

  List<Change> durable() {
    return reader.durable();
  }

  // ---- Its thread.

  private void run() {
    try {
      while (!ending && !foreign) {
        if (news.tryAcquire(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
          news.tryAcquire(Integer.MAX_VALUE, BREATH.toMillis(), TimeUnit.MILLISECONDS);
          news.drainPermits();
        }
        if (!ending) {
          look();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Follows what is new, if it can. */
  void look() {
    try {
      Curated.get(
          "follow the log",
          () -> {
            follow();
            return null;
          });
      if (trouble.isPresent() && !foreign) {
        log.info("Following the log again, at version {}", version);
        trouble = Optional.empty();
      }
    } catch (StoreException e) {
      tell(e.getMessage());
    } catch (RuntimeException e) {
      // Nobody knows how far it came with what it was told.
      begun = false;
      log.error("The log cannot be followed", e);
      tell(Why.of(e));
    }
  }

  private void tell(String why) {
    if (!trouble.equals(Optional.of(why)) && !ending) {
      log.warn("Not following the log at the moment, at version {}: {}", version, why);
    }
    trouble = Optional.of(why);
  }

  private void follow() throws Exception {
    long now = System.nanoTime();
    // Whatever is read after it on this connection is no older than it.
    curator.sync().forPath(Fence.LEADER);
    Head head = head();
    if (head.format() > newest) {
      foreign = true;
      String why =
          "the stored state has format %d by now, and this release reads none after %d"
              .formatted(head.format(), newest);
      log.error("{}: it follows and leads no more until it is replaced by a later release", why);
      trouble = Optional.of(why);
      tooOld.run();
      return;
    }
    if (head.version() < version) {
      log.warn("The log has gone back from version {} to {}", version, head.version());
      begun = false;
    }
    follow(head.version());
    reader.reached(now);
  }

  private Head head() throws Exception {
    try {
      byte[] leader = curator.getData().usingWatcher(watcher).forPath(Fence.LEADER);
      return leader.length == 0 ? Head.NONE : Head.fromBytes(leader);
    } catch (KeeperException.NoNodeException e) {
      return Head.NONE;
    }
  }

  private void follow(long last) throws Exception {
    if (!begun) {
      begin();
    }
    while (version < last) {
      if (!commits(Math.min(last, version + ENTRIES_AT_ONCE))) {
        // The log is cut, behind a snapshot.
        long lacks = version + 1;
        begin();
        if (version < lacks) {
          throw LogReading.lacks(lacks);
        }
      }
    }
  }

  /** Begins anew with the newest snapshot. */
  private void begin() throws Exception {
    begun = false;
    base = reading.newest(this::requireThere);
    version = 0;
    entries = 0;
    logBytes = 0;
    changes = new ChangeReader();
    reader.restart();
    if (base.snapshot().isPresent()) {
      reader.follow(Commit.of(base.version(), changes.read(base.snapshot().get())));
      version = base.version();
    }
    begun = true;
  }

  /** What is removed while it is read is not damaged. */
  private void requireThere(Pointer pointer) throws Exception {
    if (!reading.pointers().contains(pointer)) {
      throw new StoreException("The snapshot " + pointer.name() + " went while it was read");
    }
  }

  /** Follows the next commits; false if one of them is no longer there. */
  private boolean commits(long to) throws Exception {
    for (Optional<byte[]> found : reading.entries(version + 1, to)) {
      if (found.isEmpty()) {
        return false;
      }
      long n = version + 1;
      byte[] entry = reading.whole(n, found.get());
      reader.follow(changes.commit(n, LogReading.stored(n, entry)));
      version = n;
      entries++;
      logBytes += entry.length;
    }
    return true;
  }
}
