package io.springtide.scheduler.turn;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Receipt;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.Runs;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Stray;
import io.springtide.scheduler.state.Task;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One event being handled: gathers the changes of durable state and the effects that depend on
 * them. Changes are in force at once for all that follows in the same turn.
 */
public final class Turn {
  private static final String ATTEMPTS = "attempts";

  /** The counter of documents' versions. */
  public static final String DOCUMENTS = "documents";

  private final State state;
  private final Ledger ledger;
  private final DirtySet dirty;
  private final QueueingHints hints;
  private final LastServed served;
  private final Outages outages;
  private final AgentBook agents;
  private final Instant now;
  private final Map<String, Change> changes = new LinkedHashMap<>();
  private final List<Effect> effects = new ArrayList<>();

  public Turn(
      State state,
      Ledger ledger,
      DirtySet dirty,
      QueueingHints hints,
      LastServed served,
      Outages outages,
      AgentBook agents,
      Instant now) {
    this.state = state;
    this.ledger = ledger;
    this.dirty = dirty;
    this.hints = hints;
    this.served = served;
    this.outages = outages;
    this.agents = agents;
    this.now = now;
  }

  public Instant now() {
    return now;
  }

  /** Wanted, after all changes of this turn are durable (promise 2). */
  public void then(Effect effect) {
    effects.add(effect);
  }

  public void put(Instance instance) {
    Optional<Instance> before = state.instance(instance.job(), instance.index());
    if (before.isPresent() && before.get().equals(instance)) {
      return;
    }
    served.follow(before, Optional.of(instance), now);
    outages.follow(before, Optional.of(instance), now);
    change("instance " + instance.id(), new Change.InstancePut(instance));
    ledger.follow(before, Optional.of(instance));
    opens(before, instance.task());
    dirty.instance(before, Optional.of(instance), rolling(instance));
    if (instance.state().done() && before.filter(old -> old.state().done()).isEmpty()) {
      dirty.advances(instance.job());
    }
  }

  public void remove(Instance instance) {
    served.follow(Optional.of(instance), Optional.empty(), now);
    outages.follow(Optional.of(instance), Optional.empty(), now);
    change("instance " + instance.id(), new Change.InstanceRemoved(instance.id()));
    ledger.follow(Optional.of(instance), Optional.empty());
    opens(Optional.of(instance), Optional.empty());
    dirty.instance(Optional.of(instance), Optional.empty(), rolling(instance) || matters(instance));
    if (state.job(instance.job()).filter(job -> job.spec().kind() == JobKind.BATCH).isPresent()) {
      dirty.advances(instance.job());
    }
  }

  private boolean rolling(Instance instance) {
    return dirty.watches(instance.job());
  }

  /**
   * Whether anything may follow for a job from that an instance has gone which was to leave. To a
   * job of many that is removed or made smaller, all but the last make no difference.
   */
  private boolean matters(Instance gone) {
    return state.instancesOf(gone.job()).isEmpty()
        || state
            .job(gone.job())
            .filter(
                job ->
                    !job.removing()
                        && (job.spec().kind() == JobKind.SYSTEM
                            || job.spec().update().maxSurge() > 0
                            || !job.spec().hardConstraints().isEmpty()))
            .isPresent();
  }

  /** What an instance leaves may be another's, and so may its share of the quota. */
  private void opens(Optional<Instance> before, Optional<Task> after) {
    before
        .flatMap(Instance::task)
        .filter(had -> after.filter(task -> task.host().equals(had.host())).isEmpty())
        .ifPresent(
            had -> {
              hints.room(had.pool());
              hints.quota(before.orElseThrow().job());
            });
  }

  public void put(Host host) {
    Host settled = ConditionTable.settled(host, agents.state(host), state.isEmpty(host.id()), now);
    if (state.host(host.id()).filter(settled::equals).isPresent()) {
      return;
    }
    boolean isNew = state.host(host.id()).isEmpty();
    boolean wasReady =
        state.host(host.id()).filter(h -> h.condition() == HostCondition.READY).isPresent();
    if (settled.condition() == HostCondition.READY && !wasReady) {
      hints.ready(settled.pool());
    } else {
      hints.room(settled.pool());
    }
    change("host " + host.id(), new Change.HostPut(settled));
    ledger.put(settled);
    if (isNew && state.gone().containsKey(host.id())) {
      removeGone(host.id());
    }
    Order order = state.orders().get(settled.order());
    if (isNew && order != null) {
      ledger.put(order, state.arrived(order.token()));
    }
    dirty.host(settled.id());
  }

  /** A host goes, with all that was left there. */
  public void removeHost(String id) {
    state.remainsOn(id).forEach(this::remove);
    change("host " + id, new Change.HostRemoved(id));
    ledger.removeHost(id);
    dirty.host(id);
  }

