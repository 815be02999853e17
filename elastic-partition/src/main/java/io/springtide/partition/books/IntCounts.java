package io.springtide.partition.books;

import java.util.Arrays;

/** Counts by a whole number of 0 or more: open addressing, linear probing, no boxing. */
public final class IntCounts {
  private static final int EMPTY = -1;

  private int[] keys = new int[8];
  private int[] counts = new int[8];
  private int used;

  IntCounts() {
    Arrays.fill(keys, EMPTY);
  }

  IntCounts(IntCounts from) {
    keys = from.keys.clone();
    counts = from.counts.clone();
    used = from.used;
  }

  public int get(int key) {
    int mask = keys.length - 1;
    for (int i = slot(key, mask); keys[i] != EMPTY; i = (i + 1) & mask) {
      if (keys[i] == key) {
        return counts[i];
      }
    }
    return 0;
  }

  /** Adds {@code delta} to the count of {@code key}; a count of zero keeps no entry. */
  void add(int key, int delta) {
    int mask = keys.length - 1;
    int i = slot(key, mask);
    while (keys[i] != EMPTY && keys[i] != key) {
      i = (i + 1) & mask;
    }
    if (keys[i] == EMPTY) {
      keys[i] = key;
      counts[i] = delta;
      used++;
      if (used * 2 > keys.length) {
        grow();
      }
      return;
    }
    counts[i] += delta;
    if (counts[i] == 0) {
      remove(i, mask);
    }
  }

  /** Visits every key with a count other than zero, in no particular order. */
  void forEach(EachCount each) {
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != EMPTY) {
        each.visit(keys[i], counts[i]);
      }
    }
  }

  /** Gets a key and its count. */
  interface EachCount {
    void visit(int key, int count);
  }

  private void remove(int hole, int mask) {
    used--;
    int i = hole;
    for (int j = (i + 1) & mask; keys[j] != EMPTY; j = (j + 1) & mask) {
      int home = slot(keys[j], mask);
      // Move back what would no longer be found across the hole.
      if (((j - home) & mask) >= ((j - i) & mask)) {
        keys[i] = keys[j];
        counts[i] = counts[j];
        i = j;
      }
    }
    keys[i] = EMPTY;
  }

  private void grow() {
    int[] oldKeys = keys;
    int[] oldCounts = counts;
    keys = new int[oldKeys.length * 2];
    counts = new int[oldKeys.length * 2];
    Arrays.fill(keys, EMPTY);
    used = 0;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != EMPTY) {
        add(oldKeys[i], oldCounts[i]);
      }
    }
  }

  private static int slot(int key, int mask) {
    int h = key * 0x9E3779B9;
    return (h ^ (h >>> 15)) & mask;
  }
}
