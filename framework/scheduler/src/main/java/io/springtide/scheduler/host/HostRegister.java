package io.springtide.scheduler.host;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.order.GoneHosts;
import io.springtide.scheduler.order.Releases;
import io.springtide.scheduler.order.UnlistedHosts;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Origin;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.Reconciler;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.Turn;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Knows hosts by the offers of their agents, and decides at first sight which pool one is in. */
public final class HostRegister {
  private final State state;
  private final CoreConfig config;
  private final Reconciler reconciler;
  private final Releases releases;
  private final GoneHosts goneHosts;
  private final UnlistedHosts unlisted;
  private final AgentBook agents;
  private final Capacities capacities;

  public HostRegister(
      State state,
      CoreConfig config,
      Reconciler reconciler,
      Releases releases,
      GoneHosts goneHosts,
      UnlistedHosts unlisted,
      AgentBook agents) {
    this.state = state;
    this.config = config;
    this.reconciler = reconciler;
    this.releases = releases;
    this.goneHosts = goneHosts;
    this.unlisted = unlisted;
    this.agents = agents;
    capacities = new Capacities(state, config, agents);
  }

  /** The master has been asked about all agents. */
  public void reported(Turn turn) {
    unlisted.reported(agent -> agents.of(agent).isPresent());
    for (Host host : List.copyOf(state.hosts().values())) {
      turn.put(
          agents.of(host.agentId()).map(report -> capacities.reported(host, report)).orElse(host));
    }
  }

  /** Time passes: a machine's time to go has come, or it is over. */
  public void sweep(Turn turn) {
    capacities.sweep(turn);
    for (Host host : List.copyOf(state.hosts().values())) {
      boolean mayTurn =
          agents.maintenance(host).isPresent() || host.condition() == HostCondition.MAINTENANCE;
      if (mayTurn || host.condition() == HostCondition.DRAINING) {
        turn.put(host);
      }
    }
  }

  /**
   * The host that an offer is of, entered or brought up to date.
   *
   * @param held what we hold of the host already
   * @return empty if it belongs to no pool of ours
   */
  public Optional<Host> seen(Offer offer, List<Offer> held, Turn turn) {
    Optional<Host> known = state.host(offer.hostId());
    if (known.isEmpty()) {
      Optional<Host> entered = enter(offer, turn);
      entered.map(capacities::atFirst).ifPresent(turn::put);
      return state.host(offer.hostId());
    }
    Host host = known.get();
    if (!host.agentId().equals(offer.agentId())) {
      // A reboot, or the first offer of the host. Tasks of the old agent are settled by their
      // updates.
      state.instancesOn(host.id()).stream()
          .flatMap(instance -> instance.task().stream())
          .filter(task -> !task.agentId().equals(offer.agentId()))
          .forEach(task -> reconciler.doubt(task.ref(), turn));
      host = capacities.atFirst(host.withAgentOf(offer, turn.now()));
    } else {
      host = withoutLostWarden(capacities.measured(host, offer, held, turn.now()));
    }
    turn.put(host);
    return state.host(host.id());
  }

  private Optional<Host> enter(Offer offer, Turn turn) {
    Gone gone = state.gone().get(offer.hostId());
    if (gone != null) {
      return back(gone, offer, turn);
    }
    String token = offer.attributes().getOrDefault(Offer.ORDER, "");
    Order order = state.orders().get(token);
    if (order != null) {
      return Optional.of(Host.seen(offer, order.pool(), Optional.of(order.origin()), turn.now()));
    }
    if (Order.isOurs(token, state.frameworkId())) {
      // We ordered it and do not know where: the listing of its cloud will say, and give it back.
      unlisted.declined(offer, false, turn.now());
      return Optional.empty();
    }
    return selected(offer.attributes())
        .map(pool -> Host.seen(offer, pool, Optional.empty(), turn.now()));
  }

  /** A host that went makes an offer. Whoever was only given up is taken in as it was ordered. */
  private Optional<Host> back(Gone gone, Offer offer, Turn turn) {
    Origin origin = gone.origin();
    if (!gone.givenBack() && goneHosts.welcome(origin)) {
      return Optional.of(Host.seen(offer, origin.pool(), Optional.of(origin), turn.now()));
    }
    if (gone.givenBack()) {
      goneHosts.heardOf(gone, true, turn);
      unlisted.declined(offer, true, turn.now());
    } else {
      releases.again(origin.cloud(), List.of(gone), turn);
    }
    return Optional.empty();
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

  /** An agent that offers is alive: a warden lost with its predecessor is no reason to wait. */
  private static Host withoutLostWarden(Host host) {
    boolean lost =
        host.warden()
            .map(Task::state)
            .filter(s -> s == TaskState.LOST || s == TaskState.GONE_BY_OPERATOR)
            .isPresent();
    return lost ? host.with(host.seat().vacated()) : host;
  }
}
