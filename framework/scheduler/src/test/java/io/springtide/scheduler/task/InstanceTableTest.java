package io.springtide.scheduler.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.task.InstanceTable.Act;
import io.springtide.scheduler.task.InstanceTable.Step;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every cell of the instance table: what is not written here is IGNORE. */
class InstanceTableTest {
  /** One row for each state, {@code input>NEXT:ACT}; without {@code >NEXT} the state stays. */
  private static final String CELLS =
      """
      PENDING     LAUNCH>STAGING:MOVE OVERDUE:RETRY STOP:LEAVE
      STAGING     STAGED:MOVE STARTED>STARTING:MOVE RAN>RUNNING:MOVE ENDING:MOVE \
      FINISHED>FINISHED:COMPLETE FAILED>FAILED:FAIL KILLED>PENDING:BACK_OFF \
      DROPPED>PENDING:BACK_OFF VANISHED>PENDING:BACK_OFF ORPHANED>DETACHED:RETURN \
      SILENT>UNREACHABLE:MOVE STOP>STOPPING:KILL
      STARTING    STARTED:MOVE RAN>RUNNING:MOVE ENDING:MOVE \
      FINISHED>FINISHED:COMPLETE FAILED>FAILED:FAIL KILLED>PENDING:BACK_OFF \
      DROPPED>PENDING:BACK_OFF VANISHED>PENDING:BACK_OFF ORPHANED>DETACHED:RETURN \
      SILENT>UNREACHABLE:MOVE STOP>STOPPING:KILL
      RUNNING     RAN:MOVE ENDING:MOVE \
      FINISHED>FINISHED:COMPLETE FAILED>FAILED:FAIL KILLED>PENDING:BACK_OFF \
      DROPPED>PENDING:BACK_OFF VANISHED>PENDING:RETRY ORPHANED>DETACHED:RETURN \
      SILENT>UNREACHABLE:MOVE STOP>STOPPING:KILL
      UNREACHABLE STAGED>STAGING:MOVE STARTED>STARTING:MOVE RAN>RUNNING:MOVE ENDING>RUNNING:MOVE \
      FINISHED>FINISHED:COMPLETE FAILED>FAILED:FAIL KILLED>PENDING:BACK_OFF \
      DROPPED>PENDING:BACK_OFF VANISHED>PENDING:RETRY ORPHANED>DETACHED:RETURN \
      SILENT:MOVE OVERDUE>PENDING:RETRY STOP>STOPPING:KILL
      DETACHED    LAUNCH>STAGING:MOVE OVERDUE>PENDING:RETRY STOP>PENDING:END
      STOPPING    STAGED:MOVE STARTED:MOVE RAN:MOVE ENDING:MOVE SILENT:MOVE \
      FINISHED>PENDING:END FAILED>PENDING:END KILLED>PENDING:END DROPPED>PENDING:END \
      VANISHED>PENDING:END ORPHANED>PENDING:END OVERDUE>PENDING:END
      FINISHED    STOP:LEAVE
      FAILED      STOP:LEAVE
      """;

  @Test
  void everyCellIsAsWritten() {
    Map<InstanceState, Map<InstanceInput, Step>> expected = expected();
    assertThat(expected).containsOnlyKeys(InstanceState.values());
    for (InstanceState state : InstanceState.values()) {
      for (InstanceInput input : InstanceInput.values()) {
        Step step = expected.get(state).getOrDefault(input, new Step(state, Act.IGNORE));
        assertThat(InstanceTable.step(state, input)).as(state + " on " + input).isEqualTo(step);
      }
    }
  }

  @Test
  void onlyAnInstanceWithATaskIsKilledOrMadeToWait() {
    for (InstanceState state : InstanceState.values()) {
      for (InstanceInput input : InstanceInput.values()) {
        Act act = InstanceTable.step(state, input).act();
        if (act == Act.KILL || act == Act.BACK_OFF || act == Act.FAIL || act == Act.COMPLETE) {
          assertThat(state.hasTask()).as(state + " on " + input).isTrue();
        }
        if (input == InstanceInput.SILENT) {
          assertThat(act).as("nothing ends by a silence (promise 4)").isIn(Act.MOVE, Act.IGNORE);
        }
      }
    }
  }

  private static Map<InstanceState, Map<InstanceInput, Step>> expected() {
    Map<InstanceState, Map<InstanceInput, Step>> rows = new HashMap<>();
    for (String line : CELLS.lines().toList()) {
      String[] words = line.trim().split("\\s+", -1);
      InstanceState state = InstanceState.valueOf(words[0]);
      Map<InstanceInput, Step> row = new HashMap<>();
      for (int i = 1; i < words.length; i++) {
        String[] cell = words[i].split(":", -1);
        String[] move = cell[0].split(">", -1);
        InstanceState next = move.length == 1 ? state : InstanceState.valueOf(move[1]);
        row.put(InstanceInput.valueOf(move[0]), new Step(next, Act.valueOf(cell[1])));
      }
      rows.put(state, row);
    }
    return rows;
  }
}
