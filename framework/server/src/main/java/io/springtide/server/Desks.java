package io.springtide.server;

import io.springtide.scheduler.event.Effect;
import io.springtide.server.mesos.MesosDesk;
import java.util.function.Consumer;

/** Hands each effect to the desk that carries it out. */
public record Desks(MesosDesk mesos, CloudDesk clouds) implements Consumer<Effect> {
  @Override
  public void accept(Effect effect) {
    if (effect instanceof Effect.OrderHosts order) {
      clouds.order(order);
    } else if (effect instanceof Effect.ListHosts list) {
      clouds.list(list);
    } else if (effect instanceof Effect.ReleaseHosts release) {
      clouds.release(release);
    } else if (effect instanceof Effect.Accept accept) {
      mesos.accept(accept);
    } else if (effect instanceof Effect.Decline decline) {
      mesos.decline(decline);
    } else if (effect instanceof Effect.AnswerInverseOffer answer) {
      mesos.answer(answer);
    } else if (effect instanceof Effect.Acknowledge acknowledge) {
      mesos.acknowledge(acknowledge);
    } else if (effect instanceof Effect.Kill kill) {
      mesos.kill(kill);
    } else if (effect instanceof Effect.Reconcile reconcile) {
      mesos.reconcile(reconcile);
    } else if (effect instanceof Effect.Suppress) {
      mesos.suppress();
    } else if (effect instanceof Effect.Revive) {
      mesos.revive();
    } else if (effect instanceof Effect.ShutdownExecutor shutdown) {
      mesos.shutdown(shutdown);
    } else {
      throw new IllegalStateException("nobody carries out " + effect);
    }
  }
}
