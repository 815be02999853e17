package io.springtide.scheduler;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Which offers we get: holds, declines, suppresses and revives. Neither call is answered, so what
 * they did is judged by what arrives, never by having been sent.
 */
final class Supply {
  private final OfferBook book;
  private final CoreConfig.Times times;
  private boolean connected;
  private boolean suppressed;

  /** Filters of ours may keep back offers that are of use now. */
  private boolean hidden;

  /** Hosts are to be seen again, whether there is work for them or not. */
  private boolean curious;

  private boolean wanted;
  private Instant quietSince = Instant.MAX;
  private Instant lastOffer = Instant.MIN;
  private Instant lastCall = Instant.MIN;
  private int revives;

  Supply(OfferBook book, CoreConfig.Times times) {
    this.book = book;
    this.times = times;
  }

  void subscribed(Turn turn) {
    connected = true;
    // A new subscription starts with offers flowing and without filters.
    suppressed = false;
    hidden = false;
    curious = false;
    revives = 0;
    lastCall = turn.now();
    lastOffer = Instant.MIN;
    quietSince = turn.now();
  }

  void disconnected() {
    connected = false;
  }

  void arrived(Turn turn) {
    lastOffer = turn.now();
    revives = 0;
  }

  /** Something has made offers useful that were declined for long. */
  void lookAgain() {
    hidden = true;
    curious = true;
  }

  Instant holdUntil(Turn turn) {
    return turn.now().plus(times.holdOffers());
  }

  void useless(List<Offer> offers, Turn turn) {
    decline(offers, times.uselessFilter(), turn);
  }

  /**
   * Gives back what was held for long enough, and asks for more or for less.
   *
   * @param wantedNow whether any offer could be of use now
   */
  List<Offer> sweep(boolean wantedNow, Turn turn) {
    if (!connected) {
      return List.of();
    }
    Instant now = turn.now();
    wanted = wantedNow || curious;
    if (wanted) {
      quietSince = Instant.MAX;
    } else if (quietSince.equals(Instant.MAX)) {
      quietSince = now;
    }
    List<Offer> back = new ArrayList<>(book.heldTooLong(now));
    boolean quiet = !wanted && !now.isBefore(quietSince.plus(times.suppressAfter()));
    if (quiet) {
      back = new ArrayList<>(book.all());
    }
    back.forEach(offer -> book.take(offer.id()));
    Duration filter =
        wanted ? times.declineFilter() : quiet ? times.uselessFilter() : times.holdOffers();
    decline(back, filter, turn);
    hidden |= !wanted && !back.isEmpty();
    if (wanted) {
      reviveIfDue(now, turn);
    } else if (suppressed) {
      lookAroundOrRepeat(now, turn);
    } else if (quiet) {
      turn.then(new Effect.Suppress());
      suppressed = true;
      lastCall = now;
    }
    return back;
  }

  private void reviveIfDue(Instant now, Turn turn) {
    boolean nothingComes = book.isEmpty() && lastOffer.isBefore(lastCall);
    if (!suppressed && !hidden && !nothingComes) {
      return;
    }
    Duration wait = Durations.doubled(times.reviveAfter(), revives, times.reviveMost());
    // A suppressed framework gets nothing at all: there the first revive waits for nobody.
    if (!suppressed && now.isBefore(lastCall.plus(wait))) {
      return;
    }
    revive(now, turn);
  }

  private void lookAroundOrRepeat(Instant now, Turn turn) {
    if (!now.isBefore(lastCall.plus(times.lookAround()))) {
      revive(now, turn);
      // Long enough to see every host once, then quiet again.
      quietSince = now.minus(times.suppressAfter()).plus(times.holdOffers());
    } else if (lastOffer.isAfter(lastCall) && !now.isBefore(lastCall.plus(times.reviveAfter()))) {
      turn.then(new Effect.Suppress());
      lastCall = now;
    }
  }

  private void revive(Instant now, Turn turn) {
    turn.then(new Effect.Revive());
    suppressed = false;
    hidden = false;
    curious = false;
    lastCall = now;
    revives++;
  }

  private static void decline(List<Offer> offers, Duration filter, Turn turn) {
    if (!offers.isEmpty()) {
      turn.then(new Effect.Decline(offers.stream().map(Offer::id).toList(), filter));
    }
  }
}
