package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Plan;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.JobView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Drives one core and its successors through a world, under a checker. */
final class Walker {
  enum Kind {
    DELIVER,
    OFFER,
    PASS,
    /** A minute: time enough for the next listing. */
    LONG_PASS,
    ADVANCE,
    FINISH,
    FAIL,
    KILL_EXECUTOR,
    HIDE,
    SHOW,
    REBOOT,
    RESCIND,
    DISCONNECT,
    CRASH_BEFORE_COMMIT,
    CRASH_AMID_EFFECTS,
    SCALE,
    CHANGE,
    REMOVE,
    DRAIN,
    SERVE,
    BOOT,
    SET_CLOCK,
    /** What a cloud says next is lost. */
    LOSE_ANSWER,
    /** The next listings are old ones. */
    LIST_OLD,
    /** Wardens report. */
    REPORT,
    /** A host's engine cannot remove containers. */
    STICK,
    UNSTICK,
    /** The cloud has few hosts left, or enough again. */
    STOCK,
    /** The pool orders from another region, or from none. */
    MOVE,
    /** The master says what it makes of its agents. */
    AGENTS,
    /** A machine is to be away, now or later, or is to stay. */
    WINDOW,
    /** A job may use other pools or hosts, or its group other pools. */
    RULE
  }

  record Step(Kind kind, int pick) {}

  /** Who wants what of which hosts. */
  enum Scene {
    /** One group, three owned hosts, and a cloud with hosts enough for all that is wanted. */
    CLOUD(List.of("feed.web", "feed.old")),
    /** Two groups that are guaranteed most of three owned hosts, and want more than there is. */
    TENANTS(List.of("feed.web", "feed.old", "search.web"));

    @SuppressWarnings("ImmutableEnumChecker") // List.of, which nobody can change.
    private final List<String> jobs;

    Scene(List<String> jobs) {
      this.jobs = jobs;
    }
  }

  private final CoreConfig config = CoreConfig.of("executor-1");
  private final World world = new World();
  private final Checker checker = new Checker();
  private final List<Change> log = new ArrayList<>();
  private final List<Life> lives = new ArrayList<>();
  private long version;
  private SchedulerCore core;

  /** Follows what is committed, and leads when the core dies. */
  private SchedulerCore follower;

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /** By how much the wall clock is wrong, and was when the present process began. */
  private Duration wrong = Duration.ZERO;

  private Duration wrongAtStart = Duration.ZERO;
  private int requests;
  private int images;
  private Kind crash;
  private boolean watched;
  private int crashPick;

  /** What one process was told, and what it answered. */
  private record Life(
      StateStore.Loaded start,
      Instant began,
      List<Event> events,
      List<Instant> times,
      List<List<Effect>> effects) {}

  private UnaryOperator<List<Effect>> saboteur = UnaryOperator.identity();
  private Predicate<Event> deaf = event -> false;
  private int commits;
  private int crashAtCommit = -1;
  private Kind crashHow = Kind.CRASH_BEFORE_COMMIT;

  private final Scene scene;

  Walker() {
    this(Scene.CLOUD);
  }

  Walker(Scene scene) {
    this.scene = scene;
    world.maxCloud(3);
    for (String host : List.of("h1", "h2", "h3")) {
      world.join(host, Map.of("node", host, "zone", "idc"), Resources.of(4000, 8192, 20_000));
    }
    start();
    send(new Event.PutPool("p1", Documents.idc(), OptionalLong.empty()));
    if (scene == Scene.CLOUD) {
      send(new Event.PutPool("p2", Documents.cloud(3), OptionalLong.empty()));
      send(new Event.PutGroup("p3", Documents.feed(9000), OptionalLong.empty()));
    } else {
      send(new Event.PutGroup("p3", Documents.tenant("feed", 3000), OptionalLong.empty()));
      send(new Event.PutGroup("p4", Documents.tenant("search", 5000), OptionalLong.empty()));
      JobSpec search = Documents.of("search", JobKind.SERVICE, Documents.job("web", 2));
      send(new Event.PutJob(request(), search, any()));
    }
    put("web", RuntimeKind.DOCKER, 3);
    put("old", RuntimeKind.PROCESS, 2);
  }

  /** From now on a core that is broken like this. */
  Walker with(UnaryOperator<List<Effect>> effects, Predicate<Event> deafTo) {
    saboteur = effects;
    deaf = deafTo;
    return this;
  }

