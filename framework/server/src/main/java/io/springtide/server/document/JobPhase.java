package io.springtide.server.document;

import io.springtide.scheduler.view.ClusterView.JobView;

/** How a job stands, as its status says. */
public enum JobPhase {
  ACTIVE,
  /** It goes as soon as its instances have. */
  REMOVING;

  public static JobPhase of(JobView view) {
    return view.job().removing() ? REMOVING : ACTIVE;
  }
}
