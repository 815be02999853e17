package io.springtide.scheduler.view;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.goal.Breaches;
import io.springtide.scheduler.goal.Convergence;
import io.springtide.scheduler.goal.Limits;
import io.springtide.scheduler.goal.Progress;
import io.springtide.scheduler.host.Reports;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.order.Orders;
import io.springtide.scheduler.order.Troubles;
import io.springtide.scheduler.order.UnlistedHosts;
import io.springtide.scheduler.round.Round;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.Condemned;
import io.springtide.scheduler.task.Deadlines;
import io.springtide.scheduler.task.Ignored;
import io.springtide.scheduler.task.PoisonHosts;
import io.springtide.scheduler.task.PoisonHosts.Avoided;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.ConditionTable;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.view.ClusterView.DeploymentView;
import io.springtide.scheduler.view.ClusterView.GroupView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.scheduler.view.ClusterView.OrderView;
import io.springtide.scheduler.view.ClusterView.PoolView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Makes what is read; what has not changed since the last view is used again. */
public final class Views {
  private static final String UNREACHABLE = "UNREACHABLE";

  private final State state;
  private final Round round;
  private final Deadlines deadlines;
  private final Breaches breaches;
  private final Limits limits;
  private final Condemned condemned;
  private final PoisonHosts poison;
  private final Convergence convergence;
  private final DirtySet dirty;
  private final Orders orders;
  private final Troubles troubles;
  private final Reports reports;
  private final UnlistedHosts unlisted;
  private final AgentBook agents;
  private final Ignored ignored;
  private final SortedMap<String, JobView> jobs = new TreeMap<>();
  private final SortedMap<String, HostView> hosts = new TreeMap<>();
  private final HostUsage usage = new HostUsage();
  private final GroupUsage groupUsage = new GroupUsage();

  public Views(
      State state,
      Round round,
      Deadlines deadlines,
      Breaches breaches,
      Limits limits,
      Condemned condemned,
      PoisonHosts poison,
      Convergence convergence,
      DirtySet dirty,
      Orders orders,
      Troubles troubles,
      Reports reports,
      UnlistedHosts unlisted,
      AgentBook agents,
      Ignored ignored) {
    this.state = state;
    this.round = round;
    this.deadlines = deadlines;
    this.breaches = breaches;
    this.limits = limits;
    this.condemned = condemned;
    this.poison = poison;
    this.convergence = convergence;
    this.dirty = dirty;
    this.orders = orders;
    this.troubles = troubles;
    this.reports = reports;
    this.unlisted = unlisted;
    this.agents = agents;
    this.ignored = ignored;
  }

  /** Makes everything anew at the next view. */
  public void all() {
    state.jobs().keySet().forEach(dirty::shown);
    state.hosts().keySet().forEach(dirty::room);
  }

  public ClusterView view(long version, boolean connected, Instant now) {
    Set<String> wholeJobs = dirty.takeShown();
    dirty
        .takeShownInstances()
        .forEach(
            (id, numbers) -> {
              if (!wholeJobs.contains(id)) {
                follow(id, numbers, now);
              }
            });
    wholeJobs.forEach(id -> follow(id, allOf(id), now));
    Set<String> changedHosts = dirty.takeShownHosts();
    changedHosts.addAll(usage.takeChanged());
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
        .forEach(
            (path, group) ->
                groups.put(
                    path, new GroupView(group.value(), group.version(), groupUsage.of(path))));
    SortedMap<String, OrderView> ordered = new TreeMap<>();
    state
        .orders()
        .forEach(
            (token, order) -> ordered.put(token, new OrderView(order, orders.progress(order))));
    return new ClusterView(
        version,
        state.frameworkId(),
        connected,
        Collections.unmodifiableSortedMap(pools),
        Collections.unmodifiableSortedMap(groups),
        copy(jobs),
        copy(hosts),
        unlisted.all(),
        Collections.unmodifiableSortedMap(ordered),
        copy(state.strays()),
        condemned.wave(),
        ignored.counts());
  }

  /** All instances that the job has, or is shown with. */
  private Set<Integer> allOf(String job) {
    Set<Integer> all = new HashSet<>();
    state.instancesOf(job).forEach(instance -> all.add(instance.index()));
    shown(job).forEach(view -> all.add(view.instance().index()));
    return all;
  }

