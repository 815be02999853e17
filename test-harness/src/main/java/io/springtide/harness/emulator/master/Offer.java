package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.time.Loop;

/** An outstanding offer; its resources are allocated to its role. */
final class Offer {
  final String id;
  final String frameworkId;
  final String agentId;
  final String role;
  final Bag resources;
  final org.apache.mesos.v1.Protos.Offer message;
  Loop.Timer timeout;

  Offer(
      String frameworkId,
      String agentId,
      String role,
      Bag resources,
      org.apache.mesos.v1.Protos.Offer message) {
    this.id = message.getId().getValue();
    this.frameworkId = frameworkId;
    this.agentId = agentId;
    this.role = role;
    this.resources = resources;
    this.message = message;
  }
}
