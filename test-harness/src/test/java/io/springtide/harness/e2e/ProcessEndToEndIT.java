package io.springtide.harness.e2e;

import io.springtide.harness.cluster.LocalCluster.ConsulChoice;

/** On any machine: processes, and the stand-in for Consul. */
class ProcessEndToEndIT extends EndToEndContract {

  @Override
  Workload workload() {
    return Workload.processes();
  }

  @Override
  ConsulChoice consulChoice() {
    return ConsulChoice.STAND_IN;
  }
}
