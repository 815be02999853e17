package io.springtide.partition.share;

import io.springtide.partition.books.GroupNode;
import io.springtide.partition.books.PoolState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Picks groups by what they have borrowed, level by level of the tree: at the top the group that
 * has borrowed least (or most) with all below it, among those below that one again, and so on. A
 * group's own jobs stand beside the groups below it, at its weight. So what a product line borrows
 * does not depend on how many groups it is divided into.
 */
final class ByShare {
  private final Shares shares;
  private final Collection<PoolState> pools;
  private final Comparator<Entry> order;
  private final List<Entry> top = new ArrayList<>();
  private final Map<GroupNode, Entry> entries = new HashMap<>();

  /** A group with all below it or, with {@code own}, its own jobs. */
  private static final class Entry {
    final GroupNode group;
    final boolean own;
    final Entry above;
    final List<Entry> below = new ArrayList<>();

    /** What it has borrowed, or below zero if that is to be found out again. */
    double share = -1;

    Entry(GroupNode group, boolean own, Entry above) {
      this.group = group;
      this.own = own;
      this.above = above;
    }
  }

  private ByShare(Shares shares, Collection<PoolState> pools, Comparator<Entry> order) {
    this.shares = shares;
    this.pools = pools;
    this.order = order.thenComparing(e -> e.own).thenComparing(e -> e.group.group.path());
  }

  /** Whoever has borrowed least comes first; counts is the pool where a group has borrowed most. */
  static ByShare leastFirst(
      Shares shares, Collection<PoolState> pools, Collection<GroupNode> groups) {
    return new ByShare(shares, pools, Comparator.comparingDouble(e -> e.share)).with(groups);
  }

  /** Whoever has borrowed most in the pool comes first. */
  static ByShare mostFirst(Shares shares, PoolState pool, Collection<GroupNode> groups) {
    return new ByShare(shares, List.of(pool), Comparator.comparingDouble(e -> -e.share))
        .with(groups);
  }

  private ByShare with(Collection<GroupNode> groups) {
    for (GroupNode group : groups) {
      Entry around = entryOf(group);
      around.below.add(new Entry(group, true, around));
    }
    return this;
  }

  private Entry entryOf(GroupNode group) {
    Entry known = entries.get(group);
    if (known != null) {
      return known;
    }
    Entry above = group.parent == null ? null : entryOf(group.parent);
    Entry entry = new Entry(group, false, above);
    entries.put(group, entry);
    (above == null ? top : above.below).add(entry);
    return entry;
  }

  /** Whose turn it is, or null if nobody is left. */
  GroupNode first() {
    Entry at = best(top);
    while (at != null && !at.own) {
      at = best(at.below);
    }
    return at == null ? null : at.group;
  }

  /** The group takes part no more. */
  void remove(GroupNode group) {
    Entry entry = entries.get(group);
    entry.below.removeIf(e -> e.own);
    while (entry != null && entry.below.isEmpty()) {
      entries.remove(entry.group);
      (entry.above == null ? top : entry.above.below).remove(entry);
      entry = entry.above;
    }
  }

  /** What the group holds has changed. */
  void changed(GroupNode group) {
    for (GroupNode node = group; node != null; node = node.parent) {
      Entry entry = entries.get(node);
      if (entry != null) {
        forget(entry);
      }
    }
  }

  /** What anybody holds may have changed. */
  void changed() {
    entries.values().forEach(ByShare::forget);
  }

  private static void forget(Entry entry) {
    entry.share = -1;
    for (Entry e : entry.below) {
      e.share = e.own ? -1 : e.share;
    }
  }

  private Entry best(List<Entry> level) {
    if (level.size() == 1) {
      return level.get(0);
    }
    Entry best = null;
    for (Entry entry : level) {
      if (entry.share < 0) {
        entry.share = share(entry);
      }
      if (best == null || order.compare(entry, best) < 0) {
        best = entry;
      }
    }
    return best;
  }

  private double share(Entry entry) {
    double most = 0;
    for (PoolState pool : pools) {
      double here =
          entry.own ? shares.borrowedByOwn(entry.group, pool) : shares.borrowed(entry.group, pool);
      most = Math.max(most, here);
    }
    return most;
  }
}
