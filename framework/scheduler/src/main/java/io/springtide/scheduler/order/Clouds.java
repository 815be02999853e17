package io.springtide.scheduler.order;

import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.Cloud;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The clouds that may have hosts of ours: not only those that pools name today, but wherever we
 * ordered what is not known to be gone (promise 6).
 */
public final class Clouds {
  /** By their text, so that clouds are always asked in the same order. */
  private static final Comparator<Cloud> ORDER =
      Comparator.comparing(Cloud::driver).thenComparing(cloud -> cloud.settings().toString());

  private final State state;

  public Clouds(State state) {
    this.state = state;
  }

  /** All of them, in order. */
  List<Cloud> all() {
    return templates().keySet().stream().sorted(ORDER).toList();
  }

  /** A template whose hosts come from that cloud; empty if it can have none of ours. */
  Optional<HostTemplate> template(Cloud cloud) {
    return Optional.ofNullable(templates().get(cloud));
  }

  /** The pools that order from that cloud, or have hosts or orders there. */
  public SortedSet<String> pools(Cloud cloud) {
    SortedSet<String> pools = new TreeSet<>();
    for (State.Versioned<Pool> pool : state.pools().values()) {
      if (pool.value().template().filter(its -> Cloud.of(its).equals(cloud)).isPresent()) {
        pools.add(pool.value().name());
      }
    }
    state.orders().values().stream()
        .map(Order::origin)
        .filter(origin -> origin.cloud().equals(cloud))
        .forEach(origin -> pools.add(origin.pool()));
    state.hosts().values().stream()
        .filter(host -> host.origin().filter(its -> its.cloud().equals(cloud)).isPresent())
        .forEach(host -> pools.add(host.pool()));
    return pools;
  }

  private Map<Cloud, HostTemplate> templates() {
    Map<Cloud, HostTemplate> templates = new LinkedHashMap<>();
    state
        .pools()
        .values()
        .forEach(pool -> pool.value().template().ifPresent(its -> add(its, templates)));
    state.orders().values().forEach(order -> add(order.template(), templates));
    state
        .hosts()
        .values()
        .forEach(host -> host.origin().ifPresent(its -> add(its.template(), templates)));
    state.gone().values().forEach(gone -> add(gone.origin().template(), templates));
    return templates;
  }

  private static void add(HostTemplate template, Map<Cloud, HostTemplate> to) {
    to.putIfAbsent(Cloud.of(template), template);
  }
}
