package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Shadow;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Tells a core what happens, and looks at what it wants done: a script that reads like a story. The
 * log is kept, so a story may restart its core at any moment.
 */
public final class Story {
  static final String FRAMEWORK = "fw-1";
  public static final Resources BIG = Resources.of(8000, 8192, 50_000);

  private final CoreConfig config = CoreConfig.of("executor-1");
  private final List<Change> log = new ArrayList<>();
  private final List<Effect> unread = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private SchedulerCore core = SchedulerCore.restore(config, StateStore.Loaded.EMPTY, now);
  private int requests;
  private int offers;
  private Optional<Maintenance> window = Optional.empty();

  // ---- What happens.

  /** An event, a tenth of a second after the last: time enough for the next round of matching. */
  public List<Effect> send(Event event) {
    now = now.plusMillis(100);
    return sendNow(event);
  }

  private List<Effect> sendNow(Event event) {
    List<Effect> effects = core.handle(event, now);
    for (int i = 0; i < effects.size(); i++) {
      if (effects.get(i) instanceof Effect.Persist persist) {
        assertThat(i).as("whatever follows from a commit comes after it").isZero();
        assertThat(persist.version()).isEqualTo(core.version());
        log.addAll(persist.changes());
      }
    }
    unread.addAll(effects);
    return effects;
  }

  public Story subscribe() {
    send(new Event.Subscribed(FRAMEWORK));
    return this;
  }

  public Story pass(Duration time) {
    Instant end = now.plus(time);
    while (now.isBefore(end)) {
      Duration left = Duration.between(now, end);
      Duration step = Duration.ofMillis(500);
      now = now.plus(left.compareTo(step) < 0 ? left : step);
      sendNow(new Event.Tick());
    }
    return this;
  }

  /** Time passes and nobody tells the core, until something else happens. */
  public Story leap(Duration time) {
    now = now.plus(time);
    return this;
  }

  /** The process dies and another goes on with what is durable. */
  public Story restart() {
    core = SchedulerCore.restore(config, new StateStore.Loaded(core.version(), log), now);
    unread.clear();
    return this;
  }

  /** Somebody sets the clock, and then another process goes on. */
  Story restart(Duration set) {
    now = now.plus(set);
    return restart();
  }

  /** A restart from the snapshot instead of the log. */
  public Story restartFromSnapshot() {
    core = SchedulerCore.restore(config, new StateStore.Loaded(core.version(), durable()), now);
    unread.clear();
    return this;
  }

  /** What is durable: what the log comes to. */
  public List<Change> durable() {
    Shadow shadow = new Shadow();
    shadow.follow(log);
    return shadow.changes();
  }

  public Outcome put(Pool pool) {
    return ask(new Event.PutPool(request(), pool, OptionalLong.empty()));
  }

  public Outcome put(Group group) {
    return ask(new Event.PutGroup(request(), group, OptionalLong.empty()));
  }

  public Outcome put(JobSpec job) {
    return ask(new Event.PutJob(request(), job, OptionalLong.empty()));
  }

  public Outcome scale(String job, int instances) {
    return ask(new Event.SetInstances(request(), job, instances, OptionalLong.empty()));
  }

  public Outcome remove(String job) {
    return ask(new Event.RemoveJob(request(), job, OptionalLong.empty()));
  }

  public Outcome wish(String host, Host.Wish wish) {
    return ask(new Event.SetHostWish(request(), host, wish));
  }

  /** What these changes would bring about. */
  public Outcome foresee(Event.Command... changes) {
    return forecast(changes).get();
  }

  /** The question, not answered yet. */
  public Supplier<Outcome> forecast(Event.Command... changes) {
    return ((Outcome.Deferred) ask(new Event.AskPlan(request(), List.of(changes)))).forecast();
  }

  public Outcome ask(Event.Request request) {
    return send(request).stream()
        .filter(Effect.Reply.class::isInstance)
        .map(effect -> ((Effect.Reply) effect).outcome())
        .findFirst()
        .orElseThrow();
  }

  public String request() {
    return "r" + ++requests;
  }

  /** An offer, reserved to us, of a host in {@code idc}, whose agent is {@code agent-<host>}. */
  public String offer(String host) {
    return offer(host, "agent-" + host, BIG, Set.of());
  }

  public String offer(String host, String agent, Resources resources, Set<String> executors) {
    return offer(host, agent, resources, executors, Map.of("node", host, "zone", "idc"));
  }

  public String offer(
      String host,
      String agent,
      Resources resources,
      Set<String> executors,
      Map<String, String> attributes) {
    return offer(host, agent, resources, Resources.ZERO, executors, attributes);
  }

