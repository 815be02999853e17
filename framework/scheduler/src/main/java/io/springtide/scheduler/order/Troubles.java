package io.springtide.scheduler.order;

import io.springtide.scheduler.state.State;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.CloudTrouble.Doing;
import io.springtide.scheduler.turn.DirtySet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What clouds last did not do, by pool. Nothing is decided by it, so it is not durable: whoever
 * leads next asks again, and is told again.
 */
public final class Troubles {
  private final State state;
  private final DirtySet dirty;
  private final Map<String, EnumMap<Doing, CloudTrouble>> byPool = new TreeMap<>();

  public Troubles(State state, DirtySet dirty) {
    this.state = state;
    this.dirty = dirty;
  }

  public void note(String pool, CloudTrouble trouble) {
    byPool.computeIfAbsent(pool, p -> new EnumMap<>(Doing.class)).put(trouble.doing(), trouble);
    show(trouble.doing());
  }

  /** The cloud does what it is asked for. */
  void over(String pool, Doing doing) {
    EnumMap<Doing, CloudTrouble> its = byPool.get(pool);
    if (its != null && its.remove(doing) != null) {
      show(doing);
    }
  }

  public List<CloudTrouble> of(String pool) {
    EnumMap<Doing, CloudTrouble> its = byPool.get(pool);
    return its == null ? List.of() : List.copyOf(its.values());
  }

  /** Why the pool gets no new hosts, if its cloud brings none. */
  public Optional<CloudTrouble> ordering(String pool) {
    return Optional.ofNullable(byPool.get(pool)).map(its -> its.get(Doing.ORDER));
  }

  /** Instances that wait for a host show this as their reason. */
  private void show(Doing doing) {
    if (doing == Doing.ORDER) {
      state.waitingVersions().forEach(version -> dirty.shown(version.job()));
    }
  }
}
