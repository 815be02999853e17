package io.springtide.scheduler;

import io.springtide.partition.HostCondition;
import io.springtide.partition.HostOrder;
import io.springtide.partition.HostTemplate;
import io.springtide.partition.Pool;
import io.springtide.scheduler.Host.Wish;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Brings hosts and gives them back. Each order and each release is durable before it is sent, and
 * sent again with the same token until it is answered; so every host that we ordered is accounted
 * for, and nothing is released that we did not order (promise 6).
 */
final class Growth {
  /** Listings in a row that must miss a host before we believe that it never came. */
  private static final int MISSES = 3;

  private static final String ORDERS = "orders";

  private record Try(int tries, Instant next) {}

  private final State state;
  private final Ledger ledger;
  private final CoreConfig.Times times;
  private final Map<String, Try> orderTries = new HashMap<>();
  private final Map<String, Try> releaseTries = new HashMap<>();
  private final Map<String, Instant> nextListing = new HashMap<>();
  private final Map<String, Integer> misses = new HashMap<>();
  private Instant nextLook = Instant.MIN;
  private Instant connectedSince = Instant.MAX;

  Growth(State state, Ledger ledger, CoreConfig.Times times) {
    this.state = state;
    this.ledger = ledger;
    this.times = times;
  }

  void subscribed(Instant now) {
    connectedSince = now;
  }

  void disconnected() {
    connectedSince = Instant.MAX;
  }

  void sweep(Turn turn) {
    if (!connectedSince.equals(Instant.MAX)) {
      if (!turn.now().isBefore(nextLook)) {
        nextLook = turn.now().plus(times.growEvery());
        grow(turn);
        shrink(turn);
      }
      giveUpOnHosts(turn);
    }
    repeatOrders(turn);
    release(turn);
    list(turn);
  }

  private void grow(Turn turn) {
    for (HostOrder wanted : ledger.growth(state.waiting(), turn.now())) {
      Optional<HostTemplate> template = template(wanted.pool());
      if (template.isEmpty()) {
        continue;
      }
      Order order =
          new Order(
              state.frameworkId() + "-" + turn.next(ORDERS),
              wanted.pool(),
              template.get(),
              wanted.count(),
              turn.now());
      turn.put(order);
      send(order, turn);
    }
  }

  /**
   * Hosts that nobody needs, and hosts whose work fits on others: that moves there as it does off
   * any host that is to be empty, no faster than its disruption budget.
   */
  private void shrink(Turn turn) {
    ledger.idle(turn.now()).forEach(id -> giveBack(id, turn));
    ledger.consolidate(state.waiting(), turn.now()).forEach(drain -> giveBack(drain.host(), turn));
  }

  private void giveBack(String id, Turn turn) {
    state
        .host(id)
        .filter(host -> host.ordered() && host.wish() == Wish.SERVE)
        .ifPresent(host -> turn.put(host.with(Wish.RELEASE)));
  }

  /** Hosts that do not come, and hosts that do not come back. */
  private void giveUpOnHosts(Turn turn) {
    for (Host host : List.copyOf(state.hosts().values())) {
      if (!host.ordered() || host.wish() == Wish.RELEASE) {
        continue;
      }
      // Without a master a host could neither join nor come back.
      Instant since = host.since().isAfter(connectedSince) ? host.since() : connectedSince;
      Duration in = Duration.between(since, turn.now());
      boolean neverUp =
          (host.condition() == HostCondition.PROVISIONING
                  || host.condition() == HostCondition.INITIALISING)
              && state.isEmpty(host.id())
              && in.compareTo(times.bootWithin()) >= 0;
      boolean lost =
          host.condition() == HostCondition.LOST
              && state.isEmpty(host.id())
              && in.compareTo(times.lostAfter()) >= 0;
      if (neverUp || lost) {
        turn.put(host.with(Wish.RELEASE));
      }
    }
  }

  void ordered(String token, List<CloudHost> hosts, Turn turn) {
    Order order = state.orders().get(token);
    if (order == null) {
      // Answered before, and acted on then.
      return;
    }
    turn.removeOrder(order);
    orderTries.remove(token);
    for (CloudHost host : hosts) {
      if (state.host(host.id()).isEmpty() && host.state() != CloudHost.State.RELEASED) {
        turn.put(Host.ordered(host.id(), order.pool(), token, order.template(), turn.now()));
      }
    }
    if (hosts.size() < order.count()) {
      ledger.outOfStock(order.pool(), turn.now());
    } else {
      ledger.inStock(order.pool());
    }
  }

