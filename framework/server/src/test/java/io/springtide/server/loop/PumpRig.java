package io.springtide.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.server.document.Documents;
import io.springtide.server.document.GroupDocument;
import io.springtide.server.document.JobDocument;
import io.springtide.server.document.PoolDocument;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A pump in virtual time, on one thread. Beside it runs a second core that is told the same at the
 * same times: equal events give equal effects, so it says what must be done, and after which
 * commit. Whatever is done is held against that in the moment in which it is done (promise 2).
 */
final class PumpRig {
  private static final CoreConfig CONFIG = CoreConfig.of("springtide");

  final ScriptedStore store = new ScriptedStore();
  final Deque<Runnable> executor = new ArrayDeque<>();
  final List<Effect> done = new ArrayList<>();
  final List<String> fatal = new ArrayList<>();
  final Published published;
  final ScriptedTrail trail = new ScriptedTrail();
  private final CorePump pump;
  private final List<Due> due = new ArrayList<>();
  private final List<Long> shown = new ArrayList<>();
  private final List<TaskLaunch> launched = new ArrayList<>();

  private Instant wall = Instant.parse("2026-01-01T00:00:00Z");
  private long nanos = 17;
  private final SteadyClock clock = new SteadyClock(() -> wall, () -> nanos);
  private final SchedulerCore twin =
      SchedulerCore.restore(CONFIG, StateStore.Loaded.EMPTY, clock.instant());
  private Runnable sabotage = () -> {};
  private int requests;
  private int offers;
  private int turnsDone;

  /** What must be done, and the version that must be durable before. */
  private record Due(Effect effect, long after) {}

  PumpRig() {
    SchedulerCore core = SchedulerCore.restore(CONFIG, StateStore.Loaded.EMPTY, clock.instant());
    published = new Published(core.view());
    published.watch(
        view -> {
          assertThat(fatal).as("nothing is shown after a failure").isEmpty();
          assertThat(view.version())
              .as("what is shown is durable")
              .isLessThanOrEqualTo(store.durable());
          shown.add(view.version());
          assertThat(shown).isSorted();
        });
    pump =
        new CorePump(
            core,
            store,
            published,
            clock,
            executor::add,
            trail,
            this::carryOut,
            this::carryOut,
            fatal::add);
  }

  private void carryOut(Effect effect) {
    sabotage.run();
    assertThat(fatal).as("nothing is done after a failure: " + effect).isEmpty();
    assertThat(due).as("it was decided").hasSizeGreaterThan(done.size());
    Due next = due.get(done.size());
    assertThat(effect).as("in the order of the decisions").isEqualTo(next.effect());
    assertThat(next.after())
        .as("its commit is durable, and all before it: " + effect)
        .isLessThanOrEqualTo(store.durable());
    if (effect instanceof Effect.Reply) {
      assertThat(published.view().version())
          .as("whoever has a reply reads what it says")
          .isGreaterThanOrEqualTo(next.after());
    }
    done.add(effect);
  }

  /** Each request has its line. */
  private static String line(Event event) {
    return event instanceof Event.Request request ? request.requestId() : "";
  }

  // ---- What happens.

  void decide(Event... events) {
    boolean failed = !fatal.isEmpty();
    List<Effect> replies = new ArrayList<>();
    List<Event> all = new ArrayList<>(List.of(events));
    all.add(new Event.Tick());
    for (Event event : failed ? List.<Event>of() : all) {
      for (Effect effect : twin.handle(event, clock.instant())) {
        if (effect instanceof Effect.Accept accept) {
          launched.addAll(accept.launches());
        }
        if (effect instanceof Effect.Reply) {
          replies.add(effect);
        } else if (!(effect instanceof Effect.Persist)) {
          due.add(new Due(effect, twin.version()));
        }
      }
    }
    // Replies wait for their whole turn, since its view shows all of it.
    replies.forEach(reply -> due.add(new Due(reply, twin.version())));
    pump.decide(
        Stream.of(events).map(e -> new CorePump.Told(e, line(e))).toList(), () -> turnsDone++);
    assertThat(store.given()).as("each commit was given once").isEqualTo(twin.version());
  }

