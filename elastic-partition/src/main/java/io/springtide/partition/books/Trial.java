package io.springtide.partition.books;

import io.springtide.partition.books.Nominations.Nomination;
import io.springtide.partition.model.HostSpec;
import java.util.List;
import java.util.Map;

/**
 * Moves that are only tried: while a trial is open, its cluster writes down each move, and closing
 * it takes them back, the last one first. Rows, lists and sums are then what they were.
 *
 * <p>Trials nest. An inner one takes back its own moves alone, unless it is {@linkplain #keep
 * kept}: then they are the outer one's, which takes them back in its turn.
 */
public final class Trial implements AutoCloseable {
  private final Cluster cluster;
  private final Journal journal;
  private final Map<Integer, List<Nomination>> nominated;

  /** Opens a trial; whoever opens one closes it in the same method. */
  public Trial(Cluster cluster) {
    this.cluster = cluster;
    nominated = cluster.nominations.save();
    journal = new Journal(cluster.journal);
    cluster.journal = journal;
  }

  /** Takes what an instance holds from the books, its group's included. */
  public void takeOut(String instance) {
    cluster.takeOut(instance);
  }

  /** Books what was taken out, as it was, and charges its group. */
  public void putBack(Held held) {
    cluster.putBack(held);
  }

  /** Adds a hypothetical host; returns its row. */
  public int addHost(HostSpec host, PoolState pool) {
    int h = cluster.hosts.add(host);
    cluster.hosts.describe(h, host, pool);
    pool.add(h, cluster.hosts.spec);
    pool.changed();
    journal.moved(() -> removeHost(h));
    return h;
  }

  /** Removes an empty hypothetical host. */
  public void removeHost(int h) {
    PoolState pool = cluster.hosts.pool[h];
    HostSpec host = cluster.hosts.spec[h];
    pool.remove(h, cluster.hosts.spec);
    pool.changed();
    cluster.hosts.remove(h);
    journal.moved(() -> addHost(host, pool));
  }

  /** Lets a host take no more work. */
  public void shut(int h) {
    byte before = cluster.hosts.takesWork[h];
    cluster.hosts.takesWork[h] = HostTable.NEVER;
    journal.moved(() -> cluster.hosts.takesWork[h] = before);
  }

  /**
   * Leaves the moves to the trial around this one.
   *
   * @throws IllegalStateException if there is none: the outermost trial is always undone
   */
  public void keep() {
    if (journal.outer == null) {
      throw new IllegalStateException("a trial that no other is around is never kept");
    }
    requireInnermost();
    journal.leave();
    cluster.journal = journal.outer;
  }

  @Override
  public void close() {
    if (journal.isOver()) {
      return;
    }
    requireInnermost();
    journal.takeBack();
    cluster.nominations.restore(nominated);
    cluster.journal = journal.outer;
  }

  private void requireInnermost() {
    if (cluster.journal != journal) {
      throw new IllegalStateException("a trial ends before one inside it");
    }
  }
}
