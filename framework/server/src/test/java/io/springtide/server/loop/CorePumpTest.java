package io.springtide.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is decided, made durable, done, shown and answered: in this order (promise 2). */
class CorePumpTest {
  private final PumpRig rig = new PumpRig();

  /** A job of one instance is wanted, and a host with a warden is there to run it. */
  private void readyToLaunch() {
    rig.decide(rig.beginning());
    rig.decide(rig.offer("h1"));
    rig.pass(Duration.ofSeconds(1));
    rig.decide();
    rig.durable();
    rig.decide(rig.news(0, TaskState.RUNNING).orElseThrow());
    rig.durable();
    rig.done.forEach(effect -> assertThat(effect).isNotInstanceOf(Effect.Kill.class));
    rig.pass(Duration.ofSeconds(1));
  }

  /** Its host is offered; what is matched is matched a moment later. */
  private void wantAndOffer() {
    rig.decide(rig.scale("web", 1), rig.offer("h1"));
    rig.pass(Duration.ofMillis(100));
    rig.decide();
  }

  @Test
  void aLaunchWaitsForItsCommitAndSoDoesTheReply() {
    readyToLaunch();
    int before = rig.done.size();
    wantAndOffer();
    rig.run();
    assertThat(rig.done).as("nothing before it is durable").hasSize(before);
    assertThat(rig.published.view().jobs()).isEmpty();
    rig.store.completeAll();
    assertThat(rig.done).as("nothing but on the executor").hasSize(before);
    rig.run();
    assertThat(rig.done(Effect.Accept.class)).hasSize(2);
    assertThat(rig.published.view().jobs()).containsOnlyKeys("feed.web");
    rig.nothingIsLeft();
  }

  @Test
  void anUpdateIsAcknowledgedWhenItIsDurable() {
    readyToLaunch();
    wantAndOffer();
    rig.durable();
    int acknowledged = rig.done(Effect.Acknowledge.class).size();
    rig.decide(rig.news(1, TaskState.RUNNING).orElseThrow());
    rig.run();
    assertThat(rig.done(Effect.Acknowledge.class)).hasSize(acknowledged);
    rig.durable();
    assertThat(rig.done(Effect.Acknowledge.class)).hasSize(acknowledged + 1);
  }

  @Test
  void aKillWaitsForTheGoalToBeDurable() {
    readyToLaunch();
    wantAndOffer();
    rig.decide(rig.news(1, TaskState.RUNNING).orElseThrow());
    rig.durable();
    rig.decide(rig.scale("web", 0));
    rig.run();
    assertThat(rig.done(Effect.Kill.class)).isEmpty();
    rig.durable();
    assertThat(rig.done(Effect.Kill.class)).hasSize(1);
  }

  @Test
  void anOrderWaitsForItsIntentToBeDurable() {
    rig.decide(rig.beginning());
    rig.durable();
    rig.decide(rig.scale("web", 3));
    rig.pass(Duration.ofSeconds(2));
    rig.decide();
    rig.run();
    assertThat(rig.done(Effect.OrderHosts.class)).isEmpty();
    rig.durable();
    assertThat(rig.done(Effect.OrderHosts.class)).hasSize(1);
  }

  @Test
  void whatBecomesDurableOutOfOrderIsDoneInOrder() {
    readyToLaunch();
    int before = rig.done.size();
    rig.decide(rig.scale("web", 1));
    rig.decide(rig.scale("api", 1));
    rig.run();
    var versions = rig.store.underWay();
    assertThat(versions).hasSizeGreaterThan(1);
    for (int i = versions.size() - 1; i > 0; i--) {
      rig.store.complete(versions.get(i));
      rig.run();
      assertThat(rig.done).as("the first is still missing").hasSize(before);
    }
    rig.store.complete(versions.get(0));
    rig.run();
    rig.nothingIsLeft();
    assertThat(rig.done(Effect.Reply.class)).hasSize(5);
  }

  /** A line is written down when its commit is durable, and before anybody hears of it. */
  @Test
  void whoAskedIsInTheCommitAndWrittenDownWhenThatIsDurable() {
    rig.decide(rig.beginning());
    long before = rig.store.given();
    rig.run();
    assertThat(rig.trail.replicated).isEmpty();
    rig.durable();
    Event scale = rig.scale("web", 1);
    rig.decide(scale);
    String line = ((Event.Request) scale).requestId();
    assertThat(rig.store.audit().lastEntry().getValue()).containsExactly(line);
    assertThat(rig.store.audit().lastKey()).isGreaterThan(before);
    rig.run();
    assertThat(rig.trail.replicated).doesNotContainKey(rig.store.audit().lastKey());
    rig.durable();
    assertThat(rig.trail.replicated).containsAllEntriesOf(rig.store.audit());
    assertThat(rig.trail.alone).isEmpty();
  }

