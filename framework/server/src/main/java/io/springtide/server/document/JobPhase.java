package io.springtide.server.document;

import io.springtide.scheduler.state.Runs;
import io.springtide.scheduler.view.ClusterView.JobView;

/** How a job stands, as its status says. */
public enum JobPhase {
  /** What it comes after has not finished: none of its instances is there yet. */
  WAITING,
  ACTIVE,
  /** Batch: all its instances have finished. */
  FINISHED,
  /** Batch: all its instances are done, and some have failed or never began. */
  FAILED,
  /** It goes as soon as its instances have. */
  REMOVING;

  public static JobPhase of(JobView view) {
    if (view.job().removing()) {
      return REMOVING;
    }
    if (view.waits()) {
      return WAITING;
    }
    return view.runs()
        .flatMap(Runs::ended)
        .map(end -> end.well() ? FINISHED : FAILED)
        .orElse(ACTIVE);
  }
}
