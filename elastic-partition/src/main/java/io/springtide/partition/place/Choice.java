package io.springtide.partition.place;

import java.util.Arrays;

/**
 * Which class of hosts the next instance goes to. Classes that are alike in one rule's value (that
 * of the fewest values, such as the zone) stand in one heap, by what all other rules cost there and
 * then by their best host; so what that rule costs is added once for a heap, not for each class.
 *
 * <p>What a class costs is looked at again only when it comes to the top: while instances are
 * placed costs rise. Where they fall, because a spread has become even, everything is looked at.
 */
final class Choice {
  /** Nothing may be taken. */
  static final int NONE = -1;

  /** What it costs to touch the buffer: more than any soft constraints. */
  private static final long BUFFER = 1L << 52;

  private final HostClasses classes;
  private final Domains domains;

  /** The rule by whose values the heaps are apart, or -1 where there is no more than one rule. */
  private int outer;

  private int heaps;

  /** Where each heap begins in {@link #heap}; one more than there are heaps. */
  private int[] start = new int[8];

  /** Segments of {@link HostClasses}; those without hosts are in it too, at the end. */
  private int[] heap = new int[8];

  /** What a segment costs by all rules but the outer one, as it was last looked at. */
  private long[] inner = new long[8];

  private boolean stale;

  Choice(HostClasses classes, Domains domains) {
    this.classes = classes;
    this.domains = domains;
  }

  /** Takes the classes over, once the hosts are in and the rules are priced. */
  void open() {
    outer = classes.rules < 2 ? -1 : domains.ruleOfFewestValues();
    heaps = outer < 0 ? 2 : 2 * domains.values(outer);
    int segments = 2 * classes.count;
    if (inner.length < segments) {
      inner = new long[segments];
      heap = new int[segments];
    }
    if (start.length < heaps + 2) {
      start = new int[heaps + 2];
    }
    Arrays.fill(start, 0, heaps + 2, 0);
    for (int segment = 0; segment < segments; segment++) {
      start[heapOf(segment) + 2]++;
    }
    for (int h = 2; h < heaps + 2; h++) {
      start[h] += start[h - 1];
    }
    for (int segment = 0; segment < segments; segment++) {
      heap[start[heapOf(segment) + 1]++] = segment;
    }
    stale = true;
  }

  /** The segment whose top is best, or {@link #NONE}. */
  int best(boolean borrowed) {
    if (stale) {
      lookAtAll();
    }
    int best = NONE;
    long bestCost = Domains.FORBIDDEN;
    boolean bufferReached = classes.openable <= 0;
    // Without a buffer no host is told apart for being empty.
    int step = classes.openable == Integer.MAX_VALUE ? 2 : 1;
    for (int h = 0; h < heaps; h += step) {
      if (start[h] == start[h + 1]) {
        continue;
      }
      long cost = outer < 0 ? 0 : domains.cost[outer][h >> 1];
      if ((h & 1) == 1 && bufferReached) {
        cost += borrowed ? Domains.FORBIDDEN : BUFFER;
      }
      if (cost > bestCost) {
        continue;
      }
      int segment = top(h);
      if (classes.top[segment] == HostClasses.NONE) {
        continue;
      }
      cost += inner[segment];
      if (cost < bestCost || (cost == bestCost && best != NONE && fitsBetter(segment, best))) {
        best = segment;
        bestCost = cost;
      }
    }
    return best;
  }

  /** The segment's hosts are not what they were, or it costs more. */
  void changed(int segment) {
    int h = heapOf(segment);
    int at = start[h];
    while (heap[at] != segment) {
      at++;
    }
    inner[segment] = cost(segment);
    // A better top rises to its place, a worse one sinks.
    while (at > start[h] && before(segment, heap[above(at, start[h])])) {
      heap[at] = heap[above(at, start[h])];
      at = above(at, start[h]);
    }
    heap[at] = segment;
    sink(at, h);
  }

  /** What rule {@code r} costs has fallen somewhere. */
  void fell(int r) {
    stale |= r != outer;
  }

  private int heapOf(int segment) {
    int value = outer < 0 ? 0 : classes.value[(segment >> 1) * classes.rules + outer];
    return 2 * value + (segment & 1);
  }

  private void lookAtAll() {
    for (int segment = 0; segment < 2 * classes.count; segment++) {
      inner[segment] = cost(segment);
    }
    for (int h = 0; h < heaps; h++) {
      for (int at = start[h] + (start[h + 1] - start[h]) / 2 - 1; at >= start[h]; at--) {
        sink(at, h);
      }
    }
    stale = false;
  }

  /** The best of a heap, what it costs being true. */
  private int top(int h) {
    while (true) {
      int segment = heap[start[h]];
      long now = cost(segment);
      if (now == inner[segment]) {
        return segment;
      }
      inner[segment] = now;
      sink(start[h], h);
    }
  }

  private long cost(int segment) {
    if (classes.top[segment] == HostClasses.NONE) {
      return Long.MAX_VALUE;
    }
    long cost = HostClasses.broken(classes.top[segment]) << 32;
    int at = (segment >> 1) * classes.rules;
    for (int r = 0; r < classes.rules; r++) {
      cost += r == outer ? 0 : domains.cost[r][classes.value[at + r]];
    }
    return cost;
  }

  private boolean before(int a, int b) {
    return inner[a] < inner[b] || (inner[a] == inner[b] && fitsBetter(a, b));
  }

  private boolean fitsBetter(int a, int b) {
    return HostClasses.fit(classes.top[a]) < HostClasses.fit(classes.top[b]);
  }

  private void sink(int from, int h) {
    int first = start[h];
    int end = start[h + 1];
    int segment = heap[from];
    int at = from;
    for (int child = below(at, first); child < end; child = below(at, first)) {
      if (child + 1 < end && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], segment)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = segment;
  }

  private static int above(int at, int first) {
    return first + (at - first - 1) / 2;
  }

  private static int below(int at, int first) {
    return first + 2 * (at - first) + 1;
  }
}
