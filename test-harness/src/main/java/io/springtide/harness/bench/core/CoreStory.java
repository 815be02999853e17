package io.springtide.harness.bench.core;

import io.springtide.harness.bench.core.DrivenCore.Cost;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.view.ClusterView;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/** What happens to a cluster while it is measured. */
final class CoreStory {
  private final SplittableRandom random;
  private DrivenCore core;

  CoreStory(long seed) {
    random = new SplittableRandom(seed);
  }

  /**
   * Fills a cluster: a job every 100 ms.
   *
   * @param sizes how many instances each job has
   * @return microseconds of the core for each container from its job's submission until it runs,
   *     views included; a sample is a hundredth of the fill
   */
  Samples fill(int hosts, List<Integer> sizes) {
    int instances = sizes.stream().mapToInt(Integer::intValue).sum();
    core = new DrivenCore(hosts, instances);
    Samples samples = new Samples();
    int part = Math.max(1, instances / 100);
    long spent = 0;
    int counted = 0;
    Iterator<Integer> jobs = sizes.iterator();
    for (int turn = 0; counted < instances; turn++) {
      List<Event> first = List.of();
      if (turn % 10 == 0 && jobs.hasNext()) {
        first = List.of(core.create(jobs.next()));
      }
      if (turn > instances + 10_000) {
        throw new IllegalStateException(counted + " of " + instances + " run, and no more");
      }
      spent += core.go(first).all();
      int run = core.master().started() - hosts;
      if (run - counted >= part || run == instances) {
        samples.add(spent / 1e3 / Math.max(1, run - counted));
        counted = run;
        spent = 0;
      }
    }
    core.rest(tasks());
    return samples;
  }

  /** How many tasks there are when all runs that is wanted. */
  private int tasks() {
    return core.master().hosts()
        + core.view().jobs().values().stream().mapToInt(job -> job.job().spec().instances()).sum();
  }

  private static boolean runs(ClusterView.InstanceView one) {
    return one.instance().state() == InstanceState.RUNNING;
  }

  /**
   * One instance fails and is placed again, nothing else happens.
   *
   * @param update microseconds of the turn with the update, its match and sweep
   * @param placement microseconds of the turn that finds it another place
   */
  void failures(int count, Samples update, Samples placement) {
    for (int i = 0; i < count; i++) {
      core.master().end(any().task().orElseThrow().id(), TaskState.FAILED, core.now());
      update.add(core.turn(DrivenCore.PAUSE, core.master().updates(1)).deciding() / 1e3);
      int before = core.master().running();
      // Its back-off.
      for (int wait = 0; core.master().running() == before && wait < 1000; wait++) {
        Cost cost = core.turn(DrivenCore.PAUSE, List.of());
        if (core.master().running() > before) {
          placement.add(cost.deciding() / 1e3);
        }
      }
      core.rest(tasks());
    }
  }

  /** As many instances as one turn takes fail; milliseconds of the view after it. */
  Samples views(int count) {
    Samples samples = new Samples();
    for (int i = 0; i < count; i++) {
      for (Instance instance : some(DrivenCore.BATCH)) {
        core.master().end(instance.task().orElseThrow().id(), TaskState.FAILED, core.now());
      }
      samples.add(
          core.turn(DrivenCore.STEP, core.master().updates(DrivenCore.BATCH)).viewing() / 1e6);
      core.rest(tasks());
    }
    return samples;
  }

  /** The master has lost an agent, and finds it again; milliseconds of the event. */
  Samples lostAgents(int count) {
    Samples samples = new Samples();
    for (int i = 0; i < count; i++) {
      String agent = core.master().agentId(random.nextInt(core.master().hosts()));
      samples.add(
          core.turn(DrivenCore.PAUSE, List.of(new Event.AgentLost(agent))).deciding() / 1e6);
      core.rest(tasks());
    }
    return samples;
  }

  /** Milliseconds of a core that goes on from what is durable, until it can be read. */
  Samples restores(int count) {
    Samples samples = new Samples();
    StateStore.Loaded durable = core.durable();
    for (int i = 0; i < count; i++) {
      long begun = DrivenCore.cpu();
      SchedulerCore next = core.restored(durable);
      ClusterView view = next.view();
      samples.add((DrivenCore.cpu() - begun) / 1e6);
      if (view.jobs().size() != core.view().jobs().size()) {
        throw new IllegalStateException("jobs were lost");
      }
    }
    return samples;
  }

  /**
   * Removes the jobs that have so many instances.
   *
   * @return microseconds of the core for each event of a removal, views included: the command and
   *     two updates of each instance; a sample is a job
   */
  Samples removals(int size) {
    Samples samples = new Samples();
    for (ClusterView.JobView view : core.view().jobs().values()) {
      String job = view.job().id();
      if (view.instances().size() == size) {
        long spent = core.go(List.of(new Event.RemoveJob("r", job, OptionalLong.empty()))).all();
        while (core.view().jobs().containsKey(job)) {
          spent += core.go(List.of()).all();
        }
        samples.add(spent / 1e3 / (1 + 2.0 * size));
        core.rest(tasks());
      }
    }
    return samples;
  }

  ClusterView view() {
    return core.view();
  }

  /**
   * Forgets the cluster, part by part.
   *
   * @return MiB of live heap that the core and its view alone had
   */
  double heapOfCore() {
    SchedulerCore alone = core.core();
    ClusterView shown = core.view();
    core = null;
    double with = liveMiB();
    if (shown.jobs().isEmpty() || alone.version() == 0) {
      throw new IllegalStateException("there is nothing to weigh");
    }
    shown = null;
    alone = null;
    return with - liveMiB();
  }

  private static double liveMiB() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / (double) (1 << 20);
  }

  private Instance any() {
    return some(1).get(0);
  }

  /** Different running instances, drawn from all. */
  private List<Instance> some(int count) {
    List<Instance> all = new ArrayList<>();
    core.view()
        .jobs()
        .values()
        .forEach(
            job ->
                job.instances().stream()
                    .filter(CoreStory::runs)
                    .forEach(one -> all.add(one.instance())));
    for (int i = 0; i < Math.min(count, all.size()); i++) {
      int other = i + random.nextInt(all.size() - i);
      Instance drawn = all.get(other);
      all.set(other, all.get(i));
      all.set(i, drawn);
    }
    return List.copyOf(all.subList(0, Math.min(count, all.size())));
  }
}
