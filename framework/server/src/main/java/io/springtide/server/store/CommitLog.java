package io.springtide.server.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commit log as znodes. Not thread-safe: one thread owns it.
 *
 * <pre>
 * /leader            "epoch version format"; its znode version fences: a commit names the one it expects
 * /log/0000000042    one commit
 * /large/7-43/000000 a commit too large for a znode, in chunks, written before the commit's entry
 * /snapshot          "version name" of the snapshot that replaces the log up to version
 * /snapshots/7-42/…  its chunks
 * </pre>
 *
 * <p>Commits become durable by {@code multi{setData(/leader, expected version), create(/log/n)}}:
 * the one version check refuses a deposed leader, keeps the order, and settles an unknown outcome,
 * since {@code /leader} says afterwards whether our commit is in.
 */
final class CommitLog {
  private static final Logger log = LoggerFactory.getLogger(CommitLog.class);
  private static final String LEADER = "/leader";
  private static final String LOG = "/log";
  private static final String SNAPSHOT = "/snapshot";

  /** Entries of one multi, all together; ZooKeeper refuses packets beyond 1 MiB. */
  static final int MOST_BYTES = 512 * 1024;

  private static final int MOST_DELETES = 500;

  private final CuratorFramework curator;
  private final Duration patience;
  private final Chunks large;
  private final Chunks snapshots;

  private long epoch;
  private long version;
  private int expected = -1;

  /**
   * @param patience how long an unknown outcome is tried to be settled before the process gives up
   */
  CommitLog(CuratorFramework curator, Duration patience) {
    this.curator = curator;
    this.patience = patience;
    this.large = new Chunks(curator, "/large");
    this.snapshots = new Chunks(curator, "/snapshots");
  }

  /**
   * What is durable.
   *
   * @param snapshot the newest snapshot, if there is one
   * @param entries the commits after it, oldest first
   */
  record Contents(long version, Optional<Stored> snapshot, List<Stored> entries) {}

  /** Takes a new epoch, so that no earlier owner can commit, and reads what is durable. */
  Contents open() throws Exception {
    create(LOG);
    create(LEADER);
    Head taken = takeEpoch();
    Optional<Pointer> pointer = pointer();
    long from = pointer.map(Pointer::version).orElse(0L);
    Optional<byte[]> snapshot = Optional.empty();
    if (pointer.isPresent()) {
      String name = pointer.get().name();
      snapshot =
          Optional.of(
              snapshots
                  .read(name)
                  .orElseThrow(() -> new StoreException("The snapshot " + name + " is missing")));
    }
    List<Stored> entries = new ArrayList<>();
    for (long n = from + 1; n <= taken.version(); n++) {
      entries.add(read(n));
    }
    sweep(pointer, from);
    return new Contents(taken.version(), snapshot.map(Entry::stored), entries);
  }

  /** The last commit that is durable. */
  long version() {
    return version;
  }

  private Head takeEpoch() throws Exception {
    while (true) {
      Stat stat = new Stat();
      byte[] bytes = curator.getData().storingStatIn(stat).forPath(LEADER);
      Head before = bytes.length == 0 ? Head.NONE : Head.fromBytes(bytes);
      Formats.require(before.format());
      Head after = new Head(before.epoch() + 1, before.version(), Formats.CURRENT);
      try {
        Stat set =
            curator.setData().withVersion(stat.getVersion()).forPath(LEADER, after.toBytes());
        epoch = after.epoch();
        version = after.version();
        expected = set.getVersion();
        return after;
      } catch (KeeperException.BadVersionException e) {
        log.info("Another process wrote /leader at the same time; trying again");
      }
    }
  }

  private Stored read(long n) throws Exception {
    byte[] entry;
    try {
      entry = curator.getData().forPath(path(n));
    } catch (KeeperException.NoNodeException e) {
      throw new StoreException("The log lacks commit " + n + ": the data is damaged", e);
    }
    if (!Entry.isElsewhere(entry)) {
      return Entry.stored(entry);
    }
    String name = Entry.name(entry);
    return Entry.stored(
        large
            .read(name)
            .orElseThrow(() -> new StoreException("Commit " + n + " lacks its chunks " + name)));
  }

  /**
   * Makes commits durable, all or none.
   *
   * @param texts of the commits that follow the last one, in order; together at most {@link
   *     #MOST_BYTES} unless it is only one
   * @throws StoreException if another leader has taken over, or the outcome cannot be known
   */
  void append(List<byte[]> texts) throws Exception {
    Head next = new Head(epoch, version + texts.size(), Formats.CURRENT);
    List<CuratorOp> operations = new ArrayList<>();
    operations.add(
        curator.transactionOp().setData().withVersion(expected).forPath(LEADER, next.toBytes()));
    for (int i = 0; i < texts.size(); i++) {
      long n = version + 1 + i;
      byte[] entry = Entry.of(texts.get(i));
      if (entry.length > MOST_BYTES) {
        String name = epoch + "-" + n;
        large.write(name, entry);
        entry = Entry.elsewhere(name);
      }
      operations.add(curator.transactionOp().create().forPath(path(n), entry));
    }
    write(operations, next);
  }