  /**
   * The process dies at that commit, counted from now: before it, or in the midst of what follows.
   */
  Walker crashAt(int commit, Kind how) {
    commits = 0;
    crashAtCommit = commit;
    crash = null;
    crashHow = how;
    return this;
  }

  /** From now on what the core shows is looked at after each event. */
  Walker watched() {
    watched = true;
    return this;
  }

  long evictions() {
    return checker.evictions();
  }

  /** How many hosts were given up, or given back, so far. */
  long gone() {
    return checker.wentAndWasRemembered();
  }

  /** How often something came to be left by a lost executor. */
  long remains() {
    return checker.remains();
  }

  int commits() {
    return commits;
  }

  void step(Step step) {
    int pick = step.pick();
    switch (step.kind()) {
      case DELIVER -> deliver(1 + pick % 5);
      case OFFER -> world.offer();
      case PASS -> pass(Duration.ofMillis(100L + 40L * pick));
      case LONG_PASS -> pass(Duration.ofSeconds(61));
      case ADVANCE -> world.advance(pick);
      case FINISH -> world.end(pick, TaskState.FINISHED);
      case FAIL -> world.end(pick, TaskState.FAILED);
      case KILL_EXECUTOR -> world.killExecutor(pick);
      case HIDE -> world.hide(pick);
      case SHOW -> world.show(pick);
      case REBOOT -> world.reboot(pick);
      case RESCIND -> world.rescind(pick);
      case DISCONNECT -> reconnect();
      case CRASH_BEFORE_COMMIT, CRASH_AMID_EFFECTS -> {
        crash = step.kind();
        crashPick = pick;
      }
      case SCALE -> scaleOnce(scene.jobs.get(pick % scene.jobs.size()), pick);
      case CHANGE -> change(pick);
      case REMOVE -> send(new Event.RemoveJob(request(), "feed.old", any()));
      case DRAIN -> send(new Event.SetHostWish(request(), "h" + (1 + pick % 3), Host.Wish.DRAIN));
      case SERVE -> send(new Event.SetHostWish(request(), "h" + (1 + pick % 3), Host.Wish.SERVE));
      case BOOT -> world.boot();
      case SET_CLOCK -> setClock(Duration.ofMinutes(10L * (pick - 500)));
      case LOSE_ANSWER -> world.loseAnswer();
      case REPORT -> world.report();
      case STICK -> world.stick(pick);
      case UNSTICK -> world.unstick();
      case LIST_OLD -> world.clouds().listFromMemory(1 + pick % 6);
      case STOCK -> world.clouds().stock(pick % 2 == 0 ? pick % 3 : Integer.MAX_VALUE);
      case MOVE -> move(pick % 4);
      case AGENTS -> world.reportAgents();
      case WINDOW -> window(pick);
      case RULE -> rule(pick);
    }
  }

  /** Somebody sets the wall clock. A process does not mind: its time is what has really passed. */
  private void setClock(Duration by) {
    wrong = wrong.plus(by);
  }

  /** The clock is set, and another process goes on by it. */
  void restartAfter(Duration set) {
    setClock(set);
    start();
  }

  /** The faults stop. */
  void rest() {
    quieten(60);
  }

  /** The faults stop: what is wanted runs, and nothing else. */
  void settle() {
    quieten(400);
    checker.quiescent(world);
  }

  /** The faults stop: what is wanted runs where its rules would have it, as far as it can. */
  void settleByRules() {
    quieten(400);
    checker.quiescentByRules(world);
  }

  /** How many instances were moved for their job's rules alone. */
  long movesForRules() {
    return checker.movesForRules();
  }

  /**
   * The faults stop. What is guaranteed runs, no host has room that somebody wants, and nobody is
   * evicted any more.
   */
  void settleSharing() {
    quieten(400);
    checker.shared(world, Map.of("feed", 3, "search", 5), 9);
    long evictions = checker.evictions();
    quieten(400);
    assertThat(checker.evictions()).as("it comes to rest").isEqualTo(evictions);
  }

  /** One group borrows all that the other does not use; then the other wants its own. */
  void lend() {
    scale("search.web", 0);
    scale("feed.web", 6);
    scale("feed.old", 3);
    quieten(60);
    scale("search.web", 4);
  }

