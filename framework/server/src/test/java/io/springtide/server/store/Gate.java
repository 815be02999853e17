package io.springtide.server.store;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;

/** Where a client's writes go out to ZooKeeper: something happens to one of them. */
final class Gate implements ZookeeperFactory {
  /** What happens. */
  enum Fate {
    /** The process sleeps, for as long as its successors like. */
    STALL,
    /** The process dies. */
    DIE,
    /** The write is done and its answer lost with the connection. */
    LOSE_ANSWER
  }

  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch open = new CountDownLatch(1);
  private volatile Consumer<List<String>> told = paths -> {};
  private Fate fate;
  private int before = Integer.MAX_VALUE;
  private boolean dead;

  /** Connects through this gate. */
  CuratorFramework connect(String connect, String namespace) {
    CuratorFramework curator =
        CuratorFrameworkFactory.builder()
            .connectString(connect)
            .namespace(namespace)
            .zookeeperFactory(this)
            .sessionTimeoutMs((int) Duration.ofSeconds(60).toMillis())
            .retryPolicy(new RetryNTimes(5, 1))
            .build();
    curator.start();
    return curator;
  }

  /** It happens to the write after so many. */
  synchronized void arm(int writes, Fate what) {
    before = writes;
    fate = what;
  }

  /** Tells somebody what each multi writes, before it goes out; nothing goes on meanwhile. */
  void watch(Consumer<List<String>> who) {
    told = who;
  }

  /** Whether it has happened. */
  boolean happened() {
    return reached.getCount() == 0;
  }

  /** Counted down once it happens. */
  CountDownLatch reached() {
    return reached;
  }

  /** Lets go on what sleeps, and everything else. */
  void open() {
    open.countDown();
  }

  private interface Call<T> {
    T call() throws KeeperException, InterruptedException;
  }

  private <T> T pass(Call<T> write) throws KeeperException, InterruptedException {
    boolean now;
    synchronized (this) {
      if (dead) {
        throw new IllegalStateException("the process is dead");
      }
      now = before-- == 0;
      dead = now && fate == Fate.DIE;
    }
    if (!now) {
      return write.call();
    }
    reached.countDown();
    switch (fate) {
      case STALL -> open.await();
      case DIE -> throw new IllegalStateException("the process dies");
      case LOSE_ANSWER -> {
        write.call();
        throw new KeeperException.ConnectionLossException();
      }
    }
    return write.call();
  }

  @Override
  public ZooKeeper newZooKeeper(String connect, int session, Watcher watcher, boolean readOnly)
      throws IOException {
    return new ZooKeeper(connect, session, watcher, readOnly) {
      @Override
      public List<OpResult> multi(Iterable<Op> ops) throws InterruptedException, KeeperException {
        List<String> paths = new ArrayList<>();
        ops.forEach(op -> paths.add(op.getPath()));
        told.accept(paths);
        return pass(() -> super.multi(ops));
      }

      @Override
      public Stat setData(String path, byte[] data, int version)
          throws KeeperException, InterruptedException {
        return pass(() -> super.setData(path, data, version));
      }

      @Override
      public void delete(String path, int version) throws InterruptedException, KeeperException {
        pass(
            () -> {
              super.delete(path, version);
              return null;
            });
      }

      @Override
      public String create(String path, byte[] data, List<ACL> acl, CreateMode mode)
          throws KeeperException, InterruptedException {
        return pass(() -> super.create(path, data, acl, mode));
      }

      @Override
      public String create(
          String path, byte[] data, List<ACL> acl, CreateMode mode, Stat stat, long ttl)
          throws KeeperException, InterruptedException {
        return pass(() -> super.create(path, data, acl, mode, stat, ttl));
      }
    };
  }
}
