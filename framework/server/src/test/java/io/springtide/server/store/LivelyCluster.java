package io.springtide.server.store;

import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.BatchPolicy;
import io.springtide.scheduler.job.ContainerSpec;
import io.springtide.scheduler.job.DiscoverySpec;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.job.HealthSpec;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobNotes;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.MountSpec;
import io.springtide.scheduler.job.PortSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.job.StopPolicy;
import io.springtide.scheduler.job.ToolSpec;
import io.springtide.scheduler.job.UpdatePolicy;
import io.springtide.scheduler.plan.Receipts;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.view.ClusterView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * A cluster to which everything happens that can: told to a core, so that its log is one that a
 * scheduler wrote and not one that somebody made up. {@link GoldenFiles} keeps what it stored.
 */
final class LivelyCluster {
  private static final String FRAMEWORK = "fw-golden-0001";
  private static final String LINK = "crossLinkMbps";
  private static final PortRanges PORTS = PortRanges.of(31000, 31999);

  private final List<List<Change>> commits = new ArrayList<>();
  private final Map<String, TaskLaunch> live = new LinkedHashMap<>();
  private final List<String> orders = new ArrayList<>();

  /** By host the offer that the core has neither used nor declined. */
  private final Map<String, String> held = new HashMap<>();

  private final Map<String, Resources> machines = new HashMap<>();
  private Instant now = Instant.parse("2026-02-17T12:00:00.123456789Z");
  private final SchedulerCore core =
      SchedulerCore.restore(CoreConfig.of("executor-1"), StateStore.Loaded.EMPTY, now);
  private int requests;
  private int offers;
  private int uuids;

  private LivelyCluster() {}

  /** The commits of the whole story, oldest first. */
  static List<List<Change>> commits() {
    LivelyCluster cluster = new LivelyCluster();
    cluster.documents();
    cluster.longAgo();
    cluster.hosts();
    cluster.jobs();
    cluster.life();
    cluster.laterChanges();
    return List.copyOf(cluster.commits);
  }

  // ---- The story.

  private void documents() {
    send(new Event.Subscribed(FRAMEWORK));
    put(pool("spare", PoolKind.OWNED, Map.of("zone", "spare")));
    ask(new Event.RemovePool(request(), "spare", any()));
    put(idc());
    put(rented());
    put(cloud());
    put(group("old", 1000, 1));
    ask(new Event.RemoveGroup(request(), "old", any()));
    put(weibo());
    put(group("weibo.feed", 15_000, 3));
    once("spring", new Event.PutGroup(request(), group("search", 2000, 2), any()));
  }

  /** A host that was given back so long ago that nobody remembers it, nor a request of that day. */
  private void longAgo() {
    pass(Duration.ofSeconds(3));
    String order = orders.get(0);
    send(
        new Event.HostsOrdered(
            order, List.of(new HostListing("c0", "cloud", order, HostListing.State.BOOTING))));
    givenBack("c0");
    now = now.plus(CoreConfig.of("executor-1").times().hosts().rememberGone());
    pass(Duration.ofSeconds(3));
    now = now.plus(Receipts.KEPT);
    pass(Duration.ofSeconds(3));
  }

  private void hosts() {
    for (String host : List.of("h1", "h2", "h3", "h4", "h5", "h6")) {
      join(host, "idc", "10.0.0.");
    }
    join("r1", "rented", "10.1.0.");
    wardensRun();
  }

  private void jobs() {
    put(cache());
    put(web(4, "feed/web:1"));
    put(count());
    put(everywhere());
    put(api());
    put(burst());
    put(small("weibo.feed.gone", 1));
    put(sum());
    put(later());
    put(once());
    offerAll();
    allRun();
    // The cloud brings one host of two; the other is still on order.
    pass(Duration.ofSeconds(3));
    String first = orders.get(1);
    send(
        new Event.HostsOrdered(
            first,
            List.of(
                new HostListing("c1", "cloud", first, HostListing.State.BOOTING),
                new HostListing("c2", "cloud", first, HostListing.State.BOOTING),
                new HostListing("c3", "cloud", first, HostListing.State.BOOTING))));
    join("c1", "cloud", "10.2.0.");
    wardensRun();
    offerAll();
    allRun();
    machines.put("c2", cloudRoom());
    offer("c2", Map.of("node", "c2", "zone", "cloud"));
    pass(Duration.ofSeconds(1));
    ask(new Event.RemoveJob(request(), "weibo.feed.gone", any()));
    tasks("weibo.feed.gone").forEach(task -> update(task, TaskState.KILLED, "", "by request"));
  }

