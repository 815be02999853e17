package io.springtide.harness.e2e;

import io.springtide.harness.Needs;
import io.springtide.harness.cluster.LocalCluster.ConsulChoice;
import java.io.IOException;

/** On a machine that has them: a real engine and a real Consul. */
class DockerEndToEndIT extends EndToEndContract {

  @Override
  Workload workload() throws IOException {
    Needs.consul();
    return Workload.containers();
  }

  @Override
  ConsulChoice consulChoice() {
    return ConsulChoice.REAL;
  }
}