  private void write(List<CuratorOp> operations, Head next) throws Exception {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      KeeperException failure;
      try {
        expected =
            curator.transaction().forOperations(operations).get(0).getResultStat().getVersion();
        version = next.version();
        return;
      } catch (KeeperException e) {
        failure = e;
      }
      // The answer may be lost though the commit is in, and a retry of Curator's then finds a
      // version
      // that it does not expect: only /leader knows.
      Stat stat = new Stat();
      Head found = Head.fromBytes(curator.getData().storingStatIn(stat).forPath(LEADER));
      if (found.equals(next)) {
        expected = stat.getVersion();
        version = next.version();
        return;
      }
      if (!found.equals(new Head(epoch, version, Formats.CURRENT))) {
        throw new StoreException(
            "Another process leads now (epoch " + found.epoch() + ", ours was " + epoch + ")",
            failure);
      }
      if (!lost(failure) || System.nanoTime() - deadline > 0) {
        throw new StoreException("ZooKeeper takes no commits: " + failure.getMessage(), failure);
      }
    }
  }

  /** Whether the answer is lost, so that the commit may be sent again. */
  private static boolean lost(KeeperException failure) {
    return switch (failure.code()) {
      case CONNECTIONLOSS, OPERATIONTIMEOUT, SESSIONEXPIRED, SESSIONMOVED -> true;
      default -> false;
    };
  }

  /** Replaces the log up to commit {@code at}, durable already, by {@code text}, the state then. */
  void snapshot(long at, byte[] text) throws Exception {
    if (at > version) {
      throw new StoreException("A snapshot at " + at + " is ahead of the log, at " + version);
    }
    Pointer next = new Pointer(at, epoch + "-" + at);
    snapshots.write(next.name(), Entry.of(text));
    create(SNAPSHOT);
    // The check on /leader: a deposed leader must not put an old snapshot over a newer one's log.
    curator
        .transaction()
        .forOperations(
            curator.transactionOp().check().withVersion(expected).forPath(LEADER),
            curator.transactionOp().setData().forPath(SNAPSHOT, next.toBytes()));
    sweep(Optional.of(next), at);
  }

  /** Removes the log up to {@code upTo}, and what nothing refers to. */
  private void sweep(Optional<Pointer> kept, long upTo) throws Exception {
    List<CuratorOp> deletes = new ArrayList<>();
    List<String> names = new ArrayList<>(curator.getChildren().forPath(LOG));
    Collections.sort(names);
    for (String name : names) {
      if (Long.parseLong(name) > upTo) {
        break;
      }
      deletes.add(curator.transactionOp().delete().forPath(LOG + "/" + name));
      if (deletes.size() == MOST_DELETES) {
        curator.transaction().forOperations(deletes);
        deletes.clear();
      }
    }
    if (!deletes.isEmpty()) {
      curator.transaction().forOperations(deletes);
    }
    snapshots.deleteAllBut(kept.map(Pointer::name).stream().toList());
    for (String name : large.names()) {
      if (Long.parseLong(name.substring(name.indexOf('-') + 1)) <= upTo) {
        large.delete(name);
      }
    }
  }

  private Optional<Pointer> pointer() throws Exception {
    try {
      byte[] bytes = curator.getData().forPath(SNAPSHOT);
      return bytes.length == 0 ? Optional.empty() : Optional.of(Pointer.fromBytes(bytes));
    } catch (KeeperException.NoNodeException e) {
      return Optional.empty();
    }
  }

  private void create(String path) throws Exception {
    try {
      curator.create().creatingParentsIfNeeded().forPath(path, new byte[0]);
    } catch (KeeperException.NodeExistsException e) {
      // An earlier process made it.
    }
  }

  private static String path(long n) {
    return LOG + "/" + String.format("%010d", n);
  }

  /** Which snapshot counts. */
  private record Pointer(long version, String name) {
    byte[] toBytes() {
      return (version + " " + name).getBytes(StandardCharsets.US_ASCII);
    }

    static Pointer fromBytes(byte[] bytes) {
      String text = new String(bytes, StandardCharsets.US_ASCII);
      int space = text.indexOf(' ');
      return new Pointer(Long.parseLong(text.substring(0, space)), text.substring(space + 1));
    }
  }
}