  /**
   * What a plan says of a change comes about: as many instances of each group run, and the hosts
   * cost as much. Of which of its jobs they are is the group's own matter: disruption budgets may
   * spread evictions over them.
   */
  void planAndDo(int pick, int count) {
    String job = scene.jobs.get(pick % scene.jobs.size());
    Event.Command change = new Event.SetInstances("", job, count, any());
    Plan plan = plan(change);
    send(change);
    quieten(100);
    Map<String, Long> expected = new TreeMap<>();
    Map<String, Long> running = new TreeMap<>();
    for (ClusterView.JobView view : core.view().jobs().values()) {
      String id = view.job().id();
      long waits = plan.waiting().containsKey(id) ? plan.waiting().get(id).instances() : 0;
      String group = view.job().spec().group();
      expected.merge(group, view.job().spec().instances() - waits, Long::sum);
      long runs =
          view.instances().stream()
              .filter(i -> i.instance().state() == InstanceState.RUNNING)
              .count();
      running.merge(group, runs, Long::sum);
    }
    assertThat(running).as("%s to %s: %s", job, count, plan).isEqualTo(expected);
    long hosts = core.view().hosts().values().stream().filter(h -> h.host().ordered()).count();
    assertThat(hosts * 420_000)
        .as("%s to %s: %s", job, count, plan)
        .isEqualTo(plan.microsPerHourAfter());
  }

  private Plan plan(Event.Command change) {
    List<Plan> found = new ArrayList<>();
    UnaryOperator<List<Effect>> before = saboteur;
    saboteur =
        effects -> {
          effects.stream()
              .filter(Effect.Reply.class::isInstance)
              .map(effect -> ((Effect.Reply) effect).outcome())
              .forEach(outcome -> found.add(((Outcome.Planned) outcome).plan()));
          return effects;
        };
    send(new Event.AskPlan("plan", List.of(change)));
    saboteur = before;
    return found.get(0);
  }

  private void scale(String job, int instances) {
    send(new Event.SetInstances(request(), job, instances, any()));
  }

  /**
   * With a key that may come again: the same pick repeats what was asked, another asks for more.
   */
  private void scaleOnce(String job, int pick) {
    Event.Command scale = new Event.SetInstances(request(), job, pick % 7, any());
    send(new Event.Once("u" + pick % 2, "k" + pick % 40, job + " " + pick % 7, scale));
  }

  private void window(int pick) {
    Instant start = time().plus(Duration.ofMinutes(10L * (pick % 20)));
    Maintenance window = new Maintenance(start, Optional.of(start.plus(Duration.ofMinutes(30))));
    world.schedule("h" + (1 + pick % 3), pick % 4 == 0 ? Optional.empty() : Optional.of(window));
  }

  private void rule(int pick) {
    if (pick % 5 == 0) {
      send(new Event.PutGroup(request(), Documents.feed(9000, pick % 2 == 0), any()));
      return;
    }
    String id = scene.jobs.get(pick % scene.jobs.size());
    JobView known = core.view().jobs().get(id);
    if (known == null) {
      return;
    }
    JobSpec job = known.job().spec();
    JobSpec ruled =
        switch (pick % 7) {
          case 0 -> Documents.withConstraints(job);
          case 1 -> Documents.withConstraints(job, onHost("h1", false));
          case 2 -> Documents.withConstraints(job, onHost("h2", true));
          case 3 ->
              Documents.withConstraints(job, new Constraint.MaxPer(Constraint.HOST, 1, false));
          case 4 -> Documents.withPools(job, "idc");
          case 5 -> Documents.withPools(job, "cloud");
          default -> Documents.withPools(job);
        };
    send(new Event.PutJob(request(), ruled, any()));
  }

  private static Constraint onHost(String host, boolean negated) {
    return new Constraint.Match(Constraint.HOST, Set.of(host), negated, false);
  }

  /** The pool's hosts are to come from there; 0: from nowhere. */
  private void move(int region) {
    Pool cloud = region == 0 ? Documents.closed(3) : Documents.cloudIn("r" + region, 3);
    send(new Event.PutPool(request(), cloud, any()));
  }

