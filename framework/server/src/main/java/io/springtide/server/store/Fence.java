package io.springtide.server.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way to write: every multi names the version of {@code /leader} that this leader expects,
 * so that a leader who was deposed, however long it slept and wherever it wakes, changes nothing.
 * Not thread-safe: one thread owns it.
 *
 * <p>Unknown outcomes are settled. For a commit {@code /leader} says afterwards whether it is in;
 * every other write leaves what can be looked at, and nobody else writes while we lead.
 */
final class Fence {
  private static final Logger log = LoggerFactory.getLogger(Fence.class);
  static final String LEADER = "/leader";

  private final CuratorFramework curator;
  private final Duration patience;
  private final int namespace;

  private Head head = Head.NONE;
  private int expected = -1;
  private String state = "";

  /**
   * @param patience how long an unknown outcome is tried to be settled before the process gives up
   */
  Fence(CuratorFramework curator, Duration patience) {
    this.curator = curator;
    this.patience = patience;
    this.namespace = curator.getNamespace().getBytes(StandardCharsets.UTF_8).length + 1;
  }

  /** Takes a new epoch: from now on nothing is written by those before. */
  Head take() throws Exception {
    try {
      curator.create().creatingParentsIfNeeded().forPath(LEADER, new byte[0]);
    } catch (KeeperException.NodeExistsException e) {
      // An earlier process made it.
    }
    while (true) {
      Stat stat = new Stat();
      byte[] bytes = curator.getData().storingStatIn(stat).forPath(LEADER);
      Head before = bytes.length == 0 ? Head.NONE : Head.fromBytes(bytes);
      Formats.require(before.format());
      Head after = new Head(before.epoch() + 1, before.version(), Formats.CURRENT);
      try {
        Stat set =
            curator.setData().withVersion(stat.getVersion()).forPath(LEADER, after.toBytes());
        head = after;
        expected = set.getVersion();
        state = state(set);
        return head;
      } catch (KeeperException.BadVersionException e) {
        log.info("Another process wrote /leader at the same time; trying again");
      }
    }
  }

  /** The name of the state that is kept here: that of no other. */
  String state() {
    return state;
  }

  /**
   * The same, of whoever reads it.
   *
   * @param leader of the znode {@code /leader}, which is made once
   */
  static String state(Stat leader) {
    return Long.toHexString(leader.getCzxid()) + "-" + Long.toHexString(leader.getCtime());
  }

  long epoch() {
    return head.epoch();
  }

  /** The last commit that is durable. */
  long version() {
    return head.version();
  }

  /** As many multis as these writes need, of at most so many writes each. */
  List<List<Write>> packed(List<Write> writes, int most) {
    return Write.packed(writes, namespace, most);
  }

  /** Bytes of it in a packet, at most. */
  int bytes(Write write) {
    return write.bytes(namespace);
  }

  /** Bytes of writes that a multi has room for. */
  int room() {
    return Write.room(namespace);
  }

  /**
   * Makes the next commits durable, all or none.
   *
   * @param version of the last of them
   * @throws StoreException if another leader has taken over, or the outcome cannot be known
   */
  void commit(long version, List<Write> writes) throws Exception {
    Head next = new Head(head.epoch(), version, Formats.CURRENT);
    expected =
        settled(
            curator.transactionOp().setData().withVersion(expected).forPath(LEADER, next.toBytes()),
            next,
            writes);
    head = next;
  }

  /**
   * Writes, all or nothing, something that is no commit.
   *
   * @throws StoreException if another leader has taken over, or the outcome cannot be known
   */
  void write(List<Write> writes) throws Exception {
    settled(curator.transactionOp().check().withVersion(expected).forPath(LEADER), head, writes);
  }

  /** Makes a znode without data, if it is not there. */
  void ensure(String path) throws Exception {
    if (curator.checkExists().forPath(path) == null) {
      write(List.of(new Write.Create(path, new byte[0])));
    }
  }

  /**
   * Fails as deposed, if that is what we are: then whatever else went wrong follows from it.
   *
   * @throws StoreException if another process leads
   */
  void requireLead() throws Exception {
    requireLead(curator.getData().forPath(LEADER), null);
  }

  private void requireLead(byte[] leader, Exception cause) {
    long found = Head.fromBytes(leader).epoch();
    if (found != head.epoch()) {
      throw new StoreException(
          "Another process leads now (epoch " + found + ", ours was " + head.epoch() + ")", cause);
    }
  }

  /**
   * Sends it until it is known to be in.
   *
   * @param after what /leader says once it is
   * @return the version of /leader then
   */
  private int settled(CuratorOp first, Head after, List<Write> writes) throws Exception {
    List<CuratorOp> operations = new ArrayList<>();
    operations.add(first);
    for (Write write : writes) {
      operations.add(write.operation(curator.transactionOp()));
    }
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      KeeperException failure;
      try {
        Stat stat = curator.transaction().forOperations(operations).get(0).getResultStat();
        return stat == null ? expected : stat.getVersion();
      } catch (KeeperException e) {
        failure = e;
      }
      // The answer may be lost though it is in, and Curator, which then sends it again, is told
      // that it does not fit: only a look can say.
      Stat stat = new Stat();
      byte[] leader = curator.getData().storingStatIn(stat).forPath(LEADER);
      requireLead(leader, failure);
      boolean commit = !after.equals(head);
      if (commit ? Head.fromBytes(leader).equals(after) : holds(writes)) {
        return stat.getVersion();
      }
      if (!lost(failure) || System.nanoTime() - deadline > 0) {
        throw new StoreException("ZooKeeper takes no writes: " + failure.getMessage(), failure);
      }
    }
  }

  /** Whether everything is as these writes leave it. */
  private boolean holds(List<Write> writes) throws Exception {
    for (Write write : writes) {
      if (!data(write.path()).equals(write.left().map(ByteBuffer::wrap))) {
        return false;
      }
    }
    return true;
  }

  private Optional<ByteBuffer> data(String path) throws Exception {
    try {
      return Optional.of(ByteBuffer.wrap(curator.getData().forPath(path)));
    } catch (KeeperException.NoNodeException e) {
      return Optional.empty();
    }
  }

  /** Whether the answer is lost, so that it may be sent again. */
  private static boolean lost(KeeperException failure) {
    return switch (failure.code()) {
      case CONNECTIONLOSS, OPERATIONTIMEOUT, SESSIONEXPIRED, SESSIONMOVED -> true;
      default -> false;
    };
  }
}