  /** An offer of a host that others could use as well, on which our executor lives. */
  public String lendableOffer(String host, Resources resources) {
    return offer(
        host,
        "agent-" + host,
        resources,
        resources,
        Set.of("executor-1"),
        Map.of("node", host, "zone", "idc"));
  }

  String offer(
      String host,
      String agent,
      Resources resources,
      Resources unreserved,
      Set<String> executors,
      Map<String, String> attributes) {
    String id = "o" + ++offers;
    send(
        new Event.OffersReceived(
            List.of(
                new Offer(
                    id,
                    agent,
                    host + ".example",
                    "10.0.0.1:5051",
                    attributes,
                    resources,
                    unreserved,
                    PortRanges.of(31000, 31999),
                    executors,
                    window))));
    return id;
  }

  /** From now on offers say that their machines are away then. */
  public void unavailable(Maintenance then) {
    window = Optional.ofNullable(then);
  }

  public Story update(Task task, TaskState state) {
    return update(task, state, "", "");
  }

  public Story update(Task task, TaskState state, String reason, String message) {
    send(new Event.TaskUpdated(news(task.id(), task.agentId(), state, reason, message)));
    return this;
  }

  public TaskUpdate news(
      String task, String agent, TaskState state, String reason, String message) {
    return new TaskUpdate(
        task, agent, state, reason, message, Optional.empty(), "uuid-" + task + "-" + state);
  }

  public Story healthy(Task task, boolean healthy) {
    return checked(task, "", healthy, false);
  }

  /**
   * The host's warden reports, and says whether its engine has nothing left of earlier executors.
   */
  public Story reports(String host, boolean ready, boolean clean) {
    Task warden = host(host).warden().orElseThrow();
    return reports(host, warden.id(), ready, clean);
  }

  public Story reports(String host, String warden, boolean ready, boolean clean) {
    HostReport.Engine engine = new HostReport.Engine("docker", ready, "docker 28.1", clean);
    send(
        new Event.HostReported(
            host(host).agentId(), new HostReport(now, List.of(engine), Optional.empty(), warden)));
    return this;
  }

  /** Its executor says that its health check has failed too often. */
  public Story condemned(Task task) {
    return checked(task, "health check failed 3 times in a row: ill", false, true);
  }

  private Story checked(Task task, String message, boolean healthy, boolean condemned) {
    send(
        new Event.TaskUpdated(
            new TaskUpdate(
                task.id(),
                task.agentId(),
                TaskState.RUNNING,
                "",
                message,
                Optional.of(healthy),
                "uuid",
                condemned)));
    return this;
  }

  /** A host joins, and its warden comes up. */
  public Story ready(String host) {
    read();
    offer(host);
    Task warden = theLaunch().task();
    update(warden, TaskState.RUNNING);
    return this;
  }

  /** Pool, group, subscription and these ready hosts. */
  public static Story with(String... hosts) {
    Story story = new Story().subscribe();
    story.put(Documents.idc());
    story.put(Documents.cloud(5));
    story.put(Documents.feed(100_000));
    for (String host : hosts) {
      story.ready(host);
    }
    story.read();
    return story;
  }

  /** These ready hosts; the one instance of {@code feed.web} runs on {@code h1}, the first. */
  public static Story running(String... hosts) {
    Story story = with(hosts);
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.pass(Duration.ofSeconds(20));
    story.read();
    return story;
  }

  // ---- What follows.

  /** All effects since the last look. */
  public List<Effect> read() {
    List<Effect> all = List.copyOf(unread);
    unread.clear();
    return all;
  }

  public <T extends Effect> List<T> read(Class<T> kind) {
    return read().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  public List<TaskLaunch> launches() {
    return read(Effect.Accept.class).stream().flatMap(a -> a.launches().stream()).toList();
  }

  public TaskLaunch theLaunch() {
    List<TaskLaunch> launches = launches();
    assertThat(launches).hasSize(1);
    return launches.get(0);
  }

  public Task task(String instance) {
    return instance(instance).task().orElseThrow();
  }

  public Instance instance(String id) {
    return shown(id).instance();
  }

  public InstanceView shown(String id) {
    int hash = id.indexOf('#');
    return view()
        .jobs()
        .get(id.substring(0, hash))
        .instance(Integer.parseInt(id.substring(hash + 1)))
        .orElseThrow();
  }

  public List<Instance> instances(String job, Predicate<Instance> which) {
    return view().jobs().get(job).instances().stream()
        .map(InstanceView::instance)
        .filter(which)
        .toList();
  }

  public List<Instance> instances(String job) {
    return instances(job, instance -> true);
  }

  public ClusterView view() {
    return core.view();
  }

  public Host host(String id) {
    return view().hosts().get(id).host();
  }

  public SchedulerCore core() {
    return core;
  }

  public Instant now() {
    return now;
  }
}
