package io.springtide.scheduler.order;

import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.Offer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Agents that carry an order of ours and are in nobody's books: we forgot the host, or gave it
 * back, and no listing brings it back to us. It may be paid for, and only a person can find out
 * (promise 6): so it is shown. Not durable: who is there makes offers again.
 */
public final class UnlistedHosts {
  /** More are not shown. */
  private static final int MOST = 1_000;

  /** A cloud is listed every minute. What is still there by then is in none of the listings. */
  static final Duration LISTED_BY = Duration.ofMinutes(5);

  private record Heard(UnlistedHost host, Instant last) {}

  private final State state;
  private final Duration kept;
  private final Map<String, Heard> heard = new TreeMap<>();
  private Map<String, UnlistedHost> shown = Map.of();

  /**
   * @param declined for how long its offers are declined: by then it makes another
   */
  public UnlistedHosts(State state, Duration declined) {
    this.state = state;
    kept = declined.multipliedBy(2);
  }

  /**
   * Its offer was declined.
   *
   * @param givenBack whether its cloud has said that it is given back
   */
  public void declined(Offer offer, boolean givenBack, Instant now) {
    String id = offer.hostId();
    Heard before = heard.get(id);
    if (before == null && heard.size() >= MOST) {
      return;
    }
    Instant since = before == null ? now : before.host().since();
    String order = offer.attributes().getOrDefault(Offer.ORDER, "");
    heard.put(
        id,
        new Heard(
            new UnlistedHost(id, order, offer.agentId(), offer.hostname(), givenBack, since), now));
  }

  /** A cloud has it, and is asked to take it back. */
  void listed(String host) {
    heard.remove(host);
  }

  /** The master has said which agents there are. */
  public void reported(Predicate<String> agents) {
    heard.values().removeIf(one -> !agents.test(one.host().agentId()));
  }

  /** Time passes. */
  public void sweep(Instant now) {
    heard
        .values()
        .removeIf(
            one -> state.host(one.host().id()).isPresent() || !one.last().plus(kept).isAfter(now));
    Map<String, UnlistedHost> all = new TreeMap<>();
    for (Heard one : heard.values()) {
      if (!one.host().since().plus(LISTED_BY).isAfter(now)) {
        all.put(one.host().id(), one.host());
      }
    }
    shown = Collections.unmodifiableMap(all);
  }

  /** Those that no listing has spoken of for minutes, by id, in order. */
  public Map<String, UnlistedHost> all() {
    return shown;
  }
}