  /** Lets the executor do what it can. */
  void run() {
    while (!executor.isEmpty()) {
      executor.remove().run();
    }
  }

  /** All commits under way become durable, and what waits for them is done. */
  void durable() {
    store.completeAll();
    run();
  }

  /** The executor does one thing. */
  void runOne() {
    Optional.ofNullable(executor.poll()).ifPresent(Runnable::run);
  }

  void pass(Duration time) {
    nanos += time.toNanos();
    wall = wall.plus(time);
  }

  /** Somebody sets the wall clock. */
  void setWall(Duration by) {
    wall = wall.plus(by);
  }

  /** From now on an effect cannot be carried out. */
  void sabotage(Runnable how) {
    sabotage = how;
  }

  // ---- What there is to say.

  /** Pools, a group and a subscription. */
  Event[] beginning() {
    return new Event[] {
      new Event.Subscribed("fw-1"),
      new Event.PutPool(request(), pool("idc", "{\"kind\": \"owned\"}"), OptionalLong.empty()),
      new Event.PutPool(
          request(),
          pool(
              "cloud",
              """
              {"kind": "on-demand", "zone": "c", "hosts": {"max": 5},
               "template": {"driver": "local", "resources": {"cpus": 4, "memoryMiB": 4096}}}
              """),
          OptionalLong.empty()),
      new Event.PutGroup(request(), group(), OptionalLong.empty())
    };
  }

  Event scale(String job, int instances) {
    return new Event.PutJob(
        request(),
        JobDocument.read(
            json(
                """
                {"id": "feed.%s", "instances": %d, "reclaimable": true,
                 "resources": {"cpus": 1, "memoryMiB": 256}, "container": {"image": "web:1"}}
                """
                    .formatted(job, instances))),
        OptionalLong.empty());
  }

  Event offer(String host) {
    return new Event.OffersReceived(
        List.of(
            new Offer(
                "o" + ++offers,
                "agent-" + host,
                host + ".example",
                "10.0.0.1:5051",
                Map.of("node", host),
                Resources.of(8000, 8192, 50_000),
                Resources.ZERO,
                PortRanges.of(31000, 31999),
                Set.of(),
                Optional.empty())));
  }

  /** News of something that was launched. */
  Optional<Event> news(int pick, TaskState state) {
    if (launched.isEmpty()) {
      return Optional.empty();
    }
    TaskLaunch launch = launched.get(pick % launched.size());
    return Optional.of(
        new Event.TaskUpdated(
            new TaskUpdate(
                launch.task().id(),
                launch.task().agentId(),
                state,
                "",
                "",
                Optional.empty(),
                "uuid-" + pick)));
  }

  // ---- What came of it.

  /** All that was decided has been done, and is shown. */
  void nothingIsLeft() {
    assertThat(done).as("all that was decided").hasSize(due.size());
    assertThat(published.view().version()).isEqualTo(twin.version());
  }

  /** All that may be done has been done; after a failure nothing may. */
  void nothingIsHeldUp() {
    if (!fatal.isEmpty()) {
      return;
    }
    long may = due.stream().takeWhile(next -> next.after() <= store.durable()).count();
    assertThat((long) done.size()).isEqualTo(may);
  }

  <T extends Effect> List<T> done(Class<T> kind) {
    return done.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  int turnsDone() {
    return turnsDone;
  }

  Instant now() {
    return clock.instant();
  }

  private String request() {
    return "r" + ++requests;
  }

  private static Pool pool(String name, String text) {
    return PoolDocument.read(json(text.replaceFirst("\\{", "{\"name\": \"" + name + "\", ")));
  }

  private static Group group() {
    return GroupDocument.read(
        json(
            """
            {"path": "feed", "quotas": {"idc": {"guarantee": {"cpus": 0}, "limit": {"cpus": 50}},
                                        "cloud": {"limit": {"cpus": 50}}}}
            """));
  }

  private static com.fasterxml.jackson.databind.JsonNode json(String text) {
    return Documents.json(text.getBytes(StandardCharsets.UTF_8));
  }
}
