package io.springtide.scheduler.order;

import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.round.Round;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Origin;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.CloudTrouble.Doing;
import io.springtide.scheduler.told.CloudTrouble.Kind;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.Turn;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks clouds for hosts. Each order is durable before it is sent, and sent again with the same
 * token until it is answered; so every host that we ordered is accounted for (promise 6).
 */
public final class Orders {
  private static final String ORDERS = "orders";

  private final State state;
  private final Ledger ledger;
  private final Round round;
  private final Troubles troubles;
  private final Repeats repeats;

  /** What came of those that their clouds did not take, by token. */
  private final Map<String, CloudTrouble> failures = new HashMap<>();

  public Orders(
      State state, Ledger ledger, Round round, Troubles troubles, CoreConfig.Times times) {
    this.state = state;
    this.ledger = ledger;
    this.round = round;
    this.troubles = troubles;
    repeats = new Repeats(times.clouds().order());
  }

  /**
   * @param looks whether to look for hosts to order
   */
  public void sweep(boolean looks, Turn turn) {
    if (looks) {
      round.grow(turn.now(), wanted -> order(wanted, turn));
    }
    for (Order order : List.copyOf(state.orders().values())) {
      if (repeats.due(order.token(), turn.now())) {
        send(order, turn);
      }
    }
  }

  /** More than the maximum of an order becomes several orders at once. */
  private void order(HostOrder wanted, Turn turn) {
    HostTemplate template = state.pool(wanted.pool()).flatMap(Pool::template).orElseThrow();
    for (int left = wanted.count(); left > 0; left -= Order.MOST_HOSTS) {
      Order order =
          new Order(
              Order.token(state.frameworkId(), turn.next(ORDERS)),
              wanted.pool(),
              template,
              Math.min(left, Order.MOST_HOSTS),
              turn.now());
      turn.put(order);
      send(order, turn);
    }
  }

  private void send(Order order, Turn turn) {
    turn.then(new Effect.OrderHosts(order.token(), order.pool(), order.template(), order.asked()));
    repeats.sent(order.token(), turn.now());
  }

  /** What this process knows of an order besides what is durable. */
  public OrderProgress progress(Order order) {
    return new OrderProgress(
        repeats.times(order.token()),
        repeats.last(order.token()),
        repeats.next(order.token()),
        Optional.ofNullable(failures.get(order.token())));
  }

  public void ordered(String token, List<HostListing> hosts, Turn turn) {
    Order order = state.orders().get(token);
    if (order == null) {
      // Idempotent: this order was settled before.
      return;
    }
    settled(order, turn);
    if (hosts.isEmpty()) {
      broughtNothing(order, turn);
    }
    for (HostListing host : hosts) {
      if (host.state() != HostListing.State.RELEASED) {
        enter(host.id(), order.origin(), turn);
      }
    }
    if (hosts.size() < order.asked()) {
      ledger.outOfStock(order.pool(), turn.now());
      String detail = hosts.size() + " of the " + order.asked() + " hosts that were ordered came";
      note(order, Kind.PARTIAL, detail, turn);
    } else {
      ledger.inStock(order.pool(), turn.now());
      if (ledger.askedAgain(order.pool()).isEmpty()) {
        troubles.over(order.pool(), Doing.ORDER);
      }
    }
  }

  private void enter(String id, Origin origin, Turn turn) {
    Gone gone = state.gone().get(id);
    if (gone != null && gone.givenBack()) {
      // Its agent joined before this answer, and the host was given back since.
      return;
    }
    Host host = state.host(id).orElseGet(() -> Host.ordered(id, origin, turn.now()));
    // If its agent did not name the order, this answer says that it was ordered.
    turn.put(host.ordered() ? host : host.with(origin));
  }

  public void refused(String token, Kind kind, String reason, Turn turn) {
    Order order = state.orders().get(token);
    if (order != null) {
      settled(order, turn);
      broughtNothing(order, turn);
      // Out of stock or refused for good: either way, asking again at once helps nobody.
      ledger.outOfStock(order.pool(), turn.now());
      note(order, kind, reason, turn);
    }
  }

  /** Nobody knows what became of it: it stays, and is sent again. */
  public void unanswered(Event.CloudFailed failed, Turn turn) {
    Order order = state.orders().get(failed.token());
    if (order != null) {
      Instant again = repeats.next(order.token()).orElse(turn.now());
      Instant pause = turn.now().plus(failed.retryAfter());
      CloudTrouble trouble =
          new CloudTrouble(
              Doing.ORDER,
              failed.kind(),
              failed.message(),
              turn.now(),
              Optional.of(again.isAfter(pause) ? again : pause));
      failures.put(order.token(), trouble);
      troubles.note(order.pool(), trouble);
    }
  }

  private void note(Order order, Kind kind, String message, Turn turn) {
    Optional<Instant> until = ledger.askedAgain(order.pool());
    troubles.note(order.pool(), new CloudTrouble(Doing.ORDER, kind, message, turn.now(), until));
  }

  private void settled(Order order, Turn turn) {
    turn.removeOrder(order);
    repeats.forget(order.token());
    failures.remove(order.token());
  }

  /**
   * A repeat of it may be on its way, and do better than what was refused: so its cloud is listed
   * for a while, whatever its pool says by then, and what comes after all is given back (promise
   * 6).
   */
  private static void broughtNothing(Order order, Turn turn) {
    turn.put(new Gone(order.token(), order.origin(), true, turn.now()));
  }
}
