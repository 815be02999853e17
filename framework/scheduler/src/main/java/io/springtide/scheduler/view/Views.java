package io.springtide.scheduler.view;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.goal.Breaches;
import io.springtide.scheduler.goal.Limits;
import io.springtide.scheduler.host.Reports;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.order.Troubles;
import io.springtide.scheduler.order.UnlistedHosts;
import io.springtide.scheduler.round.Round;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.Condemned;
import io.springtide.scheduler.task.Deadlines;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.ConditionTable;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.view.ClusterView.GroupView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.scheduler.view.ClusterView.PoolView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes what is read; what has not changed since the last view is used again. */
public final class Views {
  private static final String UNREACHABLE = "UNREACHABLE";

  private final State state;
  private final Round round;
  private final Deadlines deadlines;
  private final Breaches breaches;
  private final Limits limits;
  private final Condemned condemned;
  private final DirtySet dirty;
  private final Troubles troubles;
  private final Reports reports;
  private final UnlistedHosts unlisted;
  private final AgentBook agents;
  private final SortedMap<String, JobView> jobs = new TreeMap<>();
  private final SortedMap<String, HostView> hosts = new TreeMap<>();

  public Views(
      State state,
      Round round,
      Deadlines deadlines,
      Breaches breaches,
      Limits limits,
      Condemned condemned,
      DirtySet dirty,
      Troubles troubles,
      Reports reports,
      UnlistedHosts unlisted,
      AgentBook agents) {
    this.state = state;
    this.round = round;
    this.deadlines = deadlines;
    this.breaches = breaches;
    this.limits = limits;
    this.condemned = condemned;
    this.dirty = dirty;
    this.troubles = troubles;
    this.reports = reports;
    this.unlisted = unlisted;
    this.agents = agents;
  }

  /** Makes everything anew at the next view. */
  public void all() {
    state.jobs().keySet().forEach(dirty::shown);
    state.hosts().keySet().forEach(dirty::room);
  }

  public ClusterView view(long version, boolean connected, Instant now) {
    Set<String> changedJobs = dirty.takeShown();
    changedJobs.forEach(id -> refresh(jobs, id, state.job(id).map(job -> view(job, now))));
    Set<String> changedHosts = dirty.takeShownHosts();
    changedHosts.forEach(id -> refresh(hosts, id, state.host(id).map(this::view)));
    SortedMap<String, PoolView> pools = new TreeMap<>();
    state
        .pools()
        .forEach(
            (name, pool) ->
                pools.put(name, new PoolView(pool.value(), pool.version(), troubles.of(name))));
    SortedMap<String, GroupView> groups = new TreeMap<>();
    state
        .groups()
        .forEach((path, group) -> groups.put(path, new GroupView(group.value(), group.version())));
    return new ClusterView(
        version,
        state.frameworkId(),
        connected,
        Collections.unmodifiableMap(pools),
        Collections.unmodifiableMap(groups),
        copy(jobs),
        copy(hosts),
        unlisted.all(),
        copy(state.orders()),
        copy(state.strays()),
        condemned.wave());
  }

  private JobView view(Job job, Instant now) {
    List<InstanceView> instances = new ArrayList<>();
    for (Instance instance : state.instancesOf(job.id())) {
      long revision = instance.task().map(Task::revision).orElse(job.revision());
      Resources resources = job.specOf(revision).orElse(job.spec()).resources();
      instances.add(new InstanceView(instance, resources, waiting(instance, now)));
    }
    return new JobView(job, instances, breaches.of(job.id()), limits.violations(job));
  }

  private List<Waiting> waiting(Instance instance, Instant now) {
    List<Waiting> reasons = new ArrayList<>();
    instance
        .task()
        .filter(Task::silent)
        .ifPresent(task -> reasons.add(unreachable(instance, task)));
    instance
        .task()
        .filter(task -> !task.silent() && instance.state() != InstanceState.DETACHED)
        .flatMap(task -> silence(instance, task))
        .ifPresent(reasons::add);
    condemned.waiting(instance).ifPresent(reasons::add);
    boolean waits =
        instance.state() == InstanceState.PENDING || instance.state() == InstanceState.DETACHED;
    if (!waits) {
      return reasons;
    }
    if (instance.notBefore().isAfter(now)) {
      String last =
          instance.history().isEmpty()
              ? ""
              : ": " + instance.history().get(instance.history().size() - 1).message();
      reasons.add(
          new Waiting(
              "BACK_OFF",
              0,
              instance.failures() + " failures in a row" + last,
              "the next attempt at " + seconds(instance.notBefore())));
    }
    instance
        .task()
        .ifPresent(task -> reasons.add(returns(task, instance.state() == InstanceState.DETACHED)));
    if (instance.task().isEmpty()) {
      reasons.addAll(round.refusals(instance.job()));
      reasons.addAll(noNewHosts(instance.job()));
    }
    return reasons;
  }

