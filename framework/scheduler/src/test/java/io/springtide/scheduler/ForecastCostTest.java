package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Agent;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Seat;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * What a plan costs the core, and whoever asks for it: printed, since it depends on the machine.
 */
class ForecastCostTest {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final int HOSTS = 1000;
  private static final int JOBS = 200;
  private static final int EACH = 500;

  private Instant now = BEGIN;

  @Test
  void theCoreOnlyHandsOutACopy() {
    SchedulerCore core =
        SchedulerCore.restore(
            CoreConfig.of("executor-1"), new StateStore.Loaded(1, aHundredThousand()), now);
    core.handle(new Event.Subscribed(Story.FRAMEWORK), now);
    Event.Command more = new Event.SetInstances("", "feed.web0", EACH + 100, OptionalLong.empty());
    double asked = Double.MAX_VALUE;
    double answered = Double.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      now = now.plusMillis(500);
      long before = cpu();
      List<Effect> effects = core.handle(new Event.AskPlan("p", List.of(more)), now);
      long between = cpu();
      Outcome outcome = forecast(effects).get();
      asked = Math.min(asked, (between - before) / 1e6);
      answered = Math.min(answered, (cpu() - between) / 1e6);
      assertThat(((Outcome.Planned) outcome).plan().placements()).hasSize(100);
    }
    System.out.printf(
        Locale.ROOT,
        "a plan beside %d instances on %d hosts: %.1f ms of the core, %.1f ms of the caller%n",
        JOBS * EACH,
        HOSTS,
        asked,
        answered);
  }

  private static Supplier<Outcome> forecast(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Reply.class::isInstance)
        .map(effect -> ((Outcome.Deferred) ((Effect.Reply) effect).outcome()).forecast())
        .findFirst()
        .orElseThrow();
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** A cluster in which everything runs, half full. */
  private static List<Change> aHundredThousand() {
    List<Change> all = new ArrayList<>();
    all.add(new Change.PoolPut(Documents.idc(), 1));
    all.add(new Change.PoolPut(Documents.cloud(100), 1));
    all.add(new Change.GroupPut(Documents.feed(1_000_000_000), 1));
    JobSpec size = Documents.job("web", EACH);
    for (int h = 0; h < HOSTS; h++) {
      Resources capacity = size.resources().times(2L * JOBS * EACH / HOSTS);
      all.add(new Change.HostPut(host("h" + h, capacity)));
    }
    for (int j = 0; j < JOBS; j++) {
      Job job = Job.created(Documents.job("web" + j, EACH), 1, new Job.Made("", BEGIN));
      all.add(new Change.JobPut(job));
      for (int i = 0; i < EACH; i++) {
        all.add(new Change.InstancePut(running(job.id(), i, "h" + (j * EACH + i) % HOSTS)));
      }
    }
    return all;
  }

  private static Host host(String id, Resources capacity) {
    return new Host(
        id,
        "idc",
        Optional.empty(),
        Optional.of(
            new Agent(
                "agent-" + id, id, Map.of("zone", "idc"), capacity, PortRanges.of(31_000, 32_999))),
        Seat.free(BEGIN),
        HostCondition.READY,
        Host.Wish.SERVE,
        BEGIN,
        BEGIN);
  }

  private static Instance running(String job, int index, String host) {
    String id = job + "." + index + ".1";
    String agent = "agent-" + host;
    Task task =
        Task.attempt(id, 1, 1, host, agent, "idc", Label.BORROWED, List.of(), "", BEGIN)
            .after(
                new TaskUpdate(id, agent, TaskState.RUNNING, "", "", Optional.empty(), ""), BEGIN);
    return Instance.wanted(job, index, 1, BEGIN)
        .with(InstanceState.RUNNING, Optional.of(task), BEGIN);
  }
}
