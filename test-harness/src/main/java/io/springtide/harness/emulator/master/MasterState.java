package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.Ids;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.TaskInfo;

/** All that the parts of one master share. */
final class MasterState {

  final Loop loop;
  final Ids ids;
  final MasterConfig config;
  final Registry registry;
  final OperatorEvents events;
  final Instant started;
  final Map<String, Framework> frameworks = new LinkedHashMap<>();
  final Map<String, Framework> completedFrameworks = new LinkedHashMap<>();
  final Map<String, Agent> agents = new LinkedHashMap<>();
  final Map<String, String> agentByPid = new HashMap<>();
  final Map<String, AgentInfo> recoveredAgents = new LinkedHashMap<>();
  final Map<String, Offer> offers = new LinkedHashMap<>();
  boolean stopped;
  java.util.function.Consumer<Agent> markGone = agent -> {};
  java.util.function.Consumer<TaskInfo> launched = task -> {};
  private int nextFramework;
  private int nextAgent;
  private int nextOffer;

  MasterState(Loop loop, Ids ids, MasterConfig config, Registry registry) {
    this.loop = loop;
    this.ids = ids;
    this.config = config;
    this.registry = registry;
    this.started = loop.now();
    this.events = new OperatorEvents(this);
  }

  String nextFrameworkId() {
    return "%s-%04d".formatted(config.info().getId(), nextFramework++);
  }

  String nextAgentId() {
    return config.info().getId() + "-S" + nextAgent++;
  }

  String nextOfferId() {
    return config.info().getId() + "-O" + nextOffer++;
  }
}
