package io.springtide.scheduler.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.answer.Pending;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.told.TaskState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.BeforeTry;

/** Whatever changes: each index says what looking at every instance and host would say. */
class InstanceIndexProperties {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final List<String> JOBS = List.of("g.a", "g.b");
  private static final List<String> HOSTS = List.of("h1", "h2", "h10");
  private static final List<String> AGENTS = List.of("s1", "s2");

  private State state;
  private Map<String, Instance> instances;
  private Map<String, Host> hosts;
  private Instant now;

  @BeforeTry
  void nothingYet() {
    state = new State();
    instances = new TreeMap<>();
    hosts = new TreeMap<>();
    now = BEGIN;
  }

  @Provide
  Arbitrary<List<Change>> changes() {
    return Arbitraries.<Change>frequencyOf(
            Tuple.of(6, instance().map(Change.InstancePut::new)),
            Tuple.of(2, instance().map(one -> new Change.InstanceRemoved(one.id()))),
            Tuple.of(2, host().map(Change.HostPut::new)),
            Tuple.of(1, Arbitraries.of(HOSTS).map(Change.HostRemoved::new)))
        .list()
        .ofMaxSize(40);
  }

  private static Arbitrary<Instance> instance() {
    return Combinators.combine(
            Arbitraries.of(JOBS),
            Arbitraries.integers().between(0, 11),
            Arbitraries.of(InstanceState.class),
            Arbitraries.of(Goal.class),
            task(),
            Arbitraries.integers().between(0, 3),
            Arbitraries.longs().between(1, 2))
        .as(InstanceIndexProperties::instance);
  }

  private static Instance instance(
      String job,
      int index,
      InstanceState state,
      Goal goal,
      Optional<Task> task,
      int rest,
      long revision) {
    Optional<Task> own = task.map(one -> task(job + "." + index + "." + one.generation(), one));
    if (state.hasTask() && own.isEmpty()) {
      return instance(job, index, InstanceState.PENDING, goal, own, rest, revision);
    }
    Instant notBefore = BEGIN.plusSeconds(10L * rest);
    return new Instance(
        job, index, revision, state, goal, "", own, 0, 0, 0, notBefore, BEGIN, List.of());
  }

  private static Arbitrary<Optional<Task>> task() {
    return Combinators.combine(
            Arbitraries.of(HOSTS),
            Arbitraries.of(AGENTS),
            Arbitraries.of(TaskState.class),
            Arbitraries.longs().between(1, 3))
        .as(InstanceIndexProperties::task)
        .optional();
  }

  private static Task task(String host, String agent, TaskState state, long generation) {
    return new Task(
        "warden." + host + "." + generation,
        generation,
        0,
        host,
        agent,
        "idc",
        Label.GUARANTEED,
        Optional.empty(),
        List.of(),
        state,
        Optional.empty(),
        "",
        BEGIN,
        BEGIN);
  }

  private static Task task(String id, Task like) {
    return new Task(
        id,
        like.generation(),
        1,
        like.host(),
        like.agentId(),
        like.pool(),
        like.label(),
        like.demoted(),
        like.ports(),
        like.state(),
        like.healthy(),
        like.address(),
        BEGIN,
        BEGIN);
  }

  private static Arbitrary<Host> host() {
    return Combinators.combine(Arbitraries.of(HOSTS), task())
        .as(
            (id, warden) ->
                new Host(
                    id,
                    "idc",
                    Optional.empty(),
                    Optional.of(new Agent("s1", id, Map.of(), Resources.of(1, 1), PortRanges.NONE)),
                    new Seat(
                        warden.map(one -> task(id, one.agentId(), one.state(), one.generation())),
                        0,
                        BEGIN),
                    HostCondition.READY,
                    Host.Wish.SERVE,
                    BEGIN,
                    BEGIN));
  }

  @Property(tries = 400)
  void anIndexSaysWhatLookingAtAllWouldSay(@ForAll("changes") List<Change> changes) {
    for (Change change : changes) {
      state.apply(change);
      if (change instanceof Change.InstancePut put) {
        instances.put(put.instance().id(), put.instance());
      } else if (change instanceof Change.InstanceRemoved removed) {
        instances.remove(removed.id());
      } else if (change instanceof Change.HostPut put) {
        hosts.put(put.host().id(), put.host());
      } else if (change instanceof Change.HostRemoved removed) {
        hosts.remove(removed.id());
      }
      check();
    }
    now = BEGIN.plusSeconds(20);
    List<String> rested = ids(i -> waits(i) && i.notBefore().isAfter(BEGIN) && !rests(i));
    assertThat(state.wake(now).stream().map(Instance::id)).hasSameElementsAs(rested);
    check();
  }

