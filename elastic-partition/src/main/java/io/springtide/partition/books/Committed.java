package io.springtide.partition.books;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.Resources;

/** What a pool has, or will have by its minimum, for guarantees. */
public final class Committed {
  private final Cluster cluster;

  public Committed(Cluster cluster) {
    this.cluster = cluster;
  }

  /**
   * What the hosts of {@code pool} come to under {@code document}, hosts that are lost included.
   */
  public Resources in(PoolState pool, Pool document) {
    long[] sum = new long[cluster.dimensions.count()];
    long[] largest = new long[sum.length];
    int hosts = 0;
    for (int m = 0; m < pool.size; m++) {
      HostSpec host = cluster.hosts.spec[pool.members[m]];
      if (host.condition() != HostCondition.RELEASED) {
        long[] usable = cluster.hosts.usable(host);
        for (int d = 0; d < usable.length; d++) {
          sum[d] += usable[d];
          largest[d] = Math.max(largest[d], usable[d]);
        }
        hosts++;
      }
    }
    int missing = Math.max(0, document.minHosts() - hosts);
    long[] typical =
        document.template().map(t -> cluster.dimensions.vector(t.resources())).orElse(largest);
    long[] all = new long[cluster.dimensions.count()];
    for (int d = 0; d < all.length; d++) {
      long own = Dimensions.at(sum, d) + Dimensions.at(typical, d) * missing;
      Long shared = document.shared().get(cluster.dimensions.name(d));
      all[d] = Math.min(shared == null ? own : shared, Resources.MAX_AMOUNT);
    }
    return cluster.dimensions.resources(all);
  }
}
