package io.springtide.scheduler.offer;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.host.HostRegister;
import io.springtide.scheduler.order.Listings;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.task.Wardens;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.OfferBook;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.LostAgents;
import io.springtide.scheduler.turn.Turn;
import java.util.ArrayList;
import java.util.List;

/** Takes offers in: what may be of use is held, the rest goes back at once. */
public final class Intake {
  private final State state;
  private final OfferBook book;
  private final OfferDemand demand;
  private final HostRegister register;
  private final Wardens wardens;
  private final Listings listings;
  private final LostAgents lostAgents;
  private final AgentBook agents;
  private final DirtySet dirty;
  private final CoreConfig.Times times;

  public Intake(
      State state,
      OfferBook book,
      OfferDemand demand,
      HostRegister register,
      Wardens wardens,
      Listings listings,
      LostAgents lostAgents,
      AgentBook agents,
      DirtySet dirty,
      CoreConfig.Times times) {
    this.state = state;
    this.book = book;
    this.demand = demand;
    this.register = register;
    this.wardens = wardens;
    this.listings = listings;
    this.lostAgents = lostAgents;
    this.agents = agents;
    this.dirty = dirty;
    this.times = times;
  }

  public void take(List<Offer> offers, Turn turn) {
    List<Offer> useless = new ArrayList<>();
    demand.arrived(turn);
    for (Offer offer : offers) {
      listings.heard(offer.hostId());
      lostAgents.heard(offer.agentId());
      if (agents.told(offer.agentId(), offer.unavailability())) {
        dirty.shownHost(offer.hostId());
      }
      if (register.seen(offer, book.on(offer.hostId()), turn).filter(this::useful).isPresent()) {
        book.hold(offer, demand.holdUntil(offer, turn));
        dirty.room(offer.hostId());
      } else {
        useless.add(offer);
      }
    }
    demand.giveBack(useless, times.offers().uselessFilter(), turn);
  }

  private boolean useful(Host host) {
    return host.wish() == Host.Wish.SERVE
        || wardens.wanted(host)
        || !state.returningTo(host.id()).isEmpty();
  }

  /** One offer is no more. */
  public void rescinded(String offerId) {
    book.take(offerId).ifPresent(offer -> dirty.room(offer.hostId()));
  }

  /** All of them are no more: offers belong to one subscription. */
  public void drop() {
    book.hosts().forEach(dirty::room);
    book.clear();
  }
}
