package io.springtide.scheduler.offer;

import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.OfferBook;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Which offers we get: declines, suppresses and revives. Neither call is answered, so what they did
 * is judged by what arrives, never by having been sent.
 *
 * <p>What is of no use is declined for long, and Mesos offers by itself whatever becomes more than
 * that. What makes it useful on our side ends all filters by a revive.
 */
public final class OfferDemand {
  private final OfferBook book;
  private final CoreConfig.Times times;
  private boolean connected;
  private boolean suppressed;

  /** Filters of ours may keep back offers that are of use now. */
  private boolean hidden;

  /** All hosts are to offer once more, whether there is work for them or not. */
  private boolean lookingAround;

  /** Something wants an offer, and none that is held serves it. */
  private boolean urgent;

  private Instant quietSince = Instant.MAX;
  private Instant lastOffer = Instant.MIN;
  private Instant lastCall = Instant.MIN;
  private int revives;

  public OfferDemand(OfferBook book, CoreConfig.Times times) {
    this.book = book;
    this.times = times;
  }

  public void subscribed(Turn turn) {
    connected = true;
    // A new subscription starts with offers flowing and without filters.
    suppressed = false;
    hidden = false;
    lookingAround = false;
    urgent = false;
    revives = 0;
    lastCall = turn.now();
    lastOffer = Instant.MIN;
    quietSince = turn.now();
  }

  public void disconnected() {
    connected = false;
  }

  public void arrived(Turn turn) {
    lastOffer = turn.now();
  }

  /** Something has made offers useful that were declined for long. */
  public void lookAgain() {
    hidden = true;
    lookingAround = true;
    wantedAnew();
  }

  /** Something wants offers that are not held, since something of ours has changed. */
  void wantedAnew() {
    urgent = true;
    revives = 0;
  }

  public boolean urgent() {
    return urgent && connected;
  }

  /** What is reserved to us is of use to nobody else: it is held until it is used. */
  public Instant holdUntil(Offer offer, Turn turn) {
    return offer.ofUseToOthers() ? turn.now().plus(times.offers().hold()) : Instant.MAX;
  }

  /** How long what an acceptance leaves over is not wanted back. */
  Duration filterOfRest(boolean wantedBack) {
    hidden |= !wantedBack;
    return wantedBack ? Duration.ZERO : times.offers().uselessFilter();
  }

  /** Gives back offers that have left the book, to see none like them for that time. */
  public void giveBack(List<Offer> offers, Duration filter, Turn turn) {
    if (!offers.isEmpty()) {
      turn.then(new Effect.Decline(offers.stream().map(Offer::id).toList(), filter));
      hidden = true;
    }
  }

  /**
   * Gives back what was held for long enough, and asks for more or for less.
   *
   * @param wantedNow whether any offer could be of use now
   */
  public List<Offer> sweep(boolean wantedNow, Turn turn) {
    if (!connected) {
      return List.of();
    }
    Instant now = turn.now();
    boolean wanted = wantedNow || lookingAround;
    if (wanted) {
      quietSince = Instant.MAX;
    } else if (quietSince.equals(Instant.MAX)) {
      quietSince = now;
    }
    List<Offer> back = book.heldTooLong(now);
    back.forEach(offer -> book.take(offer.id()));
    giveBack(back, times.offers().declineFilter(), turn);
    if (wanted) {
      reviveIfDue(now, turn);
    } else if (suppressed) {
      lookAroundOrRepeat(now, turn);
    } else if (!now.isBefore(quietSince.plus(times.offers().suppressAfter()))) {
      turn.then(new Effect.Suppress());
      suppressed = true;
      lastCall = now;
    }
    urgent &= wanted;
    return back;
  }

  private void reviveIfDue(Instant now, Turn turn) {
    boolean nothingComes = book.isEmpty() && lastOffer.isBefore(lastCall);
    if (!suppressed && !hidden && !nothingComes) {
      return;
    }
    Duration wait = urgent ? times.offers().reviveSoon() : times.offers().revive().after(revives);
    // A suppressed framework gets nothing at all: there the first revive waits for nobody.
    if (!suppressed && now.isBefore(lastCall.plus(wait))) {
      return;
    }
    revive(now, turn);
  }

  private void lookAroundOrRepeat(Instant now, Turn turn) {
    if (!now.isBefore(lastCall.plus(times.offers().lookAround()))) {
      revive(now, turn);
      // Long enough to see every host once, then quiet again.
      quietSince = now.minus(times.offers().suppressAfter()).plus(times.offers().hold());
    } else if (lastOffer.isAfter(lastCall)
        && !now.isBefore(lastCall.plus(times.offers().revive().first()))) {
      turn.then(new Effect.Suppress());
      lastCall = now;
    }
  }

  private void revive(Instant now, Turn turn) {
    turn.then(new Effect.Revive());
    suppressed = false;
    hidden = false;
    lookingAround = false;
    urgent = false;
    lastCall = now;
    revives++;
  }
}
