package io.springtide.partition;

import io.springtide.partition.Nominations.Nomination;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Moves that are only tried: while a trial is open, its cluster writes down each move, and closing
 * it takes them back, the last one first. Rows, lists and sums are then what they were.
 *
 * <p>Trials nest. An inner one takes back its own moves alone, unless it is {@linkplain #keep
 * kept}: then they are the outer one's, which takes them back in its turn.
 */
final class Trial implements AutoCloseable {
  private final Cluster cluster;
  private final Trial outer;
  private final Map<Integer, List<Nomination>> nominated;

  /** How each move is taken back. */
  private final List<Runnable> moves = new ArrayList<>();

  private boolean over;

  /** Opened by {@link Cluster#trial} alone, which knows the one around it, or null. */
  Trial(Cluster cluster, Trial outer) {
    this.cluster = cluster;
    this.outer = outer;
    nominated = cluster.nominations.save();
  }

  /** The books have gained an instance. */
  void booked(String instance) {
    moved(() -> takeOut(instance));
  }

  /** The books have lost an instance. */
  void unbooked(Held held) {
    moved(() -> putBack(held));
  }

  /** Takes what an instance holds from the books, its group's included. */
  void takeOut(String instance) {
    cluster.unbook(cluster.allocations.find(instance));
  }

  /** Books what was taken out, as it was, and charges its group. */
  void putBack(Held held) {
    JobState job = held.job();
    cluster.book(held.instance(), job, held.host(), held.label(), held.since(), held.ports());
    job.group.charge(job.each, cluster.hosts.pool[held.host()].index, held.label(), 1);
  }

  /** Adds a host that is only thought up; returns its row. */
  int addHost(HostSpec host, PoolState pool) {
    int h = cluster.hosts.add(host);
    cluster.hosts.describe(h, host, pool);
    pool.add(h, cluster.hosts.spec);
    pool.changed();
    moved(() -> removeHost(h));
    return h;
  }

  /** Removes an empty host that was only thought up. */
  void removeHost(int h) {
    PoolState pool = cluster.hosts.pool[h];
    HostSpec host = cluster.hosts.spec[h];
    pool.remove(h, cluster.hosts.spec);
    pool.changed();
    cluster.hosts.remove(h);
    moved(() -> addHost(host, pool));
  }

  /** Lets a host take no more work. */
  void shut(int h) {
    byte before = cluster.hosts.takesWork[h];
    cluster.hosts.takesWork[h] = HostTable.NEVER;
    moved(() -> cluster.hosts.takesWork[h] = before);
  }

  private void moved(Runnable back) {
    if (!over) {
      moves.add(back);
    }
  }

  /**
   * Leaves the moves to the trial around this one.
   *
   * @throws IllegalStateException if there is none: what is only tried never comes to stay
   */
  void keep() {
    if (outer == null) {
      throw new IllegalStateException("a trial that no other is around is never kept");
    }
    over = true;
    outer.moves.addAll(moves);
    cluster.closed(this, outer);
  }

  @Override
  public void close() {
    if (over) {
      return;
    }
    over = true;
    for (int i = moves.size() - 1; i >= 0; i--) {
      moves.get(i).run();
    }
    cluster.nominations.restore(nominated);
    cluster.closed(this, outer);
  }
}
