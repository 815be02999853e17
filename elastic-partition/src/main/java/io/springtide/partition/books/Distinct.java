package io.springtide.partition.books;

import java.util.Arrays;
import java.util.List;

/** Whether the ids of a batch are distinct, found out without an object per id. */
public final class Distinct {
  private int[] slots = new int[64];

  public boolean holds(List<String> ids) {
    if (ids.size() < 2) {
      return true;
    }
    int length = Integer.highestOneBit(ids.size()) * 4;
    if (slots.length < length) {
      slots = new int[length];
    }
    Arrays.fill(slots, 0, length, -1);
    int mask = length - 1;
    for (int n = 0; n < ids.size(); n++) {
      String id = ids.get(n);
      int hash = id.hashCode() * 0x9E3779B9;
      int i = (hash ^ (hash >>> 16)) & mask;
      for (; slots[i] >= 0; i = (i + 1) & mask) {
        if (ids.get(slots[i]).equals(id)) {
          return false;
        }
      }
      slots[i] = n;
    }
    return true;
  }
}