  private Numbered<InstanceView> shown(String job) {
    JobView view = jobs.get(job);
    return view == null ? Numbered.none() : view.instances();
  }

  /** Shows a job, and of its instances those anew. */
  private void follow(String id, Set<Integer> numbers, Instant now) {
    Optional<Job> job = state.job(id);
    Numbered<InstanceView> before = shown(id);
    Map<Integer, Optional<InstanceView>> changes = new HashMap<>();
    for (int number : numbers) {
      Optional<InstanceView> after =
          job.flatMap(known -> state.instance(id, number).map(one -> view(known, one, now)));
      usage.follow(before.numbered(number), after);
      groupUsage.follow(before.numbered(number), after);
      changes.put(number, after);
    }
    refresh(
        jobs,
        id,
        job.map(
            known ->
                new JobView(
                    known,
                    before.with(changes),
                    breaches.of(id),
                    limits.violations(known),
                    poison.avoided(id),
                    state.runs(id),
                    convergence.held(known),
                    deployments(known))));
  }

  private List<DeploymentView> deployments(Job job) {
    List<DeploymentView> views = new ArrayList<>();
    for (Deployment one : state.deploymentsOf(job.id())) {
      boolean going = one.state().underWay();
      Optional<Progress> progress = going ? convergence.progress(job.id()) : Optional.empty();
      Optional<Waiting> waiting =
          progress.flatMap(now -> Stalled.why(one, job, now, round.refusals(job.newest())));
      views.add(new DeploymentView(one, progress, waiting));
    }
    return views;
  }

  private InstanceView view(Job job, Instance instance, Instant now) {
    long revision = instance.task().map(Task::revision).orElse(job.revision());
    Resources resources = job.specOf(revision).orElse(job.spec()).resources();
    return new InstanceView(instance, resources, waiting(instance, now));
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
    convergence.waiting(instance).ifPresent(reasons::add);
    boolean waits =
        instance.state() == InstanceState.PENDING || instance.state() == InstanceState.DETACHED;
    if (!waits) {
      return reasons;
    }
    if (instance.notBefore().isAfter(now)) {
      String last = instance.last().map(attempt -> ": " + attempt.words()).orElse("");
      String failures =
          instance.failures() == 1 ? "1 failure" : instance.failures() + " failures in a row";
      reasons.add(
          new Waiting(
              Waiting.BACK_OFF,
              0,
              failures + last,
              "the next attempt at " + seconds(instance.notBefore())));
    }
    instance
        .task()
        .ifPresent(task -> reasons.add(returns(task, instance.state() == InstanceState.DETACHED)));
    if (instance.task().isEmpty()) {
      round.refusals(instance.wants()).forEach(why -> reasons.add(inWords(why, instance.job())));
      reasons.addAll(noNewHosts(instance.job()));
    }
    return reasons;
  }

  /** Why hosts are avoided is known here, and not where places are looked for. */
  private Waiting inWords(Waiting why, String job) {
    List<Avoided> hosts = poison.avoided(job);
    return !why.reason().equals(Waiting.AVOIDED) || hosts.isEmpty()
        ? why
        : new Waiting(
            why.reason(),
            why.hosts(),
            hosts.stream().map(Avoided::words).collect(Collectors.joining("; ")),
            why.freedBy());
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
    HostUsage.Sum used = usage.on(host.id());
    return new HostView(
        host,
        ConditionTable.by(host, agents.state(host)),
        agents.maintenance(host),
        used.instances(),
        used.takes(Label.GUARANTEED),
        used.takes(Label.BORROWED),
        used.takes(Label.BURST),
        state.remainsOn(host.id()),
        reports.of(host),
        warnings(host));
  }

  private List<HostReport.Warning> warnings(Host host) {
    List<HostReport.Warning> all = new ArrayList<>(reports.warnings(host));
    poison
        .warning(host.id())
        .ifPresent(why -> all.add(new HostReport.Warning(HostReport.Kind.FAILING, why)));
    return all;
  }

  private static <T> void refresh(SortedMap<String, T> map, String id, Optional<T> now) {
    if (now.isPresent()) {
      map.put(id, now.get());
    } else {
      map.remove(id);
    }
  }

  private static <T> SortedMap<String, T> copy(SortedMap<String, T> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }
}
