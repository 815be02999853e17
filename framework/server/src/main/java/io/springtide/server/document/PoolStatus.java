package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.OrderView;
import io.springtide.scheduler.view.ClusterView.PoolView;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How pools are: their hosts, what is on order, and what their clouds did not do. */
public final class PoolStatus {
  private static final class Counts {
    int hosts;
    int ready;
    int ordered;
  }

  private final Map<String, Counts> pools = new HashMap<>();

  private PoolStatus() {}

  /** Counts once, for as many pools as are shown. */
  public static PoolStatus of(ClusterView view) {
    PoolStatus status = new PoolStatus();
    Map<String, Integer> arrived = new HashMap<>();
    for (HostView one : view.hosts().values()) {
      Counts counts = status.counts(one.host().pool());
      counts.hosts++;
      counts.ready += one.host().condition() == HostCondition.READY ? 1 : 0;
      arrived.merge(one.host().order(), 1, Integer::sum);
    }
    for (OrderView one : view.orders().values()) {
      Order order = one.order();
      int there = arrived.getOrDefault(order.token(), 0);
      status.counts(order.pool()).ordered += Math.max(0, order.count() - there);
    }
    return status;
  }

  private Counts counts(String pool) {
    return pools.computeIfAbsent(pool, name -> new Counts());
  }

  /** The pool's document, with its status. */
  public ObjectNode document(PoolView view) {
    ObjectNode node = ReadDocuments.pool(view);
    Counts counts = counts(view.pool().name());
    ObjectNode status = node.putObject("status");
    status.put("hosts", counts.hosts);
    status.put("ready", counts.ready);
    status.put("ordered", counts.ordered);
    if (!view.troubles().isEmpty()) {
      status.set("troubles", troubles(view.troubles()));
    }
    return node;
  }

  /** What clouds did not do when they were last asked. */
  public static ArrayNode troubles(List<CloudTrouble> troubles) {
    ArrayNode list = Documents.mapper().createArrayNode();
    for (CloudTrouble trouble : troubles) {
      ObjectNode node = list.addObject();
      node.put("doing", Fields.word(trouble.doing()));
      node.put("kind", Fields.word(trouble.kind()));
      node.put("message", trouble.message());
      node.put("at", trouble.at().toString());
      trouble.until().ifPresent(until -> node.put("until", until.toString()));
    }
    return list;
  }
}
