package io.springtide.partition.books;

import io.springtide.partition.model.Label;
import io.springtide.partition.model.Quota;
import java.util.Arrays;

/** What a group may hold and holds in one pool, by dimension; sums include the groups below. */
public final class Account {
  public Quota quota;
  public long[] guarantee;
  public long[] neverLent;
  public long[] ceiling;

  /** Held by the group and all below, whatever the label. */
  public long[] used = new long[4];

  /** Held guaranteed by the group's own jobs. */
  public long[] ownGuaranteed = new long[4];

  /** Held guaranteed by the group and all below. */
  long[] guaranteed = new long[4];

  /** Held borrowed by the group and all below. */
  public long[] borrowed = new long[4];

  Account() {}

  Account(Account from) {
    quota = from.quota;
    guarantee = from.guarantee;
    neverLent = from.neverLent;
    ceiling = from.ceiling;
    used = from.used.clone();
    ownGuaranteed = from.ownGuaranteed.clone();
    guaranteed = from.guaranteed.clone();
    borrowed = from.borrowed.clone();
  }

  public void describe(Quota next, Dimensions dimensions) {
    quota = next;
    guarantee = dimensions.vector(next.guarantee());
    long[] lendable = dimensions.vector(next.lendable());
    neverLent = new long[dimensions.count()];
    for (int d = 0; d < neverLent.length; d++) {
      neverLent[d] = Dimensions.at(guarantee, d) - Dimensions.at(lendable, d);
    }
    ceiling = dimensions.ceiling(next.limit());
  }

  boolean lendsAll() {
    for (long amount : neverLent) {
      if (amount > 0) {
        return false;
      }
    }
    return true;
  }

  boolean idle() {
    return Arrays.stream(used).allMatch(amount -> amount == 0);
  }

  /** Adds {@code count} instances, negative to take away; {@code own}: of the group's own jobs. */
  void charge(Each each, Label label, long count, boolean own) {
    used = add(used, each, count);
    if (label == Label.GUARANTEED) {
      guaranteed = add(guaranteed, each, count);
      if (own) {
        ownGuaranteed = add(ownGuaranteed, each, count);
      }
    } else if (label == Label.BORROWED) {
      borrowed = add(borrowed, each, count);
    }
  }

  static long[] add(long[] to, Each each, long count) {
    long[] sum = to;
    for (int i = 0; i < each.dims().length; i++) {
      int d = each.dims()[i];
      if (d >= sum.length) {
        sum = Arrays.copyOf(sum, d + 1);
      }
      sum[d] += each.amounts()[i] * count;
    }
    return sum;
  }
}
