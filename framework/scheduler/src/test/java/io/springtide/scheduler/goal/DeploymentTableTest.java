package io.springtide.scheduler.goal;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.scheduler.state.DeploymentState;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every cell of the deployments' table: what is not written here cannot be done. */
class DeploymentTableTest {
  /** One row for each state, {@code input>NEXT}. */
  private static final String CELLS =
      """
      ROLLING      PAUSE>PAUSED ABORT>ROLLING_BACK FAULT>FAILED FAULT_BACK>ROLLING_BACK \
      WHOLE>DONE SUPERSEDE>SUPERSEDED
      CANARY       PAUSE>PAUSED PROMOTE>ROLLING ABORT>ROLLING_BACK FAULT>FAILED \
      FAULT_BACK>ROLLING_BACK SUPERSEDE>SUPERSEDED
      PAUSED       RESUME>ROLLING RESUME_CANARY>CANARY ABORT>ROLLING_BACK SUPERSEDE>SUPERSEDED
      ROLLING_BACK BACK>ABORTED BACK_FROM_FAULT>FAILED SUPERSEDE>SUPERSEDED
      DONE
      ABORTED
      FAILED
      SUPERSEDED
      """;

  @Test
  void everyCellIsAsWritten() {
    Map<DeploymentState, Map<DeploymentInput, DeploymentState>> expected = expected();
    assertThat(expected).containsOnlyKeys(DeploymentState.values());
    for (DeploymentState state : DeploymentState.values()) {
      for (DeploymentInput input : DeploymentInput.values()) {
        assertThat(DeploymentTable.step(state, input))
            .as(state + " on " + input)
            .isEqualTo(Optional.ofNullable(expected.get(state).get(input)));
      }
    }
  }

  @Test
  void whatHasEndedStaysAsItIsAndARollbackNeverRollsBack() {
    for (DeploymentInput input : DeploymentInput.values()) {
      for (DeploymentState state : DeploymentState.values()) {
        if (!state.underWay()) {
          assertThat(DeploymentTable.step(state, input)).as(state + " on " + input).isEmpty();
        }
      }
    }
    assertThat(DeploymentTable.step(DeploymentState.ROLLING_BACK, DeploymentInput.FAULT_BACK))
        .isEmpty();
  }

  private static Map<DeploymentState, Map<DeploymentInput, DeploymentState>> expected() {
    Map<DeploymentState, Map<DeploymentInput, DeploymentState>> rows =
        new EnumMap<>(DeploymentState.class);
    for (String line : CELLS.lines().toList()) {
      String[] words = line.trim().split("\\s+", -1);
      Map<DeploymentInput, DeploymentState> row = new EnumMap<>(DeploymentInput.class);
      for (int i = 1; i < words.length; i++) {
        String[] cell = words[i].split(">", -1);
        row.put(DeploymentInput.valueOf(cell[0]), DeploymentState.valueOf(cell[1]));
      }
      rows.put(DeploymentState.valueOf(words[0]), row);
    }
    return rows;
  }
}