  @Test
  void whatChangesNothingIsWrittenDownHereAndWhatIsRefusedIsNot() {
    rig.decide(rig.beginning());
    rig.decide(rig.offer("h1"));
    rig.durable();
    int carried = rig.store.audit().size();
    Event.Request same = new Event.SetHostWish("same", "h1", Host.Wish.SERVE);
    Event.Request refused = new Event.SetHostWish("refused", "h9", Host.Wish.SERVE);
    rig.decide(same, refused);
    rig.durable();
    assertThat(rig.store.audit()).hasSize(carried);
    assertThat(rig.trail.alone).containsExactly("same");
  }

  @Test
  void nothingIsDoneAfterACommitThatFailed() {
    readyToLaunch();
    int before = rig.done.size();
    wantAndOffer();
    rig.decide(rig.scale("api", 1));
    rig.store.fail(rig.store.underWay().get(0));
    assertThat(rig.fatal).singleElement().asString().contains("no quorum");
    rig.durable();
    rig.decide(rig.scale("old", 1));
    rig.pass(Duration.ofMinutes(1));
    rig.decide();
    rig.run();
    assertThat(rig.done).hasSize(before);
    assertThat(rig.fatal).as("told once").hasSize(1);
  }

  @Test
  void anEffectThatCannotBeEndsTheProcess() {
    readyToLaunch();
    int before = rig.done.size();
    wantAndOffer();
    rig.store.completeAll();
    rig.sabotage(
        () -> {
          throw new IllegalStateException("ZooKeeper is gone");
        });
    rig.run();
    assertThat(rig.fatal).singleElement().asString().contains("ZooKeeper is gone");
    assertThat(rig.done).hasSize(before);
  }

  @Test
  void whatTheMasterRefusesForGoodEndsTheProcess() {
    rig.decide(rig.beginning());
    rig.decide(new Event.FrameworkRefused("Framework has been removed"));
    rig.run();
    assertThat(rig.fatal).isEmpty();
    rig.durable();
    assertThat(rig.fatal).containsExactly("Framework has been removed");
  }

  @Test
  void aTurnIsOverWhenAllOfItIsDone() {
    rig.decide(rig.beginning());
    rig.run();
    assertThat(rig.turnsDone()).isZero();
    rig.store.completeAll();
    assertThat(rig.turnsDone()).isZero();
    rig.run();
    assertThat(rig.turnsDone()).isEqualTo(1);
    rig.decide();
    rig.run();
    assertThat(rig.turnsDone()).as("with nothing to commit").isEqualTo(2);
  }

  @Test
  void aWallClockThatIsSetBackDoesNotHoldSchedulingUp() {
    readyToLaunch();
    rig.setWall(Duration.ofHours(-1));
    wantAndOffer();
    rig.durable();
    assertThat(rig.done(Effect.Accept.class)).as("launched at once").hasSize(2);
    // A back-off lasts as long as it is to last.
    rig.decide(rig.news(1, TaskState.FAILED).orElseThrow());
    rig.pass(Duration.ofSeconds(30));
    rig.decide(rig.offer("h1"));
    rig.pass(Duration.ofSeconds(1));
    rig.decide();
    rig.pass(Duration.ofSeconds(1));
    rig.decide();
    rig.durable();
    assertThat(rig.done(Effect.Accept.class)).as("and again after its back-off").hasSize(3);
  }

  @Test
  void aWallClockThatIsSetForwardByADayEndsNoPatience() {
    readyToLaunch();
    wantAndOffer();
    rig.decide(rig.news(1, TaskState.RUNNING).orElseThrow());
    rig.decide(rig.news(1, TaskState.UNREACHABLE).orElseThrow());
    rig.durable();
    rig.setWall(Duration.ofDays(1));
    rig.pass(Duration.ofSeconds(1));
    rig.decide(rig.offer("h2"));
    rig.pass(Duration.ofSeconds(40));
    rig.decide();
    rig.durable();
    Map<String, ?> hosts = rig.published.view().hosts();
    assertThat(hosts).containsOnlyKeys("h1", "h2");
    var instance = rig.published.view().jobs().get("feed.web").instances().get(0).instance();
    assertThat(instance.history()).as("its attempt is not given up").isEmpty();
    assertThat(instance.restarts()).isZero();
    rig.pass(Duration.ofMinutes(5));
    rig.decide();
    rig.durable();
    instance = rig.published.view().jobs().get("feed.web").instances().get(0).instance();
    assertThat(instance.restarts()).as("until its patience is over").isEqualTo(1);
  }
}
