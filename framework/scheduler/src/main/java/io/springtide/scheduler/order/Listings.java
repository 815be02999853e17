package io.springtide.scheduler.order;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostTemplate;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Origin;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.CloudTrouble.Doing;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks clouds which hosts of ours they have: so what an order brought that was never answered is
 * found, what was given up and came after all too, and what is not there is given up (promise 6).
 * Every cloud is asked that may have any, whatever the pools say by now.
 */
public final class Listings {
  /** Listings in a row that must miss a host before we believe that it is not there. */
  private static final int MISSES = 3;

  /** The same, of a host whose agent is not known to be lost: it may speak up in the meantime. */
  private static final int MISSES_BESIDE_AN_AGENT = 8;

  /** Which clouds there are is looked at this often. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final State state;
  private final Releases releases;
  private final GoneHosts goneHosts;
  private final UnlistedHosts unlisted;
  private final Clouds clouds;
  private final Troubles troubles;
  private final CoreConfig.Times times;
  private final Map<Cloud, Instant> next = new HashMap<>();
  private final Map<String, Integer> misses = new HashMap<>();
  private Instant nextLook = Instant.MIN;

  public Listings(
      State state,
      Releases releases,
      GoneHosts goneHosts,
      UnlistedHosts unlisted,
      Clouds clouds,
      Troubles troubles,
      CoreConfig.Times times) {
    this.state = state;
    this.releases = releases;
    this.goneHosts = goneHosts;
    this.unlisted = unlisted;
    this.clouds = clouds;
    this.troubles = troubles;
    this.times = times;
  }

  public void sweep(Turn turn) {
    if (turn.now().isBefore(nextLook)) {
      return;
    }
    nextLook = turn.now().plus(LOOK);
    List<Cloud> all = clouds.all();
    next.keySet().retainAll(all);
    for (Cloud cloud : all) {
      if (!turn.now().isBefore(next.getOrDefault(cloud, Instant.MIN))) {
        next.put(cloud, turn.now().plus(times.clouds().listEvery()));
        turn.then(new Effect.ListHosts(cloud));
      }
    }
  }

  public void listed(Cloud cloud, List<HostListing> hosts, Turn turn) {
    HostTemplate template = clouds.template(cloud).orElse(null);
    if (template == null) {
      // Asked when it still could have some.
      return;
    }
    clouds.pools(cloud).forEach(pool -> troubles.over(pool, Doing.LIST));
    Set<String> seen = new HashSet<>();
    Map<Cloud, List<Gone>> back = new LinkedHashMap<>();
    for (HostListing host : hosts) {
      if (host.state() == HostListing.State.RELEASED) {
        continue;
      }
      seen.add(host.id());
      unlisted.listed(host.id());
      there(host, template, turn)
          .ifPresent(
              gone ->
                  back.computeIfAbsent(gone.origin().cloud(), c -> new ArrayList<>()).add(gone));
    }
    back.forEach((from, gone) -> releases.again(from, gone, turn));
    for (Host host : List.copyOf(state.hosts().values())) {
      if (host.origin().filter(origin -> origin.cloud().equals(cloud)).isPresent()) {
        look(host, seen.contains(host.id()), turn);
      }
    }
    misses.keySet().retainAll(state.hosts().keySet());
  }

  /** A host is there; returns it if it is to be given back though it is not in our books. */
  private Optional<Gone> there(HostListing host, HostTemplate template, Turn turn) {
    if (!Order.isOurs(host.token(), state.frameworkId())) {
      return Optional.empty();
    }
    Optional<Host> known = state.host(host.id());
    if (known.isPresent()) {
      if (!known.get().ordered()) {
        // Its agent did not name the order, but it was ordered, and must be given back.
        turn.put(known.get().with(origin(host, template)));
      }
      return Optional.empty();
    }
    Gone gone = state.gone().get(host.id());
    if (gone != null && !gone.givenBack() && goneHosts.welcome(gone.origin())) {
      turn.put(Host.ordered(host.id(), gone.origin(), turn.now()));
      return Optional.empty();
    }
    if (gone != null) {
      return Optional.of(gone);
    }
    if (state.orders().containsKey(host.token())) {
      // The answer to its order, still to come, settles it.
      return Optional.empty();
    }
    // Its order was answered, or given up, without it.
    return Optional.of(new Gone(host.id(), origin(host, template), false, turn.now()));
  }

  private static Origin origin(HostListing host, HostTemplate template) {
    return new Origin(host.token(), host.pool(), template);
  }

  /** One listing may be stale; several in a row, and no agent, and it is not there. */
  private void look(Host host, boolean seen, Turn turn) {
    boolean leaving = host.wish() == Wish.RELEASE && releases.notKnown(host.id());
    boolean silent = host.agent().isEmpty() || host.condition() == HostCondition.LOST;
    if (seen || state.hasInstances(host.id()) || !(silent || leaving)) {
      misses.remove(host.id());
    } else if (misses.merge(host.id(), 1, Integer::sum)
        >= (silent ? MISSES : MISSES_BESIDE_AN_AGENT)) {
      misses.remove(host.id());
      releases.forget(host, host.wish() == Wish.RELEASE, turn);
    }
  }

  /** Its agent makes offers: so it is there, whatever its cloud says. */
  public void heard(String host) {
    misses.remove(host);
  }
}
