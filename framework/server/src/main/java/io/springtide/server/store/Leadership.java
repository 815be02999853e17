package io.springtide.server.store;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.framework.recipes.leader.Participant;

/**
 * Which of several processes leads. It only decides who tries: that a deposed leader does no harm
 * is the commit log's doing.
 */
public final class Leadership implements AutoCloseable {
  private final LeaderLatch latch;
  private final CountDownLatch leads = new CountDownLatch(1);
  private volatile boolean closed;

  /**
   * @param id shown to operators: our address
   * @param lost called when we led and do no more; the process must end
   */
  public Leadership(CuratorFramework curator, String id, Runnable lost) {
    latch = new LeaderLatch(curator, "/election", id);
    latch.addListener(
        new LeaderLatchListener() {
          @Override
          public void isLeader() {
            leads.countDown();
          }

          @Override
          public void notLeader() {
            if (leads.getCount() == 0 && !closed) {
              lost.run();
            }
          }
        });
  }

  /** Stands for election, unless it has withdrawn already. */
  public synchronized void stand() {
    if (closed) {
      return;
    }
    Curated.get(
        "stand for election",
        () -> {
          latch.start();
          return null;
        });
  }

  /** Stands for election no more; who leads can still be asked. */
  public void withdraw() {
    close();
  }

  /** Waits until we lead. */
  public void await() throws InterruptedException {
    leads.await();
  }

  /** Who leads at the moment, by its id; empty if nobody does, or ZooKeeper cannot say. */
  public Optional<String> leader() {
    try {
      Participant leader = Curated.get("ask who leads", latch::getLeader);
      return Optional.of(leader.getId()).filter(id -> leader.isLeader() && !id.isEmpty());
    } catch (StoreException e) {
      return Optional.empty();
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      latch.close();
    } catch (IOException | IllegalStateException e) {
      // Our node goes with our session.
    }
  }
}
