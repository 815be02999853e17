package io.springtide.harness.emulator.resources;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.mesos.v1.Protos.Value;

/**
 * How much of one resource: a scalar in thousandths (Mesos' own precision), ranges that neither
 * touch nor overlap, or a set.
 */
sealed interface Amount {

  Amount plus(Amount other);

  Amount minus(Amount other);

  boolean contains(Amount other);

  boolean isEmpty();

  /** A scalar. */
  record Scalar(long milli) implements Amount {
    @Override
    public Amount plus(Amount other) {
      return new Scalar(milli + ((Scalar) other).milli);
    }

    @Override
    public Amount minus(Amount other) {
      return new Scalar(milli - ((Scalar) other).milli);
    }

    @Override
    public boolean contains(Amount other) {
      return milli >= ((Scalar) other).milli;
    }

    @Override
    public boolean isEmpty() {
      return milli <= 0;
    }
  }

  /** Ranges, first and last included. */
  record Ranges(List<long[]> spans) implements Amount {

    static Ranges of(Value.Ranges ranges) {
      List<long[]> spans = new ArrayList<>();
      for (Value.Range range : ranges.getRangeList()) {
        if (range.getBegin() <= range.getEnd()) {
          spans.add(new long[] {range.getBegin(), range.getEnd()});
        }
      }
      return new Ranges(coalesced(spans));
    }

    private static List<long[]> coalesced(List<long[]> spans) {
      List<long[]> sorted = new ArrayList<>(spans);
      sorted.sort((a, b) -> Long.compare(a[0], b[0]));
      List<long[]> out = new ArrayList<>();
      for (long[] span : sorted) {
        long[] last = out.isEmpty() ? null : out.get(out.size() - 1);
        if (last != null && span[0] <= last[1] + 1) {
          last[1] = Math.max(last[1], span[1]);
        } else {
          out.add(span.clone());
        }
      }
      return out;
    }

    @Override
    public Amount plus(Amount other) {
      List<long[]> all = new ArrayList<>(spans);
      all.addAll(((Ranges) other).spans);
      return new Ranges(coalesced(all));
    }

    @Override
    public Amount minus(Amount other) {
      List<long[]> left = new ArrayList<>(spans);
      for (long[] cut : ((Ranges) other).spans) {
        List<long[]> next = new ArrayList<>();
        for (long[] span : left) {
          if (cut[1] < span[0] || cut[0] > span[1]) {
            next.add(span);
            continue;
          }
          if (span[0] < cut[0]) {
            next.add(new long[] {span[0], cut[0] - 1});
          }
          if (span[1] > cut[1]) {
            next.add(new long[] {cut[1] + 1, span[1]});
          }
        }
        left = next;
      }
      return new Ranges(left);
    }

    @Override
    public boolean contains(Amount other) {
      for (long[] wanted : ((Ranges) other).spans) {
        if (spans.stream().noneMatch(span -> span[0] <= wanted[0] && wanted[1] <= span[1])) {
          return false;
        }
      }
      return true;
    }

    @Override
    public boolean isEmpty() {
      return spans.isEmpty();
    }
  }

  /** Names. */
  record Names(TreeSet<String> items) implements Amount {
    @Override
    public Amount plus(Amount other) {
      TreeSet<String> all = new TreeSet<>(items);
      all.addAll(((Names) other).items);
      return new Names(all);
    }

    @Override
    public Amount minus(Amount other) {
      TreeSet<String> left = new TreeSet<>(items);
      left.removeAll(((Names) other).items);
      return new Names(left);
    }

    @Override
    public boolean contains(Amount other) {
      return items.containsAll(((Names) other).items);
    }

    @Override
    public boolean isEmpty() {
      return items.isEmpty();
    }
  }
}