  private static Waiting returns(Task task, boolean detached) {
    String died = "its executor on host " + task.host() + " died";
    return detached
        ? new Waiting(
            "RETURNS",
            1,
            died + ", and its container may still run there",
            "the word of the host's next warden that it is gone")
        : new Waiting("RETURNS", 1, died, "the host's next executor");
  }

  /** Why the clouds of the job's pools bring no hosts. */
  private List<Waiting> noNewHosts(String job) {
    JobSpec spec = state.job(job).orElseThrow().spec();
    List<Waiting> reasons = new ArrayList<>();
    for (String pool : pools(spec)) {
      troubles
          .ordering(pool)
          .map(
              trouble ->
                  new Waiting(
                      "NO_NEW_HOSTS",
                      0,
                      "pool " + pool + " gets no new hosts: " + trouble.words(),
                      trouble.until().map(at -> "it is asked again at " + seconds(at)).orElse("")))
          .ifPresent(reasons::add);
    }
    return reasons;
  }

  private Collection<String> pools(JobSpec spec) {
    State.Versioned<Group> group = state.groups().get(spec.group());
    return !spec.pools().isEmpty() || group == null
        ? spec.pools()
        : group.value().quotas().keySet();
  }

  /** Its engine does not answer, though agent and executor are well. */
  private Optional<Waiting> silence(Instance instance, Task task) {
    return state
        .job(instance.job())
        .flatMap(job -> job.specOf(task.revision()))
        .map(spec -> spec.runtime().name().toLowerCase(Locale.ROOT))
        .flatMap(
            runtime ->
                reports
                    .silence(task.host(), runtime)
                    .map(
                        why ->
                            new Waiting(
                                "ENGINE_SILENT",
                                1,
                                ("%s on host %s does not answer (%s): whether it still runs cannot"
                                        + " be asked, and nothing is done about it")
                                    .formatted(runtime, task.host(), why),
                                "the engine's answer")));
  }

  /** Why nothing is done about an unreachable instance, and until when. */
  private Waiting unreachable(Instance instance, Task task) {
    String since =
        "since "
            + seconds(task.since())
            + " the agent of host "
            + task.host()
            + " is out of reach, and its task may still run";
    if (instance.goal() != Goal.RUN) {
      return new Waiting(
          UNREACHABLE,
          0,
          since + "; it is to end, and its kill cannot reach it",
          "the agent's return, or the master's word that it is gone");
    }
    return new Waiting(
        UNREACHABLE,
        0,
        since + ": until failure.unreachableAfter is over it is not started a second time",
        "the agent's return; else another attempt at "
            + seconds(deadlines.givenUpAt(instance, task))
            + ", if the master has answered by then");
  }

  private static Instant seconds(Instant instant) {
    return Instant.ofEpochSecond(instant.getEpochSecond());
  }

  private HostView view(Host host) {
    Resources guaranteed = Resources.ZERO;
    Resources borrowed = Resources.ZERO;
    Resources burst = Resources.ZERO;
    List<Instance> there = state.instancesOn(host.id());
    for (Instance instance : there) {
      Task task = instance.task().orElseThrow();
      Job job = state.job(instance.job()).orElseThrow();
      Resources takes = job.specOf(task.revision()).orElse(job.spec()).resources();
      switch (task.label()) {
        case GUARANTEED -> guaranteed = guaranteed.plus(takes);
        case BORROWED -> borrowed = borrowed.plus(takes);
        case BURST -> burst = burst.plus(takes);
      }
    }
    return new HostView(
        host,
        ConditionTable.by(host, agents.state(host)),
        agents.maintenance(host),
        there.size(),
        guaranteed,
        borrowed,
        burst,
        state.remainsOn(host.id()),
        reports.of(host),
        reports.warnings(host));
  }

  private static <T> void refresh(SortedMap<String, T> map, String id, Optional<T> now) {
    if (now.isPresent()) {
      map.put(id, now.get());
    } else {
      map.remove(id);
    }
  }

  private static <T> Map<String, T> copy(SortedMap<String, T> map) {
    return Collections.unmodifiableMap(new TreeMap<>(map));
  }
}
