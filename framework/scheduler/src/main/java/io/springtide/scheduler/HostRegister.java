package io.springtide.scheduler;

import io.springtide.partition.HostCondition;
import io.springtide.partition.Pool;
import io.springtide.partition.PoolKind;
import io.springtide.partition.PortRanges;
import io.springtide.partition.Resources;
import io.springtide.scheduler.Host.Wish;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Knows hosts by the offers of their agents, and decides at first sight which pool one is in. */
final class HostRegister {
  private final State state;
  private final CoreConfig config;
  private final Reconciler reconciler;

  HostRegister(State state, CoreConfig config, Reconciler reconciler) {
    this.state = state;
    this.config = config;
    this.reconciler = reconciler;
  }

  /**
   * The host that an offer is of, entered or brought up to date.
   *
   * @param held what we hold of the host already
   * @return empty if it belongs to no pool of ours
   */
  Optional<Host> seen(Offer offer, List<Offer> held, Turn turn) {
    Optional<Host> known = state.host(offer.hostId());
    if (known.isEmpty()) {
      Optional<Host> entered = enter(offer, turn);
      entered.ifPresent(turn::put);
      return entered;
    }
    Host host = known.get();
    if (!host.agentId().equals(offer.agentId())) {
      // A reboot, or the host's first sight. What the old agent had is settled by updates, not
      // here.
      state.instancesOn(host.id()).stream()
          .flatMap(instance -> instance.task().stream())
          .filter(task -> !task.agentId().equals(offer.agentId()))
          .forEach(task -> reconciler.doubt(task.ref(), turn));
      host = host.withAgentOf(offer, turn.now());
    } else {
      host = withoutLostWarden(measured(host, offer, held));
    }
    turn.put(host);
    return state.host(host.id());
  }

  private Optional<Host> enter(Offer offer, Turn turn) {
    String token = offer.attributes().getOrDefault(Offer.ORDER, "");
    Optional<String> ordered = Optional.ofNullable(state.orders().get(token)).map(Order::pool);
    return ordered
        .or(() -> selected(offer.attributes()))
        .map(
            pool ->
                new Host(
                    offer.hostId(),
                    pool,
                    HostCondition.INITIALISING,
                    Wish.SERVE,
                    offer.agentId(),
                    offer.hostname(),
                    offer.attributes(),
                    offer.resources(),
                    offer.ports(),
                    ordered.isPresent() ? token : "",
                    Optional.empty(),
                    0,
                    turn.now(),
                    turn.now(),
                    turn.now()));
  }

  /**
   * The pool whose selector matches, the one that names most attributes if several do. A pool of
   * hosts that were not ordered may leave its selector out: it takes what no other pool names. What
   * carries an order that we do not know is nobody's.
   */
  private Optional<String> selected(Map<String, String> attributes) {
    Pool best = null;
    for (State.Versioned<Pool> entry : state.pools().values()) {
      Pool pool = entry.value();
      boolean matches =
          pool.selector().isEmpty()
              ? pool.kind() != PoolKind.ON_DEMAND && !attributes.containsKey(Offer.ORDER)
              : attributes.entrySet().containsAll(pool.selector().entrySet());
      if (matches && (best == null || pool.selector().size() > best.selector().size())) {
        best = pool;
      }
    }
    return Optional.ofNullable(best).map(Pool::name);
  }

  /**
   * An agent does not say how much it has in all. While nothing of ours runs on it but perhaps its
   * executor, all is what it offers and what that takes.
   */
  private Host measured(Host host, Offer offer, List<Offer> held) {
    if (!state.isEmpty(host.id())) {
      return host;
    }
    Resources free = OfferBook.resources(held).plus(offer.resources());
    boolean executorLives = offer.executorIds().contains(config.executorId());
    Resources all = executorLives ? free.plus(config.overhead()) : free;
    PortRanges ports = OfferBook.ports(held).plus(offer.ports());
    if (host.capacity().covers(all)) {
      return host;
    }
    return host.withCapacity(all, ports);
  }

  /** An agent that makes offers is there: a warden that went with it is past. */
  private static Host withoutLostWarden(Host host) {
    boolean lost =
        host.warden()
            .map(Task::state)
            .filter(s -> s == TaskState.LOST || s == TaskState.GONE_BY_OPERATOR)
            .isPresent();
    return lost ? host.withWarden(Optional.empty(), host.wardenFailures(), host.notBefore()) : host;
  }
}
