package io.springtide.partition.share;

import io.springtide.partition.books.AllocationTable;
import io.springtide.partition.books.Cluster;
import io.springtide.partition.books.JobState;
import io.springtide.partition.model.Label;
import io.springtide.partition.place.QuotaRoom;
import java.util.ArrayList;
import java.util.List;

/** Turns borrowed work into guaranteed work where its group's guarantee has become free. */
public final class Promotion {
  private Promotion() {}

  /** Promotes what can be: highest priority first, then the oldest. Returns the instances. */
  public static List<String> all(Cluster cluster) {
    AllocationTable table = cluster.allocations;
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < table.rows(); row++) {
      if (table.job[row] != null
          && table.labelOf(row) == Label.BORROWED
          && !cluster.leaves(table.id[row])
          && room(cluster, row) > 0) {
        rows.add(row);
      }
    }
    rows.sort(Demotions.keepFirst(cluster));
    List<String> promoted = new ArrayList<>();
    for (int row : rows) {
      if (room(cluster, row) > 0) {
        JobState job = table.job[row];
        table.setLabel(row, Label.GUARANTEED);
        int pool = cluster.hosts.pool[table.host[row]].index;
        job.group.relabel(job.each, pool, Label.BORROWED, Label.GUARANTEED);
        promoted.add(table.id[row]);
      }
    }
    return promoted;
  }

  private static long room(Cluster cluster, int row) {
    AllocationTable table = cluster.allocations;
    return new QuotaRoom(cluster).inGuarantee(table.job[row], cluster.hosts.pool[table.host[row]]);
  }
}
