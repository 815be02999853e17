package io.springtide.scheduler.order;

import io.springtide.partition.model.Pool;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Origin;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Remembers the hosts that went, for as long as their clouds or agents may speak of them. */
public final class GoneHosts {
  /** More are not remembered: what has our token is known for ours without it. */
  public static final int MOST = 5_000;

  private static final Duration LOOK = Duration.ofMinutes(1);

  private final State state;
  private final Ledger ledger;
  private final Duration time;
  private Instant nextLook = Instant.MIN;

  public GoneHosts(State state, Ledger ledger, CoreConfig.Times times) {
    this.state = state;
    this.ledger = ledger;
    time = times.hosts().rememberGone();
  }

  /** Takes an ordered host out of the books. */
  void remember(Host host, boolean givenBack, Turn turn) {
    turn.removeHost(host.id());
    host.origin().ifPresent(origin -> turn.put(new Gone(host.id(), origin, givenBack, turn.now())));
  }

  /** Whether a host from there, that comes after all, may be taken in as it was ordered. */
  public boolean welcome(Origin origin) {
    return state
            .pool(origin.pool())
            .flatMap(Pool::template)
            .filter(template -> Cloud.of(template).equals(origin.cloud()))
            .isPresent()
        && ledger.hasRoom(origin.pool());
  }

  /** It was listed, or has made offers: it is remembered from now on. */
  public void heardOf(Gone gone, boolean givenBack, Turn turn) {
    boolean fresh = Duration.between(gone.since(), turn.now()).compareTo(time.dividedBy(2)) < 0;
    if (gone.givenBack() != givenBack || !fresh) {
      turn.put(new Gone(gone.id(), gone.origin(), givenBack, turn.now()));
    }
  }

  public void sweep(Turn turn) {
    if (turn.now().isBefore(nextLook)) {
      return;
    }
    nextLook = turn.now().plus(LOOK);
    List<Gone> all = new ArrayList<>(state.gone().values());
    all.sort(Comparator.comparing(Gone::since));
    int surplus = all.size() - MOST;
    for (Gone gone : all) {
      boolean past = Duration.between(gone.since(), turn.now()).compareTo(time) >= 0;
      if (!past && surplus <= 0) {
        return;
      }
      turn.removeGone(gone.id());
      surplus--;
    }
  }
}
