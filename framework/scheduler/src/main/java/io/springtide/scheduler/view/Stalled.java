package io.springtide.scheduler.view;

import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.goal.Progress;
import io.springtide.scheduler.job.UpdatePolicy;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.DeploymentState;
import io.springtide.scheduler.state.Job;
import java.util.List;
import java.util.Optional;

/** Why a deployment does not go on, and what would let it. */
final class Stalled {
  private Stalled() {}

  /**
   * The reason that tells most.
   *
   * @param refusals why what is to run its revision has no place, the most telling first
   */
  static Optional<Waiting> why(Deployment one, Job job, Progress progress, List<Waiting> refusals) {
    if (one.state() == DeploymentState.PAUSED) {
      return Optional.of(
          new Waiting("PAUSED", 0, "somebody has paused it", "resume it, or abort it"));
    }
    if (progress.unplaced() > 0 && !refusals.isEmpty()) {
      Waiting first = refusals.get(0);
      boolean above = progress.total() > job.spec().instances();
      String what =
          progress.unplaced()
              + " updated instances have no place"
              + (above ? ", of which some are above the job's number (update.maxSurge)" : "");
      return Optional.of(
          new Waiting(
              first.reason(), first.hosts(), what + ": " + first.detail(), first.freedBy()));
    }
    int awaited = progress.updated() - progress.healthy();
    if (awaited > 0) {
      return Optional.of(
          new Waiting(
              "HEALTH",
              0,
              awaited + " of " + progress.updated() + " updated instances are not healthy yet",
              "that they serve for update.minHealthy"));
    }
    boolean canaries =
        one.state() == DeploymentState.CANARY && progress.updated() >= progress.canaries();
    if (canaries && job.spec().update().promote() == UpdatePolicy.Promotion.MANUAL) {
      return Optional.of(
          new Waiting(
              "PROMOTION",
              0,
              progress.canaries() + " canaries are healthy; the others wait for promotion",
              "promote it, or abort it"));
    }
    return progress.updated() < progress.total()
        ? Optional.of(
            new Waiting(
                Waiting.UPDATE_BUDGET,
                0,
                progress.total() - progress.updated() + " instances are to be replaced yet",
                "as many serving instances as update.maxUnavailable asks for"))
        : Optional.empty();
  }
}
