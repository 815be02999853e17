package io.springtide.scheduler;

import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.HostListing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Clouds that keep their word: one token is one order, a host is given back once it is told to the
 * cloud that it came from. Their listings may be old, their stock may run out, and they know
 * nothing of each other's hosts.
 */
final class WorldClouds {
  record Machine(String id, String pool, String token, Cloud cloud, boolean there) {}

  private final Map<String, List<String>> orders = new TreeMap<>();
  private final Map<String, Machine> machines = new TreeMap<>();
  private final Map<Cloud, List<HostListing>> lastListing = new HashMap<>();
  private final Set<String> booted = new HashSet<>();
  private int count;
  private int old;
  private int stock = Integer.MAX_VALUE;

  /** So many listings from now on are old ones. */
  void listFromMemory(int listings) {
    old = listings;
  }

  /** So many hosts can be had; each that is sold is one less. */
  void stock(int hosts) {
    stock = hosts;
  }

  Event order(Effect.OrderHosts order) {
    if (!orders.containsKey(order.token())) {
      int sold = Math.min(stock, order.count());
      if (sold == 0) {
        return new Event.OrderRefused(order.token(), CloudTrouble.Kind.OUT_OF_STOCK, "sold out");
      }
      stock -= stock == Integer.MAX_VALUE ? 0 : sold;
      List<String> brought = new ArrayList<>();
      for (int i = 0; i < sold; i++) {
        Cloud cloud = Cloud.of(order.template());
        Machine next = new Machine("c" + ++count, order.pool(), order.token(), cloud, true);
        machines.put(next.id(), next);
        brought.add(next.id());
      }
      orders.put(order.token(), brought);
    }
    return new Event.HostsOrdered(
        order.token(), orders.get(order.token()).stream().map(id -> host(id)).toList());
  }

  Event list(Cloud cloud) {
    List<HostListing> all =
        machines.values().stream()
            .filter(machine -> machine.cloud().equals(cloud))
            .map(machine -> host(machine.id()))
            .toList();
    if (old > 0) {
      old--;
      return new Event.HostsListed(cloud, lastListing.getOrDefault(cloud, List.of()));
    }
    lastListing.put(cloud, all);
    return new Event.HostsListed(cloud, all);
  }

  Event release(Effect.ReleaseHosts release) {
    List<String> known = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (String id : release.ids()) {
      Machine machine = machines.get(id);
      if (machine != null && machine.cloud().equals(release.cloud())) {
        machines.put(id, new Machine(id, machine.pool(), machine.token(), machine.cloud(), false));
        known.add(id);
      } else {
        unknown.add(id);
      }
    }
    return new Event.HostsReleased(release.cloud(), known, unknown);
  }

  /** The machines whose agents come up now. */
  List<Machine> boot() {
    return machines.values().stream()
        .filter(machine -> machine.there() && booted.add(machine.id()))
        .toList();
  }

  /** What is paid for. */
  List<Machine> there() {
    return machines.values().stream().filter(Machine::there).toList();
  }

  Optional<Machine> machine(String id) {
    return Optional.ofNullable(machines.get(id));
  }

  private HostListing host(String id) {
    Machine machine = machines.get(id);
    HostListing.State state =
        !machine.there()
            ? HostListing.State.RELEASED
            : booted.contains(id) ? HostListing.State.RUNNING : HostListing.State.BOOTING;
    return new HostListing(id, machine.pool(), machine.token(), state);
  }
}
