package io.springtide.partition.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A set of ports.
 *
 * @param ranges whatever is given is kept sorted, apart and joined where it touches
 */
public record PortRanges(List<Range> ranges) {
  public static final PortRanges NONE = new PortRanges(List.of());

  /** Ports {@code begin} to {@code end}, both included, 1 to 65535. */
  public record Range(int begin, int end) {
    public Range {
      if (begin < 1 || end < begin || end > 65535) {
        throw new InvalidModelException(
            "ports", begin + "-" + end + " is no range of ports", "write 1 to 65535, rising");
      }
    }
  }

  public PortRanges {
    ranges = areApart(ranges) ? List.copyOf(ranges) : joined(ranges);
  }

  /** Whether they are sorted, and none touches the next: what most operations make. */
  private static boolean areApart(List<Range> ranges) {
    for (int i = 1; i < ranges.size(); i++) {
      if (ranges.get(i).begin() <= ranges.get(i - 1).end() + 1) {
        return false;
      }
    }
    return true;
  }

  private static List<Range> joined(List<Range> ranges) {
    List<Range> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingInt(Range::begin));
    List<Range> joined = new ArrayList<>();
    for (Range range : sorted) {
      Range last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && range.begin() <= last.end() + 1) {
        joined.set(joined.size() - 1, new Range(last.begin(), Math.max(last.end(), range.end())));
      } else {
        joined.add(range);
      }
    }
    return List.copyOf(joined);
  }

  public static PortRanges of(int begin, int end) {
    return new PortRanges(List.of(new Range(begin, end)));
  }

  /** These ports and no others. */
  public static PortRanges of(Collection<Integer> ports) {
    return new PortRanges(ports.stream().map(port -> new Range(port, port)).toList());
  }

  public boolean isEmpty() {
    return ranges.isEmpty();
  }

  public int size() {
    int size = 0;
    for (Range range : ranges) {
      size += range.end() - range.begin() + 1;
    }
    return size;
  }

  public boolean contains(int port) {
    for (Range range : ranges) {
      if (port <= range.end()) {
        return range.begin() <= port;
      }
    }
    return false;
  }

  /** All ports, rising. */
  public IntStream stream() {
    return ranges.stream().flatMapToInt(range -> IntStream.rangeClosed(range.begin(), range.end()));
  }

  public PortRanges plus(PortRanges other) {
    List<Range> both = new ArrayList<>(ranges);
    both.addAll(other.ranges);
    return new PortRanges(both);
  }

  /** These without those of {@code taken}; taken ports that are not here do not matter. */
  public PortRanges minus(Collection<Integer> taken) {
    TreeSet<Integer> cuts = new TreeSet<>(taken);
    List<Range> left = new ArrayList<>();
    for (Range range : ranges) {
      int begin = range.begin();
      for (int cut : cuts.subSet(range.begin(), true, range.end(), true)) {
        if (cut > begin) {
          left.add(new Range(begin, cut - 1));
        }
        begin = cut + 1;
      }
      if (begin <= range.end()) {
        left.add(new Range(begin, range.end()));
      }
    }
    return new PortRanges(left);
  }

  /** These without {@code others}; a port that is not here is no error. */
  public PortRanges minus(PortRanges others) {
    List<Range> left = ranges;
    for (Range cut : others.ranges) {
      List<Range> next = new ArrayList<>(left.size() + 1);
      for (Range range : left) {
        if (cut.end() < range.begin() || range.end() < cut.begin()) {
          next.add(range);
          continue;
        }
        if (range.begin() < cut.begin()) {
          next.add(new Range(range.begin(), cut.begin() - 1));
        }
        if (cut.end() < range.end()) {
          next.add(new Range(cut.end() + 1, range.end()));
        }
      }
      left = next;
    }
    return new PortRanges(left);
  }

  /** As Mesos writes it: {@code [31000-31009, 32000-32000]}. */
  @Override
  public String toString() {
    return ranges.stream()
        .map(range -> range.begin() + "-" + range.end())
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