  private void check() {
    for (String host : HOSTS) {
      assertThat(idsOf(state.instancesOn(host))).isEqualTo(ids(i -> on(i, host)));
      assertThat(state.hasInstances(host)).isEqualTo(!ids(i -> on(i, host)).isEmpty());
      assertThat(idsOf(state.returningTo(host))).isEqualTo(ids(i -> on(i, host) && i.returns()));
    }
    for (String agent : AGENTS) {
      assertThat(state.hostsOf(agent)).isEqualTo(hosts(i -> ofAgent(i, agent)));
    }
    for (String job : JOBS) {
      Predicate<Instance> stays = i -> i.job().equals(job) && i.goal() != Goal.LEAVE;
      assertThat(state.tally(job).live()).isEqualTo(ids(stays.and(i -> !i.state().done())).size());
      assertThat(state.tally(job).finished())
          .isEqualTo(ids(stays.and(i -> i.state() == InstanceState.FINISHED)).size());
      assertThat(state.tally(job).failed())
          .isEqualTo(ids(stays.and(i -> i.state() == InstanceState.FAILED)).size());
      int free = 0;
      while (instances.containsKey(job + "#" + free)) {
        free++;
      }
      assertThat(state.freeIndex(job)).isEqualTo(free);
    }
    assertThat(state.hostsToReturnTo()).isEqualTo(hosts(Instance::returns));
    assertThat(state.hostsWithoutWarden()).isEqualTo(hostsWithoutWarden());
    List<Instance> unsettled = new ArrayList<>();
    state.unsettledJobs().forEach(job -> unsettled.addAll(state.unsettledOf(job)));
    assertThat(idsOf(unsettled)).hasSameElementsAs(ids(i -> !waits(i) && onItsWay(i)));
    for (Instance instance : instances.values()) {
      instance
          .task()
          .ifPresent(task -> assertThat(state.instanceOfTask(task.id())).contains(instance));
      assertThat(state.instance(instance.job(), instance.index())).contains(instance);
    }
    List<String> waiting = new ArrayList<>();
    for (Pending some : state.waiting()) {
      assertThat(some.instances())
          .isNotEmpty()
          .allMatch(id -> instances.get(id).wants().equals(some.version()));
      assertThat(state.waitingOf(some.version())).isEqualTo(some.instances());
      waiting.addAll(some.instances());
    }
    assertThat(waiting).hasSameElementsAs(ids(i -> waits(i) && !rests(i)));
  }

  private static boolean on(Instance instance, String host) {
    return instance.task().filter(task -> task.host().equals(host)).isPresent();
  }

  private static boolean ofAgent(Instance instance, String agent) {
    return instance.task().filter(task -> task.agentId().equals(agent)).isPresent();
  }

  private static boolean waits(Instance instance) {
    return instance.state() == InstanceState.PENDING
        && instance.goal() == Goal.RUN
        && instance.task().isEmpty();
  }

  private boolean rests(Instance instance) {
    return instance.notBefore().isAfter(now);
  }

  private static boolean onItsWay(Instance instance) {
    return switch (instance.state()) {
      case RUNNING, FINISHED, FAILED -> false;
      default -> true;
    };
  }

  private List<String> ids(Predicate<Instance> which) {
    return instances.values().stream()
        .filter(which)
        .map(Instance::id)
        .sorted(Comparator.naturalOrder())
        .toList();
  }

  private static List<String> idsOf(List<Instance> all) {
    return all.stream().map(Instance::id).toList();
  }

  private TreeSet<String> hosts(Predicate<Instance> which) {
    TreeSet<String> all = new TreeSet<>();
    instances.values().stream()
        .filter(which)
        .forEach(instance -> instance.task().ifPresent(task -> all.add(task.host())));
    return all;
  }

  private TreeSet<String> hostsWithoutWarden() {
    TreeSet<String> all = new TreeSet<>();
    hosts.values().stream()
        .filter(host -> host.warden().filter(task -> !task.state().terminal()).isEmpty())
        .forEach(host -> all.add(host.id()));
    return all;
  }
}
