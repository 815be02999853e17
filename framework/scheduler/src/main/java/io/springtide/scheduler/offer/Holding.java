package io.springtide.scheduler.offer;

import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.task.Wardens;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.OfferBook;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which offers are worth holding. What is reserved to us is of use to nobody else, and is kept for
 * work that may come. What others could have is kept only for what waits already: for an instance
 * that returns there, or that will find its place there once the host is ready or what ends there
 * has ended. What serves at once is used in the same round and never asked about here.
 */
public final class Holding {
  /**
   * The room of a task that ended comes with Mesos' next allocation; what was held for it goes
   * then.
   */
  private static final Duration AFTER_END = Duration.ofSeconds(2);

  private final State state;
  private final Ledger ledger;
  private final OfferBook book;
  private final Wardens wardens;
  private final CoreConfig.Times times;
  private final Map<String, Instant> keptUntil = new HashMap<>();

  public Holding(
      State state, Ledger ledger, OfferBook book, Wardens wardens, CoreConfig.Times times) {
    this.state = state;
    this.ledger = ledger;
    this.book = book;
    this.wardens = wardens;
    this.times = times;
  }

  /**
   * Takes out of the book what is not worth holding; asked when all that is held has been matched.
   *
   * @return by how long it is not wanted back
   */
  SortedMap<Duration, List<Offer>> spare(Turn turn) {
    SortedMap<Duration, List<Offer>> spare = new TreeMap<>();
    for (String id : book.hostsOfUseToOthers()) {
      List<Offer> offers = book.on(id);
      Host host = state.host(id).orElse(null);
      if (host != null && worth(host, OfferBook.resources(offers))) {
        keptUntil.put(id, turn.now().plus(AFTER_END));
        continue;
      }
      if (turn.now().isBefore(keptUntil.getOrDefault(id, Instant.MIN))
          && !state.waitingVersions().isEmpty()) {
        continue;
      }
      keptUntil.remove(id);
      for (Offer offer : offers) {
        if (offer.ofUseToOthers()) {
          book.take(offer.id());
          spare.computeIfAbsent(filter(host, turn), f -> new ArrayList<>()).add(offer);
        }
      }
    }
    return spare;
  }

  /** Whether what is free on a host, and could be others', is of use to what waits. */
  boolean worth(Host host, Resources free) {
    if (!state.returningTo(host.id()).isEmpty()) {
      return true;
    }
    return host.wish() == Host.Wish.SERVE
        && ledger.willServe(host.id(), free, state.waitingVersions());
  }

  /** A warden that is to wait is tried again as soon as its wait is over. */
  private Duration filter(Host host, Turn turn) {
    if (host != null && wardens.wanted(host) && host.seat().notBefore().isAfter(turn.now())) {
      return Duration.between(turn.now(), host.seat().notBefore());
    }
    return times.offers().uselessFilter();
  }
}
