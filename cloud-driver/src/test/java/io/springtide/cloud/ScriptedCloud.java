package io.springtide.cloud;

import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A cloud in memory that does as it is told, the nasty things included. */
final class ScriptedCloud {
  record Order(
      String token,
      String cluster,
      String pool,
      int count,
      Resources resources,
      Map<String, String> attributes) {}

  private final Map<String, Order> orders = new HashMap<>();
  private final Map<String, List<CloudHost>> brought = new HashMap<>();
  private final List<CloudHost> hosts = new ArrayList<>();
  private Order last;
  private int stock = Integer.MAX_VALUE;
  private Duration throttle = Duration.ZERO;
  private boolean loseAnswer;

  synchronized void stock(int count) {
    stock = count;
  }

  synchronized void throttleOnce(Duration retryAfter) {
    throttle = retryAfter;
  }

  synchronized void loseNextAnswer() {
    loseAnswer = true;
  }

  synchronized Order lastOrder() {
    return last;
  }

  /** Whether the answer just made is to be lost on its way; asked once per request. */
  synchronized boolean answerIsLost() {
    boolean lost = loseAnswer;
    loseAnswer = false;
    return lost;
  }

  synchronized List<CloudHost> order(Order order) throws CloudException {
    if (!throttle.isZero()) {
      Duration wait = throttle;
      throttle = Duration.ZERO;
      throw new CloudException(CloudException.Fault.THROTTLED, "slow down", wait, null);
    }
    Order same = orders.get(order.token());
    if (same != null) {
      if (!same.equals(order)) {
        throw new CloudException(CloudException.Fault.REFUSED, "another order's token", null);
      }
      return brought.get(order.token());
    }
    int count = Math.min(order.count(), stock);
    if (count == 0) {
      throw new CloudException(CloudException.Fault.OUT_OF_STOCK, "nothing left", null);
    }
    orders.put(order.token(), order);
    last = order;
    List<CloudHost> come = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      come.add(
          new CloudHost(
              "host-" + hosts.size(), order.pool(), order.token(), CloudHost.State.BOOTING));
      hosts.add(come.get(i));
    }
    brought.put(order.token(), List.copyOf(come));
    return List.copyOf(come);
  }

  synchronized List<CloudHost> list(String cluster) {
    return hosts.stream().filter(h -> orders.get(h.token()).cluster().equals(cluster)).toList();
  }

  /** False where there is no such host. */
  synchronized boolean release(String id) {
    return hosts.removeIf(h -> h.id().equals(id));
  }
}