  private void life() {
    // Attempts end in every way that there is.
    List<String> web = tasks("weibo.feed.web");
    update(web.get(0), TaskState.FAILED, "REASON_COMMAND_EXECUTOR_FAILED", "exit 1");
    again(TaskState.ERROR, "REASON_TASK_INVALID");
    again(TaskState.DROPPED, TaskUpdate.INVALID_OFFERS);
    again(TaskState.LOST, "REASON_SLAVE_REMOVED");
    again(TaskState.GONE, TaskUpdate.RECONCILIATION);
    again(TaskState.GONE_BY_OPERATOR, "REASON_SLAVE_REMOVED_BY_OPERATOR");
    again(TaskState.KILLED, "");
    pass(Duration.ofMinutes(1));
    offerAll();
    healthy(tasks("weibo.feed.web").get(0), true);
    healthy(tasks("weibo.feed.web").get(1), false);
    // A change replaces one instance after another: two revisions live side by side.
    put(web(5, "feed/web:2"));
    offerAll();
    List<String> batch = tasks("weibo.feed.count");
    update(batch.get(0), TaskState.FINISHED, "", "");
    update(batch.get(1), TaskState.FAILED, "REASON_MEMORY_LIMIT", "killed for its memory");
    update(tasks("weibo.feed.once").get(0), TaskState.FINISHED, "", "");
    // Another one's is tried again, and is not done in time.
    update(tasks("weibo.feed.sum").get(0), TaskState.FAILED, "", "exit 3");
    pass(Duration.ofSeconds(3));
    offerAll();
    allRun();
    pass(Duration.ofMinutes(6));
    update(tasks("weibo.feed.sum").get(0), TaskState.KILLED, "", "killed");
    // A task that nobody knows, and one that is gone again.
    news("weibo.feed.lost.0.77", "agent-h1", TaskState.RUNNING, "REASON_RECONCILIATION", "");
    news("weibo.feed.lost.1.78", "agent-h2", TaskState.RUNNING, "REASON_RECONCILIATION", "");
    news("weibo.feed.lost.1.78", "agent-h2", TaskState.FINISHED, "", "");
    // One host dies with what it ran, one is out of sight, one only with its executor.
    update(warden("h6"), TaskState.UNREACHABLE, "REASON_SLAVE_REMOVED", "");
    on("h6").forEach(task -> update(task, TaskState.UNREACHABLE, "REASON_SLAVE_REMOVED", ""));
    on("h5").stream().limit(1).forEach(task -> update(task, TaskState.UNKNOWN, "", ""));
    executorDies("h3");
    // Some of what it ran is not wanted there any more, and the rest goes back.
    put(api().withInstances(2));
    put(web(3, "feed/web:2"));
    pass(Duration.ofSeconds(2));
    offer("h3");
    allRun();
    reports("h3");
    offer("h3");
    allRun();
    executorDies("h4");
    wish("h1", Host.Wish.CORDON);
    wish("h2", Host.Wish.DRAIN);
    wish("r1", Host.Wish.DRAIN);
    pass(Duration.ofSeconds(3));
    stopping();
    givenBack("c3");
    wish("c2", Host.Wish.RELEASE);
    put(api().withInstances(6));
    put(web(5, "feed/web:2"));
    put(burst().withInstances(40));
    pass(Duration.ofSeconds(5));
    offer("h3");
    starting();
    ask(new Event.RemoveJob(request(), "weibo.feed.cache", any()));
    pass(Duration.ofSeconds(1));
  }