  private void quieten(int rounds) {
    crash = null;
    world.unstick();
    world.clouds().listFromMemory(0);
    world.clouds().stock(Integer.MAX_VALUE);
    boolean closed =
        scene == Scene.CLOUD && core.view().pools().get("cloud").pool().template().isEmpty();
    if (closed) {
      move(1);
    }
    world.showAll();
    world.stay();
    for (String host : List.of("h1", "h2", "h3")) {
      send(new Event.SetHostWish(request(), host, Host.Wish.SERVE));
    }
    for (int round = 0; round < rounds; round++) {
      world.boot();
      world.showAll();
      world.report();
      world.reportAgents();
      world.advanceAll();
      if (round % 3 == 0) {
        world.offer();
      }
      if (round % 10 == 0) {
        world.resend();
      }
      deliver(1000);
      pass(Duration.ofSeconds(5));
    }
    world.advanceAll();
    deliver(1000);
  }

  /**
   * Equal events at equal times give equal effects, whether a core has followed what there was
   * before or was restored from it.
   */
  void replay() {
    for (Life life : lives) {
      SchedulerCore again = SchedulerCore.restore(config, life.start(), life.began());
      for (int i = 0; i < life.events().size(); i++) {
        assertThat(answered(again.handle(life.events().get(i), life.times().get(i))))
            .isEqualTo(life.effects().get(i));
      }
    }
  }

  /** What the core leaves to others to work out, worked out. */
  private static List<Effect> answered(List<Effect> effects) {
    return effects.stream()
        .map(
            effect ->
                effect instanceof Effect.Reply reply
                        && reply.outcome() instanceof Outcome.Deferred deferred
                    ? new Effect.Reply(reply.requestId(), deferred.forecast().get())
                    : effect)
        .toList();
  }

  private void put(String name, RuntimeKind runtime, int count) {
    JobSpec job = Documents.job(name, JobKind.SERVICE, runtime, count);
    send(new Event.PutJob(request(), job, any()));
  }

  private void change(int pick) {
    JobSpec job = Documents.job("web", 2 + pick % 3);
    JobSpec next = Documents.withImage(job, "web:" + ++images);
    send(new Event.PutJob(request(), next, any()));
  }

  private void start() {
    StateStore.Loaded durable = new StateStore.Loaded(version, log);
    wrongAtStart = wrong;
    if (follower == null) {
      follower = SchedulerCore.following(config, time());
    }
    core = follower;
    core.lead(time());
    follower = SchedulerCore.following(config, time());
    follower.follow(version, log, time());
    lives.add(new Life(durable, time(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
    world.subscribe();
  }

  /** As the process has it: the wall's time at its start, and what has passed since. */
  private Instant time() {
    return now.plus(wrongAtStart);
  }

  private void reconnect() {
    world.disconnect();
    send(new Event.Disconnected());
    world.subscribe();
  }

  private void deliver(int count) {
    for (int i = 0; i < count; i++) {
      var event = world.next();
      if (event.isEmpty()) {
        return;
      }
      send(event.get());
    }
  }

  private void pass(Duration time) {
    now = now.plus(time);
    world.at(now);
    send(new Event.Tick());
  }

  private void send(Event event) {
    checker.delivered(event, now);
    world.toldOf(event);
    List<Effect> effects =
        deaf.test(event) ? List.of() : saboteur.apply(answered(core.handle(event, time())));
    Life life = lives.get(lives.size() - 1);
    life.events().add(event);
    life.times().add(time());
    life.effects().add(effects);
    boolean commit = effects.stream().anyMatch(Effect.Persist.class::isInstance);
    if (commit && commits++ == crashAtCommit) {
      crash = crashHow;
    }
    Kind fault = commit ? crash : null;
    if (fault != null) {
      crash = null;
    }
    if (fault == Kind.CRASH_BEFORE_COMMIT) {
      start();
      return;
    }
    int carriedOut = fault == Kind.CRASH_AMID_EFFECTS ? crashPick % effects.size() : effects.size();
    for (int i = 0; i < effects.size(); i++) {
      Effect effect = effects.get(i);
      if (effect instanceof Effect.Persist persist) {
        assertThat(persist.version()).isEqualTo(version + 1);
        version++;
        log.addAll(persist.changes());
        follower.follow(version, persist.changes(), now.plus(wrong));
        checker.durable(persist.changes());
      } else if (i <= carriedOut) {
        checker.performed(effect, world);
        world.perform(effect);
      }
    }
    if (fault == Kind.CRASH_AMID_EFFECTS) {
      start();
    }
    if (watched) {
      checker.shows(core.view());
      checker.shows(follower.view());
    }
  }

  private String request() {
    return "r" + ++requests;
  }

  private static OptionalLong any() {
    return OptionalLong.empty();
  }
}
