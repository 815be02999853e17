package io.springtide.scheduler.turn;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Label;
import io.springtide.scheduler.state.Host.Wish;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.turn.ConditionTable.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Every cell of the host table. */
class ConditionTableTest {
  /** Phase, then the condition under SERVE, CORDON, DRAIN with work, DRAIN empty, RELEASE. */
  private static final String CELLS =
      """
      AWAITED  PROVISIONING PROVISIONING PROVISIONING PROVISIONING DRAINING
      STARTING INITIALISING CORDONED     DRAINING     MAINTENANCE  DRAINING
      UP       READY        CORDONED     DRAINING     MAINTENANCE  DRAINING
      SILENT   LOST         LOST         LOST         LOST         LOST
      """;

  @Test
  void everyCellIsAsWritten() {
    List<String> lines = CELLS.lines().toList();
    assertThat(lines).hasSize(Phase.values().length);
    for (String line : lines) {
      String[] words = line.trim().split("\\s+", -1);
      Phase phase = Phase.valueOf(words[0]);
      for (Wish wish : Wish.values()) {
        for (boolean empty : new boolean[] {false, true}) {
          int column =
              switch (wish) {
                case SERVE -> 1;
                case CORDON -> 2;
                case DRAIN -> empty ? 4 : 3;
                case RELEASE -> 5;
              };
          assertThat(ConditionTable.condition(phase, AgentReport.State.ACTIVE, wish, empty))
              .as(phase + " " + wish + (empty ? " empty" : ""))
              .isEqualTo(HostCondition.valueOf(words[column]));
        }
      }
    }
  }

  @Test
  void whatTheMasterHasMadeOfAnAgentGoesBeforeWhatIsWantedOfAHost() {
    Map<AgentReport.State, HostCondition> said =
        Map.of(
            AgentReport.State.DEACTIVATED, HostCondition.DEACTIVATED,
            AgentReport.State.DRAINING, HostCondition.DRAINING,
            AgentReport.State.DRAINED, HostCondition.DRAINED);
    said.forEach(
        (master, condition) -> {
          for (boolean empty : new boolean[] {false, true}) {
            for (Wish wish : Wish.values()) {
              HostCondition expected = wish == Wish.RELEASE ? HostCondition.DRAINING : condition;
              assertThat(ConditionTable.condition(Phase.STARTING, master, wish, empty))
                  .isEqualTo(expected);
              assertThat(ConditionTable.condition(Phase.UP, master, wish, empty))
                  .isEqualTo(expected);
              assertThat(ConditionTable.condition(Phase.SILENT, master, wish, empty))
                  .as("out of sight is out of sight")
                  .isEqualTo(HostCondition.LOST);
            }
          }
        });
  }

  @Test
  void theWardenSaysThePhase() {
    assertThat(ConditionTable.phase("", Optional.empty())).isEqualTo(Phase.AWAITED);
    assertThat(ConditionTable.phase("a", Optional.empty())).isEqualTo(Phase.STARTING);
    for (TaskState state : TaskState.values()) {
      Phase expected =
          switch (state) {
            case RUNNING, KILLING -> Phase.UP;
            case UNREACHABLE, UNKNOWN, LOST, GONE_BY_OPERATOR -> Phase.SILENT;
            default -> Phase.STARTING;
          };
      assertThat(ConditionTable.phase("a", Optional.of(warden(state)))).isEqualTo(expected);
    }
  }

  private static Task warden(TaskState state) {
    return Task.attempt(
            "warden.h.1", 1, 0, "h", "a", "idc", Label.GUARANTEED, List.of(), "", Instant.EPOCH)
        .after(
            new TaskUpdate("warden.h.1", "a", state, "", "", Optional.empty(), ""), Instant.EPOCH);
  }
}
