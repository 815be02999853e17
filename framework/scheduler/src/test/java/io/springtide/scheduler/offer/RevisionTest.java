package io.springtide.scheduler.offer;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.task.InstanceInput;
import io.springtide.scheduler.task.Kills;
import io.springtide.scheduler.task.Reaps;
import io.springtide.scheduler.task.Reconciler;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.task.Wardens;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.OfferBook;
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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** While nobody decides otherwise an instance starts as what it wants, not as the newest. */
class RevisionTest {
  private static final CoreConfig CONFIG = CoreConfig.of("executor-1");
  private static final PortRanges PORTS = PortRanges.of(31000, 31999);
  private static final String WEB = "feed.web#0";

  private final State state = new State();
  private final DirtySet dirty = new DirtySet();
  private final OfferBook book = new OfferBook();
  private final AgentBook agents = new AgentBook(CONFIG.times().maintenanceLead());
  private final Ledger ledger = new Ledger(CONFIG.overhead(), CONFIG.sharing());
  private final QueueingHints hints = new QueueingHints(state);
  private final Wardens wardens =
      new Wardens(state, CONFIG, new Reconciler(state, CONFIG.times()), agents);
  private final Updates updates = new Updates(state, new Kills(CONFIG.times()), wardens);
  private Instant now;

  @Test
  void anOldInstanceThatFailsComesBackAsWhatItWas() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    story.durable().forEach(state::apply);
    Job before = state.job("feed.web").orElseThrow();
    JobSpec larger =
        Documents.withResources(
            Documents.withImage(before.spec(), "web:2"), Resources.of(2000, 2048, 0));
    Job changed = before.put(larger, before.version() + 1, 1);
    state.apply(new Change.JobPut(changed));
    ledger.enter(state);
    now = story.now();

    Turn turn = turn();
    updates.on(state.instance(WEB).orElseThrow(), InstanceInput.FAILED, "exit 1", turn);
    Instance failed = state.instance(WEB).orElseThrow();
    assertThat(failed.state()).isEqualTo(InstanceState.PENDING);
    assertThat(failed.revision()).isEqualTo(before.revision()).isLessThan(changed.revision());

    TaskLaunch again = match(failed.notBefore());
    assertThat(again.task().revision()).isEqualTo(before.revision());
    assertThat(again.job().orElseThrow().container().image()).isEqualTo("web:1");
  }

  private TaskLaunch match(Instant at) {
    now = at;
    state.wake(now);
    book.hold(
        new Offer(
            "o1",
            "agent-h1",
            "h1.example",
            "10.0.0.1:5051",
            Map.of("node", "h1"),
            Story.BIG,
            Resources.ZERO,
            PORTS,
            Set.of("executor-1"),
            Optional.empty()),
        now.plusSeconds(60));
    dirty.room("h1");
    OfferDemand demand = new OfferDemand(book, CONFIG.times());
    Holding holding = new Holding(state, ledger, book, wardens, CONFIG.times());
    Reaps reaps = new Reaps(state, dirty);
    Turn turn = turn();
    new Matching(state, ledger, book, wardens, reaps, dirty, hints, holding, demand).match(turn);
    List<TaskLaunch> launches =
        turn.effects(1).stream()
            .filter(Effect.Accept.class::isInstance)
            .flatMap(accept -> ((Effect.Accept) accept).launches().stream())
            .toList();
    assertThat(launches).hasSize(1);
    return launches.get(0);
  }

  private Turn turn() {
    LastServed served = new LastServed(state);
    Outages outages = new Outages(state, served);
    return new Turn(state, ledger, dirty, hints, served, outages, agents, now);
  }
}
