package io.springtide.partition.books;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A job or a label, counted: how many of its instances are on each host and on each value of the
 * attributes that some constraint looks at. Kept up to date at each booking, so a constraint is
 * checked in constant time.
 */
public final class Subject {
  final String name;
  public final IntCounts hosts;
  public int total;

  /** What is left of the job on each host, and nobody watches; not counted as instances. */
  public final IntCounts remains;

  public int remainsTotal;

  /** Hosts that the job keeps away from for a while; what runs there stays. */
  public final IntCounts avoided;

  public int avoidedTotal;

  /** Jobs that must be apart from this subject by a hard constraint: the rule holds both ways. */
  public final List<Repulsion> repelledBy = new ArrayList<>();

  /**
   * A job that must be apart from a subject.
   *
   * @param owner the job, counted
   * @param attribute by the values of which they are apart
   */
  record Repulsion(Subject owner, int attribute) {}

  private int[] attributes = new int[0];
  private int[][] counts = new int[0][];

  Subject(String name) {
    this.name = name;
    hosts = new IntCounts();
    remains = new IntCounts();
    avoided = new IntCounts();
  }

  /** A copy that nobody must be apart from yet. */
  Subject(Subject from) {
    name = from.name;
    hosts = new IntCounts(from.hosts);
    total = from.total;
    remains = new IntCounts(from.remains);
    remainsTotal = from.remainsTotal;
    avoided = new IntCounts(from.avoided);
    avoidedTotal = from.avoidedTotal;
    attributes = from.attributes.clone();
    counts = Columns.copy(from.counts);
  }

  /** Counts by value of {@code attribute}, as long as the attribute has values. */
  public int[] counts(int attribute, Attributes table) {
    for (int i = 0; i < attributes.length; i++) {
      if (attributes[i] == attribute) {
        int values = table.valueCount(attribute);
        if (counts[i].length < values) {
          counts[i] = Arrays.copyOf(counts[i], Math.max(values, counts[i].length * 2));
        }
        return counts[i];
      }
    }
    int[] fresh = new int[table.valueCount(attribute)];
    hosts.forEach(
        (h, count) -> {
          int value = table.value(attribute, h);
          if (value >= 0) {
            fresh[value] += count;
          }
        });
    attributes = Arrays.copyOf(attributes, attributes.length + 1);
    counts = Arrays.copyOf(counts, counts.length + 1);
    attributes[attributes.length - 1] = attribute;
    counts[counts.length - 1] = fresh;
    return fresh;
  }

  /** Instances on hosts that share {@code h}'s value of {@code attribute}. */
  int near(int attribute, int h, Attributes table) {
    if (attribute == Attributes.HOST) {
      return hosts.get(h);
    }
    int value = table.value(attribute, h);
    return value < 0 ? 0 : counts(attribute, table)[value];
  }

  /** Whether none that must be apart from this subject is where {@code h} is. */
  public boolean mayBeOn(int h, Attributes table) {
    for (int i = 0; i < repelledBy.size(); i++) {
      Repulsion by = repelledBy.get(i);
      if (by.owner != this && by.owner.near(by.attribute, h, table) > 0) {
        return false;
      }
    }
    return true;
  }

  void addRemains(int h, int delta) {
    remains.add(h, delta);
    remainsTotal += delta;
  }

  void avoid(int h, boolean avoids) {
    if (avoids != avoided.get(h) > 0) {
      avoided.add(h, avoids ? 1 : -1);
      avoidedTotal += avoids ? 1 : -1;
    }
  }

  public void add(int h, int delta, Attributes table) {
    hosts.add(h, delta);
    total += delta;
    for (int i = 0; i < attributes.length; i++) {
      int value = table.value(attributes[i], h);
      if (value >= 0) {
        if (value >= counts[i].length) {
          counts(attributes[i], table);
        }
        counts[i][value] += delta;
      }
    }
  }
}
