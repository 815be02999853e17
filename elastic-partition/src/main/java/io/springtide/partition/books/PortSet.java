package io.springtide.partition.books;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.PortRanges.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Ports that come and go one at a time: ranges that rise and never touch, in one array. Taking the
 * lowest port, which is what most placements do, moves one number.
 */
public final class PortSet {
  /** Begin and end of each range, both included. */
  private int[] bounds;

  private int ranges;
  private int size;

  PortSet(PortRanges ports) {
    bounds = new int[2 * ports.ranges().size()];
    for (Range range : ports.ranges()) {
      append(range.begin(), range.end());
    }
  }

  PortSet(PortSet from) {
    bounds = from.bounds.clone();
    ranges = from.ranges;
    size = from.size;
  }

  private PortSet(int room) {
    bounds = new int[2 * room];
  }

  /** The ports that are in both. */
  static PortSet both(PortSet a, PortSet b) {
    PortSet both = new PortSet(Math.max(a.ranges, b.ranges));
    for (int i = 0, j = 0; i < a.ranges && j < b.ranges; ) {
      int begin = Math.max(a.begin(i), b.begin(j));
      int end = Math.min(a.end(i), b.end(j));
      if (begin <= end) {
        both.append(begin, end);
      }
      if (a.end(i) < b.end(j)) {
        i++;
      } else {
        j++;
      }
    }
    return both;
  }

  /** How many ports there are. */
  public int size() {
    return size;
  }

  public boolean contains(int port) {
    int i = find(port);
    return i < ranges && begin(i) <= port;
  }

  /** These without those of {@code taken}; taken ports that are not here do not matter. */
  public PortSet minus(Collection<Integer> taken) {
    PortSet left = new PortSet(this);
    taken.forEach(left::remove);
    return left;
  }

  /** Fills {@code ports} from position {@code from} on with the lowest; there must be as many. */
  public void lowest(int[] ports, int from) {
    int at = from;
    for (int i = 0; at < ports.length; i++) {
      for (int port = begin(i); port <= end(i) && at < ports.length; port++) {
        ports[at++] = port;
      }
    }
  }

  /** Adds a port; one that is here already is no error. */
  void add(int port) {
    int i = find(port);
    if (i < ranges && begin(i) <= port) {
      return;
    }
    size++;
    boolean joinsBefore = i > 0 && end(i - 1) == port - 1;
    boolean joinsAfter = i < ranges && begin(i) == port + 1;
    if (joinsBefore && joinsAfter) {
      bounds[2 * i - 1] = end(i);
      close(i);
    } else if (joinsBefore) {
      bounds[2 * i - 1] = port;
    } else if (joinsAfter) {
      bounds[2 * i] = port;
    } else {
      open(i, port, port);
    }
  }

  /** Removes a port; one that is not here is no error. */
  void remove(int port) {
    int i = find(port);
    if (i == ranges || begin(i) > port) {
      return;
    }
    size--;
    int end = end(i);
    if (begin(i) == end) {
      close(i);
    } else if (begin(i) == port) {
      bounds[2 * i] = port + 1;
    } else {
      bounds[2 * i + 1] = port - 1;
      if (port < end) {
        open(i + 1, port + 1, end);
      }
    }
  }

  PortRanges ranges() {
    List<Range> all = new ArrayList<>(ranges);
    for (int i = 0; i < ranges; i++) {
      all.add(new Range(begin(i), end(i)));
    }
    return new PortRanges(all);
  }

  private int begin(int range) {
    return bounds[2 * range];
  }

  private int end(int range) {
    return bounds[2 * range + 1];
  }

  /** The first range that does not end below {@code port}. */
  private int find(int port) {
    int low = 0;
    int high = ranges;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (end(middle) < port) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private void append(int begin, int end) {
    open(ranges, begin, end);
    size += end - begin + 1;
  }

  private void open(int at, int begin, int end) {
    if (2 * ranges == bounds.length) {
      bounds = Arrays.copyOf(bounds, 2 * bounds.length + 2);
    }
    System.arraycopy(bounds, 2 * at, bounds, 2 * at + 2, 2 * (ranges - at));
    bounds[2 * at] = begin;
    bounds[2 * at + 1] = end;
    ranges++;
  }

  private void close(int at) {
    System.arraycopy(bounds, 2 * at + 2, bounds, 2 * at, 2 * (ranges - at - 1));
    ranges--;
  }
}