  private void laterChanges() {
    deployments();
    // What was guaranteed is borrowed from now on.
    once("summer", new Event.PutGroup(request(), group("weibo.feed", 4000, 3), any()));
    // Where a job may be becomes stricter, for what runs too.
    put(api(new Constraint.Match("rack", Set.of("k0", "k1"), false, false)).withInstances(6));
    // The master's operator takes some agents away.
    reported(Map.of("h5", AgentReport.State.DEACTIVATED, "r1", AgentReport.State.DRAINED));
    pass(Duration.ofSeconds(1));
  }

  /** Deployments end in every way that there is, and are under way in every way. */
  private void deployments() {
    UpdatePolicy policy =
        UpdatePolicy.DEFAULT
            .with(2, 1, 1)
            .with(Duration.ofSeconds(3), Duration.ofSeconds(30))
            .with(UpdatePolicy.Promotion.AUTO, true, UpdatePolicy.WhileDeploying.REFUSE);
    JobSpec none = small("weibo.feed.none", 0);
    put(none);
    for (int i = 0; i < 12; i++) {
      ask(new Event.RestartJob(request(), none.id(), any(), "feed-team"));
      pass(Duration.ofMillis(500));
    }
    UpdatePolicy stops =
        policy.with(UpdatePolicy.Promotion.MANUAL, false, UpdatePolicy.WhileDeploying.SUPERSEDE);
    List<String> names = List.of("aborted", "failed", "paused", "canary");
    for (String name : names) {
      UpdatePolicy its = name.equals("failed") ? stops : policy;
      put(small("weibo.feed." + name, 1).but().update(its).build());
    }
    offerAll();
    allRun();
    pass(Duration.ofSeconds(4));
    for (String name : names) {
      ask(new Event.RestartJob(request(), "weibo.feed." + name, any(), "feed-team"));
    }
    ask(new Event.RestartJob(request(), "weibo.feed.failed", any(), "feed-team"));
    steer("weibo.feed.aborted", Event.Steering.ABORT);
    steer("weibo.feed.paused", Event.Steering.PAUSE);
    for (int i = 0; i < 5; i++) {
      for (String name : names) {
        for (String task : tasks("weibo.feed." + name)) {
          boolean fails = i > 0 && name.equals("failed");
          boolean ends = stopping(task);
          if (ends) {
            update(task, TaskState.KILLED, "", "");
          } else {
            update(task, fails ? TaskState.FAILED : TaskState.RUNNING, "", "");
          }
        }
      }
      pass(Duration.ofSeconds(10));
      offerAll();
    }
  }

  private boolean stopping(String task) {
    return core.view().jobs().values().stream()
        .flatMap(job -> job.instances().stream())
        .map(ClusterView.InstanceView::instance)
        .filter(one -> one.state() == InstanceState.STOPPING)
        .anyMatch(one -> one.task().orElseThrow().id().equals(task));
  }

  private void steer(String job, Event.Steering how) {
    List<ClusterView.DeploymentView> all = core.view().jobs().get(job).deployments();
    String id = all.get(all.size() - 1).deployment().id();
    ask(new Event.SteerDeployment(request(), id, how, "feed-team"));
  }

  /** What the master says of all agents: these states, and active of the others. */
  private void reported(Map<String, AgentReport.State> states) {
    List<AgentReport> all =
        machines.keySet().stream()
            .sorted()
            .map(
                host ->
                    new AgentReport(
                        "agent-" + host,
                        states.getOrDefault(host, AgentReport.State.ACTIVE),
                        machines.get(host),
                        PORTS,
                        Optional.empty()))
            .toList();
    send(new Event.AgentsReported(all, Set.of(), Optional.empty()));
  }

  /** An ordered host is given back to its cloud. */
  private void givenBack(String host) {
    wish(host, Host.Wish.RELEASE);
    Cloud cloud = core.view().hosts().get(host).host().origin().orElseThrow().cloud();
    send(new Event.HostsReleased(cloud, List.of(host), List.of()));
  }

