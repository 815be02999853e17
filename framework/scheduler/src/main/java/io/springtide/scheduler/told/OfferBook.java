package io.springtide.scheduler.told;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The offers that we hold. An offer leaves the book in the moment it is used, declined, rescinded
 * or void, so it is used once at most and never after its rescind (promise 3).
 */
public final class OfferBook {
  /** An offer and when it goes back. */
  record Held(Offer offer, Instant until) {}

  private final Map<String, Held> byId = new LinkedHashMap<>();
  private final NavigableMap<String, Set<String>> byHost = new TreeMap<>();
  private final NavigableMap<Instant, Set<String>> byEnd = new TreeMap<>();

  /** Offers that others could use; few, where hosts are reserved to us. */
  private final NavigableMap<String, Set<String>> lendable = new TreeMap<>();

  public void hold(Offer offer, Instant until) {
    take(offer.id());
    byId.put(offer.id(), new Held(offer, until));
    byEnd.computeIfAbsent(until, end -> new TreeSet<>()).add(offer.id());
    byHost.computeIfAbsent(offer.hostId(), host -> new TreeSet<>()).add(offer.id());
    if (offer.ofUseToOthers()) {
      lendable.computeIfAbsent(offer.hostId(), host -> new TreeSet<>()).add(offer.id());
    }
  }

  /** Takes one offer out of the book. */
  public Optional<Offer> take(String id) {
    Held held = byId.remove(id);
    if (held == null) {
      return Optional.empty();
    }
    remove(byHost, held.offer().hostId(), id);
    remove(lendable, held.offer().hostId(), id);
    remove(byEnd, held.until(), id);
    return Optional.of(held.offer());
  }

  private static <K> void remove(Map<K, Set<String>> index, K key, String id) {
    index.computeIfPresent(
        key,
        (k, ids) -> {
          ids.remove(id);
          return ids.isEmpty() ? null : ids;
        });
  }

  /** Takes all offers of a host out of the book. */
  public List<Offer> takeAll(String host) {
    return on(host).stream().map(offer -> take(offer.id()).orElseThrow()).toList();
  }

  public List<Offer> on(String host) {
    List<Offer> all = new ArrayList<>();
    for (String id : byHost.getOrDefault(host, Set.of())) {
      all.add(byId.get(id).offer());
    }
    return all;
  }

  public boolean hasRoomOn(String host) {
    return byHost.containsKey(host);
  }

  /** The hosts that we hold offers of, in order. */
  public Set<String> hosts() {
    return new TreeSet<>(byHost.keySet());
  }

  /** The hosts of which we hold what others could use, in order. */
  public Set<String> hostsOfUseToOthers() {
    return new TreeSet<>(lendable.keySet());
  }

  public List<Offer> heldTooLong(Instant now) {
    return byEnd.headMap(now, true).values().stream()
        .flatMap(Set::stream)
        .map(id -> byId.get(id).offer())
        .toList();
  }

  public boolean isEmpty() {
    return byId.isEmpty();
  }

  public void clear() {
    byId.clear();
    byHost.clear();
    byEnd.clear();
    lendable.clear();
  }

  public static Resources resources(List<Offer> offers) {
    return offers.stream().map(Offer::resources).reduce(Resources.ZERO, Resources::plus);
  }

  public static PortRanges ports(List<Offer> offers) {
    return offers.stream().map(Offer::ports).reduce(PortRanges.NONE, PortRanges::plus);
  }
}
