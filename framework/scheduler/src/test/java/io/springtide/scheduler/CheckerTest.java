package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.InstanceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The checker finds schedulers that are broken on purpose: a check that cannot fail is none. */
class CheckerTest {
  private static final int WALKS = 25;

  @Test
  void itFindsWhoActsBeforeTheCommit() {
    assertThat(broken(CheckerTest::commitLast)).contains("promise 2", "undurably");
  }

  @Test
  void itFindsWhoUsesAnOfferTwice() {
    assertThat(broken(CheckerTest::twice)).contains("promise 3", "twice");
  }

  @Test
  void itFindsWhoDoesNotHearOfRescinds() {
    assertThat(broken(UnaryOperator.identity(), Event.OfferRescinded.class::isInstance))
        .contains("promise 3", "after its rescind");
  }

  @Test
  void itFindsWhoKillsWhatIsToRun() {
    assertThat(broken(CheckerTest::killing)).contains("promise 2", "which is to run");
  }

  @Test
  void itFindsWhoEvictsForNobody() {
    assertThat(broken(CheckerTest::evicting)).contains("promise 0", "evicts");
  }

  @Test
  void itFindsWhoNeverKills() {
    assertThat(broken(effects -> without(Effect.Kill.class, effects))).contains("promise");
  }

  @Test
  void itFindsWhoNeverReconciles() {
    assertThat(broken(effects -> without(Effect.Reconcile.class, effects)))
        .contains("promise 0", "wants");
  }

  @Test
  void itFindsWhoForgetsCloudHosts() {
    assertThat(
            broken(
                UnaryOperator.identity(),
                event -> event instanceof Event.HostsListed || event instanceof Event.HostsOrdered))
        .contains("promise 0", "orders are left");
  }

  private static String broken(UnaryOperator<List<Effect>> saboteur) {
    return broken(saboteur, event -> false);
  }

  /** What the checker says of a core that is broken like this, on one of a few walks. */
  private static String broken(UnaryOperator<List<Effect>> saboteur, Predicate<Event> deaf) {
    for (int seed = 0; seed < WALKS; seed++) {
      try {
        Walker walker = new Walker().with(saboteur, deaf);
        walk(seed).forEach(walker::step);
        walker.settle();
      } catch (AssertionError found) {
        return found.getMessage();
      }
    }
    return "nothing was found";
  }

  /** A walk of 150 steps from a seed. */
  static List<Walker.Step> walk(int seed) {
    Random random = new Random(seed);
    List<Walker.Step> steps = new ArrayList<>();
    Walker.Kind[] kinds = Walker.Kind.values();
    for (int i = 0; i < 150; i++) {
      Walker.Kind kind =
          switch (random.nextInt(4)) {
            case 0 -> kinds[random.nextInt(kinds.length)];
            case 1 -> Walker.Kind.OFFER;
            case 2 -> Walker.Kind.ADVANCE;
            default -> Walker.Kind.DELIVER;
          };
      steps.add(new Walker.Step(kind, random.nextInt(1000)));
    }
    return steps;
  }

  private static List<Effect> commitLast(List<Effect> effects) {
    List<Effect> turned = new ArrayList<>(effects);
    if (!turned.isEmpty()) {
      turned.add(turned.remove(0));
    }
    return turned;
  }

  private static List<Effect> twice(List<Effect> effects) {
    List<Effect> all = new ArrayList<>(effects);
    effects.stream().filter(Effect.Accept.class::isInstance).forEach(all::add);
    return all;
  }

  private static List<Effect> killing(List<Effect> effects) {
    List<Effect> all = new ArrayList<>(effects);
    for (Effect effect : effects) {
      if (effect instanceof Effect.Accept accept) {
        for (TaskLaunch launch : accept.launches()) {
          if (!launch.warden()) {
            all.add(new Effect.Kill(launch.task().id(), accept.agentId(), Optional.empty()));
          }
        }
      }
    }
    return all;
  }

  private static List<Effect> without(Class<? extends Effect> kind, List<Effect> effects) {
    return effects.stream().filter(effect -> !kind.isInstance(effect)).toList();
  }

  /** Instances that run are put as if their room were wanted back. */
  private static List<Effect> evicting(List<Effect> effects) {
    List<Effect> broken = new ArrayList<>();
    for (Effect effect : effects) {
      if (effect instanceof Effect.Persist persist) {
        List<Change> changes = new ArrayList<>();
        for (Change change : persist.changes()) {
          boolean runs =
              change instanceof Change.InstancePut put
                  && put.instance().state() == InstanceState.RUNNING
                  && put.instance().goal() == Goal.RUN;
          changes.add(
              runs
                  ? new Change.InstancePut(
                      ((Change.InstancePut) change).instance().with(Goal.REPLACE, "evicted"))
                  : change);
        }
        broken.add(new Effect.Persist(persist.version(), changes));
      } else {
        broken.add(effect);
      }
    }
    return broken;
  }
}
