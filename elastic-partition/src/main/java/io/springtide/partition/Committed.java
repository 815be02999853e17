package io.springtide.partition;

/** What a pool has, or will have by its minimum, for guarantees. */
final class Committed {
  private final Cluster cluster;

  Committed(Cluster cluster) {
    this.cluster = cluster;
  }

  /**
   * What the hosts of {@code pool} come to under {@code document}, hosts that are lost included.
   */
  Resources in(PoolState pool, Pool document) {
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