  private void executorDies(String host) {
    for (String task : on(host)) {
      update(task, TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor died");
    }
    update(warden(host), TaskState.FAILED, TaskUpdate.EXECUTOR_TERMINATED, "executor died");
  }

  /** The host's warden says that nothing is left there of what earlier executors started. */
  private void reports(String host) {
    HostReport.Engine docker = new HostReport.Engine("docker", true, "docker 28.1", true);
    send(
        new Event.HostReported(
            "agent-" + host, new HostReport(now, List.of(docker), Optional.empty(), warden(host))));
    pass(Duration.ofMillis(500));
  }

  /** What is to be stopped and says so. */
  private void stopping() {
    update(anyIn(InstanceState.STOPPING), TaskState.KILLING, "", "draining");
  }

  private void starting() {
    update(anyIn(InstanceState.STAGING), TaskState.STARTING, "", "");
  }

  /** The first web instance ends like this, and another attempt follows. */
  private void again(TaskState end, String reason) {
    pass(Duration.ofSeconds(20));
    offerAll();
    allRun();
    update(tasks("weibo.feed.web").get(0), end, reason, "it ended as " + end);
  }

  // ---- Documents.

  static Pool pool(String name, PoolKind kind, Map<String, String> selector) {
    return new Pool(
        name,
        kind,
        name + "-zone",
        selector,
        0,
        50,
        Buffer.NONE,
        FitPolicy.SPREAD,
        0,
        Duration.ofMinutes(10),
        Duration.ZERO,
        OptionalLong.empty(),
        Optional.empty(),
        Collections.emptySortedMap());
  }

  private static Pool idc() {
    return new Pool(
        "idc",
        PoolKind.OWNED,
        "yongfeng",
        Map.of("zone", "idc"),
        3,
        50,
        new Buffer(0, 10),
        FitPolicy.SPREAD,
        100_000,
        Duration.ofMinutes(10),
        Duration.ZERO,
        OptionalLong.empty(),
        Optional.empty(),
        Collections.emptySortedMap());
  }

  private static Pool rented() {
    return new Pool(
        "rented",
        PoolKind.PREPAID,
        "rented",
        Map.of("zone", "rented"),
        0,
        4,
        Buffer.NONE,
        FitPolicy.PACK,
        250_000,
        Duration.ofHours(1),
        Duration.ofDays(30),
        OptionalLong.empty(),
        Optional.of(template("vendor")),
        Collections.emptySortedMap());
  }

  private static Pool cloud() {
    return new Pool(
            "cloud",
            PoolKind.ON_DEMAND,
            "cn-beijing-a",
            Map.of(),
            0,
            10,
            new Buffer(1, 0),
            FitPolicy.PACK,
            420_000,
            Duration.ofMinutes(10),
            Duration.ofHours(1),
            OptionalLong.of(6_000_000),
            Optional.of(template("local")),
            Collections.emptySortedMap())
        .sharing(new TreeMap<>(Map.of(LINK, 10_000L)));
  }

  private static HostTemplate template(String driver) {
    return new HostTemplate(
        driver,
        cloudRoom(),
        Map.of("zone", "cloud", "rack", "none", "disk", "ssd"),
        Map.of("endpoint", "http://cloud.example", "image", "agent-12"));
  }

  private static Resources cloudRoom() {
    return Resources.of(4000, 8192, 40_000);
  }

  private static Group weibo() {
    Limit limit = Limit.of(200_000, 900_000);
    Resources guarantee =
        new Resources(20_000, 40_000, 10_000, 12, new TreeMap<>(Map.of(LINK, 500L)));
    return new Group(
        "weibo",
        "all of the product",
        "social",
        Map.of(
            "idc", new Quota(guarantee, Resources.of(10_000, 10_000), limit, 5),
            "rented", Quota.limitedTo(limit),
            "cloud", Quota.limitedTo(limit)),
        new Limit(new TreeMap<>(Map.of("cpus", 150_000L, LINK, 9_000L))),
        new GroupPolicy(
            true,
            List.of("/data", "/var/log"),
            900,
            List.of("docker", "process"),
            List.of("*"),
            false));
  }

  private static Group group(String path, long cpuMillis, int weight) {
    Limit limit = Limit.of(100_000, 500_000);
    Resources guarantee =
        new Resources(cpuMillis, 2 * cpuMillis, 2000, 8, new TreeMap<>(Map.of(LINK, 100L)));
    return new Group(
        path,
        "the group " + path,
        "social",
        Map.of(
            "idc", new Quota(guarantee, guarantee, limit, weight), "cloud", Quota.limitedTo(limit)),
        Limit.of(90_000, 400_000),
        new GroupPolicy(
            true, List.of("/data"), 500, List.of("*"), List.of("bridge", "host"), true));
  }

  private static JobSpec small(String id, int instances) {
    return job(id, JobKind.SERVICE, RuntimeKind.DOCKER, instances, List.of(), Optional.empty());
  }

  private static JobSpec job(
      String id,
      JobKind kind,
      RuntimeKind runtime,
      int instances,
      List<Constraint> constraints,
      Optional<HealthSpec> health) {
    return JobSpec.of(
            id,
            Resources.of(1000, 512, 100),
            new ContainerSpec(
                runtime == RuntimeKind.DOCKER ? id.replace('.', '/') + ":1" : "",
                List.of("/bin/serve", "--quietly"),
                Map.of("MODE", "prod"),
                ContainerSpec.HOST_NETWORK,
                List.of(new PortSpec("main", 0, 0)),
                List.of(),
                false))
        .kind(kind)
        .instances(instances)
        .runtime(runtime)
        .health(health)
        .constraints(constraints)
        .reclaimable(true)
        .build();
  }

  private static HealthSpec probed(HealthSpec.Probe probe) {
    return new HealthSpec(
        probe, Duration.ofSeconds(30), Duration.ofMillis(1500), Duration.ofSeconds(2), 3);
  }

  private static JobSpec cache() {
    return job(
        "weibo.feed.cache",
        JobKind.SERVICE,
        RuntimeKind.PROCESS,
        2,
        List.of(new Constraint.MaxPer("host", 1, false), new Constraint.Exclusive(true)),
        Optional.of(probed(new HealthSpec.Tcp("main"))));
  }

  /** A job that uses all that a job can say. */
  private static JobSpec web(int instances, String image) {
    return JobSpec.of(
            "weibo.feed.web",
            new Resources(1500, 2048, 100, 1, new TreeMap<>(Map.of(LINK, 10L))),
            new ContainerSpec(
                image,
                List.of("/bin/web", "--port", "8080"),
                Map.of("MODE", "prod", "LEVEL", "info"),
                ContainerSpec.BRIDGE_NETWORK,
                List.of(new PortSpec("http", 8080, 0), new PortSpec("admin", 8081, 31900)),
                List.of(
                    new MountSpec("/data/feed", "/data", true),
                    new MountSpec("/data/logs", "/logs", false)),
                true))
        .instances(instances)
        .tools(
            List.of(
                new ToolSpec(
                    "logtail", "tools/logtail:3", List.of("tail", "-f"), Map.of("TO", "kafka"))))
        .health(Optional.of(probed(new HealthSpec.Http("http", "/ping"))))
        .discovery(List.of(new DiscoverySpec.Consul("feed-web", "http", List.of("v1", "main"))))
        .pools(List.of("idc", "cloud"))
        .constraints(
            List.of(
                new Constraint.MaxPer("host", 2, false),
                new Constraint.MaxPer("rack", 3, true),
                new Constraint.Spread("rack", 2, true),
                new Constraint.Spread("zone", 90, false),
                new Constraint.Match("disk", Set.of("ssd", "nvme"), false, false),
                new Constraint.Match("rack", Set.of("k9"), true, true),
                new Constraint.Like("cpu", "xeon.*", false, true),
                new Constraint.Like("cpu", "atom", true, false),
                new Constraint.Near("weibo.feed.cache", "host", false, true),
                new Constraint.Near("search.api", "rack", true, true),
                new Constraint.NearLabel("noisy", "host", true, false),
                new Constraint.NearLabel("quiet", "rack", false, true)))
        .priority(300)
        .update(UpdatePolicy.DEFAULT.with(0, 3, 0))
        .failure(
            new FailurePolicy(Duration.ofSeconds(2), Duration.ofMinutes(2), Duration.ofMinutes(15)))
        .stop(new StopPolicy(Duration.ofSeconds(20), Duration.ofSeconds(45)))
        .notes(new JobNotes(Map.of("team", "feed", "tier", "1"), "feed-team@example"))
        .build();
  }

  private static JobSpec count() {
    return job(
        "weibo.feed.count",
        JobKind.BATCH,
        RuntimeKind.PROCESS,
        3,
        List.of(new Constraint.Near("search.api", "host", true, false)),
        Optional.of(probed(new HealthSpec.Command(List.of("test", "-e", "/tmp/alive")))));
  }

  /** Two instances, one after the other, and not for long. */
  private static JobSpec sum() {
    return job("weibo.feed.sum", JobKind.BATCH, RuntimeKind.PROCESS, 2, List.of(), Optional.empty())
        .but()
        .resources(Resources.of(100, 64))
        .batch(
            new BatchPolicy(
                1, 1, Optional.of(Duration.ofMinutes(5)), Optional.of(Duration.ofDays(900))))
        .build();
  }

  private static JobSpec once() {
    return job(
            "weibo.feed.once", JobKind.BATCH, RuntimeKind.PROCESS, 1, List.of(), Optional.empty())
        .but()
        .resources(Resources.of(100, 64))
        .build();
  }

  private static JobSpec later() {
    return small("weibo.feed.later", 1).but().after(List.of("weibo.feed.count")).build();
  }

  private static JobSpec everywhere() {
    return job(
        "weibo.feed.agent", JobKind.SYSTEM, RuntimeKind.DOCKER, 0, List.of(), Optional.empty());
  }

  private static JobSpec api(Constraint... constraints) {
    return job(
        "search.api",
        JobKind.SERVICE,
        RuntimeKind.DOCKER,
        4,
        List.of(constraints),
        Optional.of(probed(new HealthSpec.Grpc("main", "search.Api"))));
  }

  private static JobSpec burst() {
    JobSpec job =
        job("search.burst", JobKind.SERVICE, RuntimeKind.DOCKER, 6, List.of(), Optional.empty());
    return job.but().pools(List.of("cloud")).build();
  }

  // ---- What happens.

  private void send(Event event) {
    now = now.plusMillis(137);
    for (Effect effect : core.handle(event, now)) {
      if (effect instanceof Effect.Persist persist) {
        commits.add(persist.changes());
      } else if (effect instanceof Effect.Accept accept) {
        held.values().removeAll(accept.offerIds());
        accept.launches().forEach(launch -> live.put(launch.task().id(), launch));
      } else if (effect instanceof Effect.Decline decline) {
        held.values().removeAll(decline.offerIds());
      } else if (effect instanceof Effect.OrderHosts order && !orders.contains(order.token())) {
        orders.add(order.token());
      } else if (effect instanceof Effect.Reply reply
          && !(reply.outcome() instanceof Outcome.Done)) {
        throw new IllegalStateException(event + " was answered by " + reply.outcome());
      }
    }
  }

  private void ask(Event.Command command) {
    send(command);
  }

  /** Asked with a key. */
  private void once(String key, Event.Command command) {
    send(new Event.Once("ci", key, "digest of " + key, command));
  }

  private void put(Pool pool) {
    ask(new Event.PutPool(request(), pool, any()));
  }

  private void put(Group group) {
    ask(new Event.PutGroup(request(), group, any()));
  }

  private void put(JobSpec job) {
    ask(new Event.PutJob(request(), job, any(), "feed-team"));
  }

  private void wish(String host, Host.Wish wish) {
    ask(new Event.SetHostWish(request(), host, wish));
  }

  private void pass(Duration time) {
    for (Instant end = now.plus(time); now.isBefore(end); ) {
      now = now.plusMillis(400);
      send(new Event.Tick());
    }
  }

  private void join(String host, String zone, String network) {
    machines.put(
        host,
        zone.equals("cloud")
            ? cloudRoom()
            : new Resources(8000, 16_384, 100_000, 4, new TreeMap<>(Map.of(LINK, 1000L))));
    offer(
        host,
        Map.of(
            "node",
            host,
            "zone",
            zone,
            "rack",
            "k" + (host.charAt(1) - '0') % 3,
            "disk",
            "ssd",
            "cpu",
            "xeon-6248",
            "address",
            network + host.charAt(1)));
    pass(Duration.ofSeconds(1));
  }

  private void offer(String host) {
    offer(host, core.view().hosts().get(host).host().attributes());
  }

  private void offerAll() {
    for (String host : List.copyOf(core.view().hosts().keySet())) {
      if (!core.view().hosts().get(host).host().agentId().isEmpty()) {
        offer(host);
        allRun();
      }
    }
  }

  /** All that is free there, in one offer: Mesos offers nothing twice. */
  private void offer(String host, Map<String, String> attributes) {
    Optional.ofNullable(held.remove(host)).map(Event.OfferRescinded::new).ifPresent(this::send);
    Resources free = machines.get(host);
    boolean executor = false;
    for (TaskLaunch launch : live.values()) {
      if (launch.task().host().equals(host)) {
        executor = true;
        free =
            free.minus(launch.job().map(JobSpec::resources).orElse(CoreConfig.of("x").overhead()));
      }
    }
    String id = "o" + ++offers;
    held.put(host, id);
    send(
        new Event.OffersReceived(
            List.of(
                new Offer(
                    id,
                    "agent-" + host,
                    host + ".example",
                    "10.0.0.1:5051",
                    attributes,
                    free,
                    Resources.ZERO,
                    PORTS,
                    executor ? Set.of("executor-1") : Set.of(),
                    Optional.empty()))));
    pass(Duration.ofMillis(500));
  }

  private void wardensRun() {
    allRun();
    pass(Duration.ofSeconds(1));
  }

  /** What was launched and has not been heard of runs. */
  private void allRun() {
    for (TaskLaunch launch : List.copyOf(live.values())) {
      boolean staging = launch.warden() ? isNewWarden(launch.task()) : isStaging(launch.task());
      if (staging) {
        update(launch.task().id(), TaskState.STARTING, "", "");
        update(launch.task().id(), TaskState.RUNNING, "", "");
      }
    }
  }

  private boolean isNewWarden(Task task) {
    Host host = core.view().hosts().get(task.host()).host();
    return !host.wardenRuns() && warden(task.host()).equals(task.id());
  }

  private boolean isStaging(Task task) {
    return tasksIn(InstanceState.STAGING).contains(task.id());
  }

  private String anyIn(InstanceState state) {
    return tasksIn(state).get(0);
  }

  private List<String> tasksIn(InstanceState state) {
    return core.view().jobs().values().stream()
        .flatMap(job -> job.instances().stream())
        .map(view -> view.instance())
        .filter(instance -> instance.state() == state)
        .map(instance -> instance.task().orElseThrow().id())
        .toList();
  }

  private String warden(String host) {
    return core.view().hosts().get(host).host().warden().map(task -> task.id()).orElse("");
  }

  private void update(String task, TaskState state, String reason, String message) {
    news(task, live.get(task).task().agentId(), state, reason, message);
    if (state.terminal()) {
      live.remove(task);
    }
  }

  private void news(String task, String agent, TaskState state, String reason, String message) {
    send(
        new Event.TaskUpdated(
            new TaskUpdate(task, agent, state, reason, message, Optional.empty(), "u" + ++uuids)));
  }

  private void healthy(String task, boolean healthy) {
    send(
        new Event.TaskUpdated(
            new TaskUpdate(
                task,
                live.get(task).task().agentId(),
                TaskState.RUNNING,
                "",
                "",
                Optional.of(healthy),
                "u" + ++uuids)));
  }

  /** The live tasks of a job, in the order of their launches. */
  private List<String> tasks(String job) {
    return live.values().stream()
        .filter(launch -> launch.job().map(JobSpec::id).filter(job::equals).isPresent())
        .map(launch -> launch.task().id())
        .toList();
  }

  /** The live tasks on a host but its warden. */
  private List<String> on(String host) {
    return live.values().stream()
        .filter(launch -> !launch.warden() && launch.task().host().equals(host))
        .map(launch -> launch.task().id())
        .toList();
  }

  private String request() {
    return "r" + ++requests;
  }

  private static OptionalLong any() {
    return OptionalLong.empty();
  }
}
