package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.answer.Pending;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.partition.model.Version;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.goal.Breaches;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.round.Round;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.Ignored;
import io.springtide.scheduler.task.InstanceInput;
import io.springtide.scheduler.task.Kills;
import io.springtide.scheduler.task.PoisonHosts;
import io.springtide.scheduler.task.Reconciler;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.task.Wardens;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.turn.AgentBook;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.LastServed;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.Outages;
import io.springtide.scheduler.turn.QueueingHints;
import io.springtide.scheduler.turn.Turn;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** While nobody decides otherwise an instance starts as what it wants, not as the newest. */
class RevisionTest {
  private static final CoreConfig CONFIG = CoreConfig.of("executor-1");
  private static final PortRanges PORTS = PortRanges.of(31000, 31999);
  private static final String WEB = "feed.web#0";

  private final State state = new State();
  private final DirtySet dirty = new DirtySet();
  private final AgentBook agents = new AgentBook(CONFIG.times().hosts().maintenanceLead());
  private final Ledger ledger = new Ledger(CONFIG.overhead(), CONFIG.sharing());
  private final QueueingHints hints = new QueueingHints(state);
  private final Ignored ignored = new Ignored();
  private final Wardens wardens =
      new Wardens(state, CONFIG, new Reconciler(state, CONFIG.times()), agents, ignored);
  private final PoisonHosts poison = new PoisonHosts(state, ledger, dirty, hints);
  private final Updates updates =
      new Updates(state, new Kills(CONFIG.times()), wardens, ignored, poison);
  private Instant now;

  /** What is offered is too small for the newest revision. */
  @Test
  void anOldInstanceThatFailsComesBackAsWhatItWas() {
    Job before = runsThenGrowsTo(Resources.of(2000, 2048, 0));
    Job changed = state.job("feed.web").orElseThrow();

    Turn turn = turn();
    updates.on(state.instance(WEB).orElseThrow(), InstanceInput.FAILED, "exit 1", turn);
    Instance failed = state.instance(WEB).orElseThrow();
    assertThat(failed.state()).isEqualTo(InstanceState.PENDING);
    assertThat(failed.revision()).isEqualTo(before.revision()).isLessThan(changed.revision());

    Task again = place(failed.notBefore());
    assertThat(again.revision()).isEqualTo(before.revision());
    assertThat(again.ports()).as("those of what it runs").hasSize(1);
  }

  /** In the books, from which hosts are ordered and plans made; also once it was relabelled. */
  @Test
  void whatRunsAnEarlierRevisionIsAsLargeAsThat() {
    Job before = runsThenGrowsTo(Resources.of(4000, 2048, 0));
    long others = roomFor(before.newest());
    assertThat(others).isEqualTo(roomBeside(Documents.job("web", 1)));

    Instance instance = state.instance(WEB).orElseThrow();
    Task borrowed = instance.task().orElseThrow().labelled(Label.BORROWED, Optional.empty());
    turn().put(instance.with(InstanceState.RUNNING, Optional.of(borrowed), now));
    assertThat(roomFor(before.newest())).isEqualTo(others);
  }

  /** After a restart: one instance runs, and its job has a larger revision. Returns it before. */
  private Job runsThenGrowsTo(Resources larger) {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.durable().forEach(state::apply);
    Job before = state.job("feed.web").orElseThrow();
    JobSpec next = Documents.withResources(Documents.withImage(before.spec(), "web:2"), larger);
    state.apply(new Change.JobPut(before.put(next, before.version() + 1, 1, before.made())));
    ledger.enter(state);
    now = story.now();
    return before;
  }

  private long roomFor(Version version) {
    List<String> ids = IntStream.range(1, 200).mapToObj(i -> "feed.web#" + i).toList();
    return ledger.copy().place(List.of(new Pending(version, ids)), now).placements().size();
  }

  private long roomBeside(JobSpec small) {
    Resources host = state.host("h1").orElseThrow().capacity().minusOrZero(CONFIG.overhead());
    return host.cpuMillis() / small.resources().cpuMillis() - 1;
  }

  private Task place(Instant at) {
    now = at;
    state.wake(now);
    ledger.offer("h1", Resources.of(1000, 1024, 0), PORTS);
    Turn turn = turn();
    Round round =
        new Round(state, ledger, updates, new Breaches(state, ledger, dirty, false), dirty, hints);
    round.place(turn, placement -> round.launched(placement, "agent-h1", "10.0.0.1:5051", turn));
    return state.instance(WEB).flatMap(Instance::task).orElseThrow();
  }

  private Turn turn() {
    LastServed served = new LastServed(state);
    Outages outages = new Outages(state, served);
    return new Turn(state, ledger, dirty, hints, served, outages, agents, now);
  }
}