  void refused(String token, Turn turn) {
    Order order = state.orders().get(token);
    if (order != null) {
      turn.removeOrder(order);
      orderTries.remove(token);
      // Out of stock or refused for good: either way, asking again at once helps nobody.
      ledger.outOfStock(order.pool(), turn.now());
    }
  }

  void listed(String pool, List<CloudHost> hosts, Turn turn) {
    Set<String> seen = new HashSet<>();
    for (CloudHost host : hosts) {
      if (host.state() == CloudHost.State.RELEASED) {
        continue;
      }
      seen.add(host.id());
      boolean ours = host.token().startsWith(state.frameworkId() + "-");
      boolean unclaimed =
          state.host(host.id()).isEmpty() && !state.orders().containsKey(host.token());
      if (ours && unclaimed && !state.frameworkId().isEmpty()) {
        // Its order was answered, or given up, without it.
        template(pool)
            .map(
                template ->
                    Host.ordered(host.id(), pool, host.token(), template, turn.now())
                        .with(Wish.RELEASE))
            .ifPresent(turn::put);
      }
    }
    for (Host host : List.copyOf(state.hosts().values())) {
      boolean awaited = host.pool().equals(pool) && host.ordered() && host.agentId().isEmpty();
      if (!awaited || seen.contains(host.id())) {
        misses.remove(host.id());
      } else if (misses.merge(host.id(), 1, Integer::sum) >= MISSES) {
        // One listing may be stale; several in a row, and no agent, and it is not there.
        forget(host.id(), turn);
      }
    }
  }

  void released(List<String> ids, Turn turn) {
    for (String id : ids) {
      if (state.host(id).filter(host -> host.wish() == Wish.RELEASE).isPresent()) {
        forget(id, turn);
      }
    }
  }

  private void forget(String id, Turn turn) {
    turn.removeHost(id);
    releaseTries.remove(id);
    misses.remove(id);
  }

  private void repeatOrders(Turn turn) {
    for (Order order : List.copyOf(state.orders().values())) {
      Try last = orderTries.get(order.token());
      if (last == null || !turn.now().isBefore(last.next())) {
        send(order, turn);
      }
    }
  }

  private void send(Order order, Turn turn) {
    turn.then(new Effect.OrderHosts(order.token(), order.pool(), order.template(), order.count()));
    orderTries.merge(order.token(), next(0, turn), (old, first) -> next(old.tries(), turn));
  }

  /** Gives back the hosts that are to go and on which nothing is left. */
  private void release(Turn turn) {
    SortedMap<String, List<String>> byPool = new TreeMap<>();
    for (Host host : state.hosts().values()) {
      if (host.wish() != Wish.RELEASE || !state.isEmpty(host.id())) {
        continue;
      }
      Try last = releaseTries.get(host.id());
      if (last == null || !turn.now().isBefore(last.next())) {
        byPool.computeIfAbsent(host.pool(), pool -> new ArrayList<>()).add(host.id());
        releaseTries.merge(host.id(), next(0, turn), (old, first) -> next(old.tries(), turn));
      }
    }
    byPool.forEach(
        (pool, ids) ->
            template(pool)
                .ifPresent(template -> turn.then(new Effect.ReleaseHosts(pool, template, ids))));
  }

  private void list(Turn turn) {
    for (State.Versioned<Pool> pool : state.pools().values()) {
      String name = pool.value().name();
      if (pool.value().template().isPresent()
          && !turn.now().isBefore(nextListing.getOrDefault(name, Instant.MIN))) {
        nextListing.put(name, turn.now().plus(times.listEvery()));
        turn.then(new Effect.ListHosts(name, pool.value().template().get()));
      }
    }
  }

  private Try next(int tries, Turn turn) {
    Duration wait = Durations.doubled(times.orderAgain(), tries, times.orderAgainMost());
    return new Try(tries + 1, turn.now().plus(wait));
  }

  private Optional<HostTemplate> template(String pool) {
    return state.pool(pool).flatMap(Pool::template);
  }
}
