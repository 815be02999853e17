package io.springtide.scheduler.host;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.OfferBook;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * How much a host has in all: what the master says of its agent or, where it says nothing, what is
 * offered together with what we know to be in use. Never less than what runs there, so that no more
 * is in use than a host has (promise 3).
 */
final class Capacities {
  /**
   * An offer may come before the update that freed its room, and both would be counted. An update
   * that nobody acknowledged comes again within this time.
   */
  private static final Duration SETTLED = Duration.ofSeconds(12);

  private final State state;
  private final CoreConfig config;
  private final AgentBook agents;
  private final Map<String, Grown> grown = new TreeMap<>();

  /** What a host with work seems to have, if all that ran there at {@code since} still does. */
  private record Grown(Resources all, PortRanges ports, List<String> tasks, Instant since) {}

  Capacities(State state, CoreConfig config, AgentBook agents) {
    this.state = state;
    this.config = config;
    this.agents = agents;
  }

  /** The host as large as the master says that its agent is. */
  Host reported(Host host, AgentReport report) {
    Resources all = largerOf(report.total(), inUse(host));
    return host.capacity().equals(all) && host.ports().equals(report.ports())
        ? host
        : sized(host, all, report.ports());
  }

  /** A host whose agent has just made its first offer. */
  Host atFirst(Host host) {
    return agents.of(host.agentId()).map(report -> reported(host, report)).orElse(host);
  }

  /**
   * A host whose agent makes another offer. While the master says nothing of it and nothing of ours
   * runs there, all is what it offers and what its executor takes; while something does, that and
   * what it takes, once nothing has changed for a while.
   */
  Host measured(Host host, Offer offer, List<Offer> held, Instant now) {
    if (agents.of(host.agentId()).isPresent()) {
      return host;
    }
    boolean executorLives = offer.executorIds().contains(config.executorId());
    Resources all = OfferBook.resources(held).plus(offer.resources());
    all = all.plus(executorLives ? config.overhead() : Resources.ZERO).plus(running(host));
    PortRanges ports = OfferBook.ports(held).plus(offer.ports());
    if (host.capacity().covers(all)) {
      grown.remove(host.id());
      return host;
    }
    if (state.isEmpty(host.id())) {
      return sized(host, all, ports);
    }
    PortRanges allPorts = host.ports().plus(ports.minus(host.ports()));
    Resources most = largerOf(host.capacity(), all);
    grown.put(host.id(), new Grown(most, allPorts, tasks(host), now));
    return host;
  }

  /** Time passes: what has grown under its work is believed when that has not changed since. */
  void sweep(Turn turn) {
    grown
        .entrySet()
        .removeIf(
            entry -> {
              Grown what = entry.getValue();
              Host host = state.host(entry.getKey()).orElse(null);
              if (host == null || !what.tasks().equals(tasks(host))) {
                return true;
              }
              if (turn.now().isBefore(what.since().plus(SETTLED))) {
                return false;
              }
              turn.put(sized(host, what.all(), what.ports()));
              return true;
            });
  }

  private List<String> tasks(Host host) {
    return state.instancesOn(host.id()).stream()
        .flatMap(instance -> instance.task().stream())
        .map(task -> task.id() + " " + task.state())
        .toList();
  }

  /** What executor, warden and instances take, and what lost executors may have left. */
  private Resources inUse(Host host) {
    Resources booked = booked(host, instance -> true);
    for (Remains remains : state.remainsOn(host.id())) {
      booked = booked.plus(remains.size());
    }
    boolean used = host.warden().isPresent() || !state.isEmpty(host.id());
    return used ? booked.plus(config.overhead()) : booked;
  }

  /** What Mesos does not offer since instances have it: not the room of those that lost theirs. */
  private Resources running(Host host) {
    return booked(host, instance -> instance.state().hasTask());
  }

  private Resources booked(Host host, Predicate<Instance> which) {
    Resources booked = Resources.ZERO;
    for (Instance instance : state.instancesOn(host.id())) {
      if (which.test(instance)) {
        Job job = state.job(instance.job()).orElseThrow();
        long revision = instance.task().orElseThrow().revision();
        booked = booked.plus(job.specOf(revision).orElse(job.spec()).resources());
      }
    }
    return booked;
  }

  private static Host sized(Host host, Resources all, PortRanges ports) {
    return host.with(host.agent().orElseThrow().with(all, ports));
  }

  private static Resources largerOf(Resources one, Resources other) {
    return one.plus(other.minusOrZero(one));
  }
}
