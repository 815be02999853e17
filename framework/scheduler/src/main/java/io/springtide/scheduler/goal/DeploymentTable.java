package io.springtide.scheduler.goal;

import static io.springtide.scheduler.state.DeploymentState.ABORTED;
import static io.springtide.scheduler.state.DeploymentState.CANARY;
import static io.springtide.scheduler.state.DeploymentState.DONE;
import static io.springtide.scheduler.state.DeploymentState.FAILED;
import static io.springtide.scheduler.state.DeploymentState.PAUSED;
import static io.springtide.scheduler.state.DeploymentState.ROLLING;
import static io.springtide.scheduler.state.DeploymentState.ROLLING_BACK;
import static io.springtide.scheduler.state.DeploymentState.SUPERSEDED;

import io.springtide.scheduler.state.DeploymentState;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** The life of a deployment: by its state and what happens, the state that follows. */
final class DeploymentTable {
  private static final Map<DeploymentState, Map<DeploymentInput, DeploymentState>> CELLS =
      new EnumMap<>(DeploymentState.class);

  static {
    for (DeploymentState state : new DeploymentState[] {ROLLING, CANARY, PAUSED}) {
      on(state, DeploymentInput.ABORT, ROLLING_BACK);
      on(state, DeploymentInput.SUPERSEDE, SUPERSEDED);
    }
    for (DeploymentState state : new DeploymentState[] {ROLLING, CANARY}) {
      on(state, DeploymentInput.PAUSE, PAUSED);
      on(state, DeploymentInput.FAULT, FAILED);
      on(state, DeploymentInput.FAULT_BACK, ROLLING_BACK);
    }
    on(ROLLING, DeploymentInput.WHOLE, DONE);
    on(CANARY, DeploymentInput.PROMOTE, ROLLING);
    on(PAUSED, DeploymentInput.RESUME, ROLLING);
    on(PAUSED, DeploymentInput.RESUME_CANARY, CANARY);
    on(ROLLING_BACK, DeploymentInput.BACK, ABORTED);
    on(ROLLING_BACK, DeploymentInput.BACK_FROM_FAULT, FAILED);
    on(ROLLING_BACK, DeploymentInput.SUPERSEDE, SUPERSEDED);
  }

  private DeploymentTable() {}

  /** The next state; empty: that cannot be done, or nothing follows. */
  static Optional<DeploymentState> step(DeploymentState state, DeploymentInput input) {
    return Optional.ofNullable(CELLS.getOrDefault(state, Map.of()).get(input));
  }

  private static void on(DeploymentState state, DeploymentInput input, DeploymentState next) {
    CELLS.computeIfAbsent(state, s -> new EnumMap<>(DeploymentInput.class)).put(input, next);
  }
}
