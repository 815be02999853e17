package io.springtide.scheduler.turn;

import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What another process has decided and made durable: it comes to be in the state, and shows.
 * Nothing else follows from it here; the books are not kept, whoever leads enters them first.
 */
public final class Followed {
  private final State state;
  private final DirtySet dirty;
  private final Shows shows = new Shows();

  /** The instances that rest, or rested, by when that ends. */
  private final SortedMap<Instant, List<Instance>> resting = new TreeMap<>();

  public Followed(State state, DirtySet dirty) {
    this.state = state;
    this.dirty = dirty;
  }

  public void follow(Change change) {
    // Before, since what is removed could not be found any more.
    change.accept(shows);
    state.apply(change);
  }

  /** Time passes: those whose back-off has ended no longer wait for that. */
  public void pass(Instant now) {
    while (!resting.isEmpty() && !resting.firstKey().isAfter(now)) {
      resting.remove(resting.firstKey()).forEach(dirty::shown);
    }
  }

  /** Nothing is followed any more. */
  public void end() {
    resting.clear();
  }

  /** What is to be shown anew. */
  private final class Shows implements Change.Visitor {
    @Override
    public void on(Change.GroupPut put) {
      for (Job job : state.jobs().values()) {
        if (job.spec().group().equals(put.group().path())) {
          dirty.heading(job.id());
        }
      }
    }

    @Override
    public void on(Change.JobPut put) {
      dirty.shown(put.job().id());
    }

    @Override
    public void on(Change.JobRemoved removed) {
      dirty.shown(removed.id());
      others(removed.id());
    }

    @Override
    public void on(Change.RunsPut put) {
      dirty.heading(put.runs().job());
      others(put.runs().job());
    }

    /** What is said of those that come after the job may be otherwise now. */
    private void others(String id) {
      for (Job job : state.jobs().values()) {
        if (job.spec().after().contains(id)) {
          dirty.heading(job.id());
        }
      }
    }

    @Override
    public void on(Change.DeploymentPut put) {
      dirty.heading(put.deployment().job());
    }

    @Override
    public void on(Change.DeploymentRemoved removed) {
      dirty.heading(removed.job());
    }

    @Override
    public void on(Change.InstancePut put) {
      Instance instance = put.instance();
      dirty.shown(instance);
      if (instance.notBefore().isAfter(instance.since())) {
        resting.computeIfAbsent(instance.notBefore(), at -> new ArrayList<>()).add(instance);
      }
    }

    @Override
    public void on(Change.InstanceRemoved removed) {
      state.instance(removed.id()).ifPresent(dirty::shown);
    }

    @Override
    public void on(Change.HostPut put) {
      dirty.shownHost(put.host().id());
    }

    @Override
    public void on(Change.HostRemoved removed) {
      dirty.shownHost(removed.id());
    }

    @Override
    public void on(Change.RemainsPut put) {
      dirty.shownHost(put.remains().host());
    }

    @Override
    public void on(Change.RemainsRemoved removed) {
      Remains left = state.remains().get(removed.taskId());
      if (left != null) {
        dirty.shownHost(left.host());
      }
    }

    // Views are made of these anew each time, or nobody is shown them.

    @Override
    public void on(Change.FrameworkIdSet change) {}

    @Override
    public void on(Change.PoolPut change) {}

    @Override
    public void on(Change.PoolRemoved change) {}

    @Override
    public void on(Change.GroupRemoved change) {}

    @Override
    public void on(Change.OrderPut change) {}

    @Override
    public void on(Change.OrderRemoved change) {}

    @Override
    public void on(Change.GonePut change) {}

    @Override
    public void on(Change.GoneRemoved change) {}

    @Override
    public void on(Change.StrayPut change) {}

    @Override
    public void on(Change.StrayRemoved change) {}

    @Override
    public void on(Change.ReceiptPut change) {}

    @Override
    public void on(Change.ReceiptRemoved change) {}

    @Override
    public void on(Change.CounterSet change) {}
  }
}
