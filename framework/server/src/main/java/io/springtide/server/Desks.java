package io.springtide.server;

import io.springtide.scheduler.event.Effect;
import io.springtide.server.mesos.MesosDesk;
import java.util.function.Consumer;

/** Hands each effect to the desk that carries it out. */
public record Desks(MesosDesk mesos, CloudDesk clouds)
    implements Consumer<Effect.Outside>, Effect.Hands {
  @Override
  public void accept(Effect.Outside effect) {
    effect.handTo(this);
  }

  @Override
  public void on(Effect.Accept effect) {
    mesos.accept(effect);
  }

  @Override
  public void on(Effect.Decline effect) {
    mesos.decline(effect);
  }

  @Override
  public void on(Effect.AnswerInverseOffer effect) {
    mesos.answer(effect);
  }

  @Override
  public void on(Effect.Suppress effect) {
    mesos.suppress();
  }

  @Override
  public void on(Effect.Revive effect) {
    mesos.revive();
  }

  @Override
  public void on(Effect.Kill effect) {
    mesos.kill(effect);
  }

  @Override
  public void on(Effect.Acknowledge effect) {
    mesos.acknowledge(effect);
  }

  @Override
  public void on(Effect.Reconcile effect) {
    mesos.reconcile(effect);
  }

  @Override
  public void on(Effect.ShutdownExecutor effect) {
    mesos.shutdown(effect);
  }

  @Override
  public void on(Effect.OrderHosts effect) {
    clouds.order(effect);
  }

  @Override
  public void on(Effect.ReleaseHosts effect) {
    clouds.release(effect);
  }

  @Override
  public void on(Effect.ListHosts effect) {
    clouds.list(effect);
  }
}
