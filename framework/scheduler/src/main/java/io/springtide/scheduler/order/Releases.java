package io.springtide.scheduler.order;

import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.round.Round;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.CloudTrouble.Doing;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives hosts back, each to the cloud that it came from. A release is durable before it is sent,
 * and sent again until it is answered; nothing is released that we did not order (promise 6).
 */
public final class Releases {
  /** The most hosts of one release: a cloud may take a while for each. */
  static final int MOST_HOSTS = 100;

  private final State state;
  private final Round round;
  private final GoneHosts goneHosts;
  private final Clouds clouds;
  private final Troubles troubles;
  private final CoreConfig.Times times;
  private final Repeats repeats;

  /** Released hosts that their cloud does not know: its listings say whether they are gone. */
  private final Set<String> unknown = new HashSet<>();

  private Instant connectedSince = Instant.MAX;

  public Releases(
      State state,
      Round round,
      GoneHosts goneHosts,
      Clouds clouds,
      Troubles troubles,
      CoreConfig.Times times) {
    this.state = state;
    this.round = round;
    this.goneHosts = goneHosts;
    this.clouds = clouds;
    this.troubles = troubles;
    this.times = times;
    repeats = new Repeats(times.clouds().order());
  }

  public void subscribed(Instant now) {
    connectedSince = now;
  }

  public void disconnected() {
    connectedSince = Instant.MAX;
  }

  /**
   * @param looks whether to look for hosts to give back
   */
  public void sweep(boolean looks, Turn turn) {
    if (looks) {
      round.shrink(turn.now(), host -> turn.put(host.with(Wish.RELEASE)));
    }
    if (!connectedSince.equals(Instant.MAX)) {
      giveUpOnHosts(turn);
    }
    release(turn);
  }

  /** Hosts that do not come up, and lost hosts that do not come back. */
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
              && !state.hasInstances(host.id())
              && in.compareTo(times.hosts().bootWithin()) >= 0;
      boolean lost =
          host.condition() == HostCondition.LOST
              && !state.hasInstances(host.id())
              && in.compareTo(times.hosts().lostAfter()) >= 0;
      if (neverUp || lost) {
        turn.put(host.with(Wish.RELEASE));
      }
    }
  }

  /** Gives back the hosts that are to go and on which nothing is left. */
  private void release(Turn turn) {
    Map<Cloud, List<String>> byCloud = new LinkedHashMap<>();
    for (Host host : state.hosts().values()) {
      if (host.wish() == Wish.RELEASE
          && host.ordered()
          && isLeft(host, turn.now())
          && repeats.due(host.id(), turn.now())) {
        Cloud cloud = host.origin().orElseThrow().cloud();
        byCloud.computeIfAbsent(cloud, c -> new ArrayList<>()).add(host.id());
        repeats.sent(host.id(), turn.now());
      }
    }
    byCloud.forEach((cloud, ids) -> send(cloud, ids, turn));
  }

  /**
   * Whether nothing is left there. Remains are waited for while the host can have a warden that
   * removes them; after that they end with the host, which is not paid for longer because of them.
   */
  private boolean isLeft(Host host, Instant now) {
    return !state.hasInstances(host.id())
        && state.remainsOn(host.id()).stream()
            .allMatch(
                remains ->
                    host.condition() == HostCondition.LOST || isGivenUp(remains.since(), now));
  }

  /** Without a master no warden could have come, or said anything. */
  private boolean isGivenUp(Instant remainsSince, Instant now) {
    return !connectedSince.equals(Instant.MAX)
        && !now.isBefore(remainsSince.plus(times.hosts().lostAfter()))
        && !now.isBefore(connectedSince.plus(times.hosts().lostAfter()));
  }

  /** Hosts that are not in our books and are to be gone are still there. */
  public void again(Cloud cloud, List<Gone> hosts, Turn turn) {
    hosts.forEach(gone -> goneHosts.heardOf(gone, true, turn));
    send(cloud, hosts.stream().map(Gone::id).toList(), turn);
  }

  private static void send(Cloud cloud, List<String> ids, Turn turn) {
    for (int from = 0; from < ids.size(); from += MOST_HOSTS) {
      List<String> some = ids.subList(from, Math.min(ids.size(), from + MOST_HOSTS));
      turn.then(new Effect.ReleaseHosts(cloud, some));
    }
  }

  public void released(Cloud cloud, List<String> ids, List<String> notKnown, Turn turn) {
    // First, since a cloud is unknown once the last of its hosts is forgotten.
    clouds.pools(cloud).forEach(pool -> troubles.over(pool, Doing.RELEASE));
    for (String id : ids) {
      leaving(id).ifPresent(host -> forget(host, true, turn));
    }
    notKnown.forEach(id -> leaving(id).ifPresent(host -> unknown.add(id)));
  }

  private Optional<Host> leaving(String id) {
    return state.host(id).filter(host -> host.wish() == Wish.RELEASE);
  }

  /** Whether its cloud has been told to take it back, and said that it does not know it. */
  boolean notKnown(String id) {
    return unknown.contains(id);
  }

  /**
   * It is not there any more.
   *
   * @param givenBack whether it is to be gone; if not it is welcome should it come after all
   */
  void forget(Host host, boolean givenBack, Turn turn) {
    goneHosts.remember(host, givenBack, turn);
    repeats.forget(host.id());
    unknown.remove(host.id());
  }
}
