package io.springtide.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.executor.TaskLife.Action;
import io.springtide.executor.TaskLife.Event;
import io.springtide.executor.TaskLife.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TaskLifeTest {
  /** The whole table: what is not named here must change nothing. */
  private static final String TABLE =
      """
      PREPARING   STARTED      RUNNING     TELL_RUNNING WATCH_HEALTH
      PREPARING   START_FAILED ENDED       TELL_END
      PREPARING   KILL         ABORTING    TELL_KILLING CANCEL_START
      ABORTING    STARTED      KILLING     FORCE
      ABORTING    START_FAILED ENDED       TELL_END
      RUNNING     PASSED       HEALTHY     TELL_HEALTH ANNOUNCE
      RUNNING     FAILED       UNHEALTHY   TELL_HEALTH
      RUNNING     KILL         WITHDRAWING UNWATCH_HEALTH TELL_KILLING WITHDRAW
      RUNNING     EXITED       REMOVING    WITHDRAW UNWATCH_HEALTH REMOVE
      HEALTHY     FAILED       UNHEALTHY   UNANNOUNCE TELL_HEALTH
      HEALTHY     KILL         WITHDRAWING UNWATCH_HEALTH TELL_KILLING WITHDRAW
      HEALTHY     EXITED       REMOVING    WITHDRAW UNWATCH_HEALTH REMOVE
      UNHEALTHY   PASSED       HEALTHY     TELL_HEALTH ANNOUNCE
      UNHEALTHY   CONDEMNED    UNHEALTHY   TELL_HEALTH
      UNHEALTHY   KILL         WITHDRAWING UNWATCH_HEALTH TELL_KILLING WITHDRAW
      UNHEALTHY   EXITED       REMOVING    WITHDRAW UNWATCH_HEALTH REMOVE
      WITHDRAWING WITHDRAWN    DRAINING    DRAIN
      WITHDRAWING KILL         WITHDRAWING HURRY
      WITHDRAWING EXITED       REMOVING    REMOVE
      DRAINING    DRAINED      TERMINATING TERMINATE
      DRAINING    KILL         DRAINING    HURRY
      DRAINING    EXITED       REMOVING    REMOVE
      TERMINATING GRACE_OVER   KILLING     FORCE
      TERMINATING KILL         TERMINATING HURRY
      TERMINATING EXITED       REMOVING    REMOVE
      KILLING     GRACE_OVER   KILLING     FORCE
      KILLING     EXITED       REMOVING    REMOVE
      REMOVING    REMOVED      ENDED       WITHDRAW TELL_END
      """;

  @ParameterizedTest
  @EnumSource(State.class)
  void everyCellOfTheTable(State state) {
    for (Event event : Event.values()) {
      var step = TaskLife.step(state, event);
      var cell =
          TABLE
              .lines()
              .map(line -> Arrays.asList(line.strip().split(" +")))
              .filter(
                  words -> words.get(0).equals(state.name()) && words.get(1).equals(event.name()))
              .findFirst();
      assertThat(step.next())
          .as("%s, %s", state, event)
          .isEqualTo(cell.map(words -> State.valueOf(words.get(2))).orElse(state));
      assertThat(step.actions().stream().map(Action::name))
          .as("%s, %s", state, event)
          .isEqualTo(cell.map(words -> words.subList(3, words.size())).orElse(List.of()));
    }
  }

  @Test
  void theEndIsFinal() {
    for (Event event : Event.values()) {
      assertThat(TaskLife.step(State.ENDED, event).next()).isEqualTo(State.ENDED);
    }
  }

  /** Promise 5, over all ways through the table: no signal to what is still announced. */
  @Test
  void whatIsAnnouncedIsWithdrawnBeforeAnySignal() {
    record Way(State state, boolean announced) {}
    Set<Way> seen = new HashSet<>();
    var open = new ArrayDeque<Way>(List.of(new Way(State.PREPARING, false)));
    var violations = new ArrayList<String>();
    while (!open.isEmpty()) {
      var way = open.poll();
      if (!seen.add(way)) {
        continue;
      }
      for (Event event : Event.values()) {
        var step = TaskLife.step(way.state(), event);
        boolean announced = way.announced();
        for (Action action : step.actions()) {
          announced =
              switch (action) {
                case ANNOUNCE -> true;
                case WITHDRAW -> false;
                default -> announced;
              };
          boolean signal = action == Action.TERMINATE || action == Action.FORCE;
          if (announced && (signal || action == Action.TELL_END)) {
            violations.add(way + " " + event + " " + step);
          }
        }
        open.add(new Way(step.next(), announced));
      }
    }
    assertThat(violations).isEmpty();
    assertThat(seen.stream().map(Way::state)).contains(State.values());
  }

  /** Every state but the last has a way to the end. */
  @ParameterizedTest
  @EnumSource(State.class)
  void nothingGetsStuck(State state) {
    Set<State> reached = new HashSet<>(Set.of(state));
    for (int round = 0; round < State.values().length; round++) {
      for (State from : Set.copyOf(reached)) {
        for (Event event : Event.values()) {
          reached.add(TaskLife.step(from, event).next());
        }
      }
    }
    assertThat(reached).contains(State.ENDED);
  }
}