  public void put(Pool pool, long version) {
    change(new Change.PoolPut(pool, version));
    // What a job may and must do depends on it: where it counts, who must move.
    for (Job job : state.jobs().values()) {
      State.Versioned<Group> group = state.groups().get(job.spec().group());
      if (group != null && group.value().quotas().containsKey(pool.name())) {
        dirty.job(job.id());
        dirty.shown(job.id());
      }
    }
    dirty.match();
  }

  public void put(Group group, long version) {
    change(new Change.GroupPut(group, version));
    for (String job : state.jobs().keySet()) {
      if (job.startsWith(group.path() + ".")) {
        dirty.job(job);
        dirty.shown(job);
      }
    }
    // A guarantee that has moved concerns others too.
    dirty.match();
  }

  public void put(Job job) {
    change("job " + job.id(), new Change.JobPut(job));
    ledger.put(job);
    dirty.job(job.id());
    dirty.shown(job.id());
    hints.job(job.id());
  }

  public void put(Runs runs) {
    change("runs " + runs.job(), new Change.RunsPut(runs));
    dirty.heading(runs.job());
  }

  public void put(Deployment deployment) {
    change("deployment " + deployment.id(), new Change.DeploymentPut(deployment));
    dirty.job(deployment.job());
  }

  public void remove(Deployment deployment) {
    change(
        "deployment " + deployment.id(),
        new Change.DeploymentRemoved(deployment.job(), deployment.number()));
    dirty.heading(deployment.job());
  }

  public void removeJob(String id) {
    change("job " + id, new Change.JobRemoved(id));
    changes.remove("runs " + id);
    ledger.removeJob(id);
    dirty.job(id);
    dirty.shown(id);
  }

  public void put(Order order) {
    change("order " + order.token(), new Change.OrderPut(order));
    ledger.put(order, state.arrived(order.token()));
  }

  public void removeOrder(Order order) {
    change("order " + order.token(), new Change.OrderRemoved(order.token()));
    ledger.removeOrder(order);
  }

  public void put(Gone gone) {
    change("gone " + gone.id(), new Change.GonePut(gone));
  }

  public void removeGone(String id) {
    change("gone " + id, new Change.GoneRemoved(id));
  }

  public void put(Stray stray) {
    change("stray " + stray.taskId(), new Change.StrayPut(stray));
  }

  public void removeStray(String taskId) {
    change("stray " + taskId, new Change.StrayRemoved(taskId));
  }

  public void put(Remains remains) {
    change("remains " + remains.taskId(), new Change.RemainsPut(remains));
    ledger.keep(remains);
    dirty.room(remains.host());
  }

  public void remove(Remains remains) {
    change("remains " + remains.taskId(), new Change.RemainsRemoved(remains.taskId()));
    ledger.release(remains);
    dirty.room(remains.host());
    state.host(remains.host()).map(Host::pool).ifPresent(hints::ready);
  }

  public void put(Receipt receipt) {
    change("receipt " + receipt.id(), new Change.ReceiptPut(receipt));
  }

  public void remove(Receipt receipt) {
    change("receipt " + receipt.id(), new Change.ReceiptRemoved(receipt.asker(), receipt.key()));
  }

  /** A change of a kind that nothing else follows. */
  public void change(Change change) {
    hints.everywhere();
    change(change.toString(), change);
  }

  /** The number of the next attempt: never given twice, so no task id ever is. */
  public long nextAttempt() {
    return next(ATTEMPTS);
  }

  /** The highest number that an attempt was given. */
  public long lastAttempt() {
    return state.counter(ATTEMPTS);
  }

  /** The version of the next document that a user changes. */
  public long nextDocument() {
    return next(DOCUMENTS);
  }

  /** The next of a counter whose numbers are never given twice. */
  public long next(String counter) {
    long value = state.counter(counter) + 1;
    change("counter " + counter, new Change.CounterSet(counter, value));
    return value;
  }

  /** What is to be done: the commit of {@code version} first, if there is anything to commit. */
  public List<Effect> effects(long version) {
    if (changes.isEmpty()) {
      return List.copyOf(effects);
    }
    List<Effect> all = new ArrayList<>(effects.size() + 1);
    all.add(new Effect.Persist(version, List.copyOf(changes.values())));
    all.addAll(effects);
    return List.copyOf(all);
  }

  public boolean changed() {
    return !changes.isEmpty();
  }

  private void change(String what, Change change) {
    state.apply(change);
    // Only the last change of a record is kept, and placed last, after all that it may refer to.
    changes.remove(what);
    changes.put(what, change);
  }
}
