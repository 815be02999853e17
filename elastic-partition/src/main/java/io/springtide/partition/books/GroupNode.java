package io.springtide.partition.books;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.util.Arrays;
import java.util.TreeMap;

/** A group in the tree with its accounts, one per pool that it ever had a quota in. */
public final class GroupNode {
  public final GroupNode parent;
  public Group group;
  public final TreeMap<String, GroupNode> children = new TreeMap<>();

  /** By pool index; null where the group has no quota and holds nothing. */
  Account[] accounts = new Account[0];

  public long[] totalCeiling;
  public long[] totalUsed = new long[4];
  public int jobs;

  public GroupNode(GroupNode parent, Group group) {
    this.parent = parent;
    this.group = group;
  }

  /** A copy below {@code parent}, without groups below it yet. */
  public GroupNode(GroupNode parent, GroupNode from) {
    this.parent = parent;
    group = from.group;
    accounts = new Account[from.accounts.length];
    for (int pool = 0; pool < accounts.length; pool++) {
      accounts[pool] = from.accounts[pool] == null ? null : new Account(from.accounts[pool]);
    }
    totalCeiling = from.totalCeiling;
    totalUsed = from.totalUsed.clone();
    jobs = from.jobs;
  }

  /** Whether it is {@code node} or below it. */
  public boolean isWithin(GroupNode node) {
    for (GroupNode at = this; at != null; at = at.parent) {
      if (at == node) {
        return true;
      }
    }
    return false;
  }

  /** The account in a pool, or null. */
  public Account account(int pool) {
    return pool < accounts.length ? accounts[pool] : null;
  }

  public Account openAccount(int pool) {
    if (pool >= accounts.length) {
      accounts = Arrays.copyOf(accounts, pool + 1);
    }
    if (accounts[pool] == null) {
      accounts[pool] = new Account();
    }
    return accounts[pool];
  }

  /** The guarantee that is not handed on to the groups below: what its own jobs may hold. */
  public long ownGuarantee(int pool, int d) {
    Account account = account(pool);
    if (account == null) {
      return 0;
    }
    long own = Dimensions.at(account.guarantee, d);
    for (GroupNode child : children.values()) {
      Account below = child.account(pool);
      own -= below == null ? 0 : Dimensions.at(below.guarantee, d);
    }
    return Math.max(0, own);
  }

  /** Charges this group and all above with {@code count} instances; negative gives back. */
  public void charge(Each each, int pool, Label label, long count) {
    for (GroupNode node = this; node != null; node = node.parent) {
      node.openChecked(pool).charge(each, label, count, node == this);
      node.totalUsed = Account.add(node.totalUsed, each, count);
    }
  }

  /** Accounts one instance otherwise. */
  public void relabel(Each each, int pool, Label from, Label to) {
    for (GroupNode node = this; node != null; node = node.parent) {
      Account account = node.openChecked(pool);
      account.charge(each, from, -1, node == this);
      account.charge(each, to, 1, node == this);
    }
  }

  private Account openChecked(int pool) {
    Account account = openAccount(pool);
    if (account.quota == null) {
      // Restored work in a pool that the group may no longer use: charged, and room for no more.
      account.quota = new Quota(Resources.ZERO, Resources.ZERO, Limit.of(0, 0), 1);
      account.guarantee = new long[4];
      account.neverLent = new long[4];
      account.ceiling = new long[] {0, 0};
    }
    return account;
  }
}
