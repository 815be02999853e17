package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.EventStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.apache.mesos.v1.scheduler.Protos.OfferConstraints;

/** A framework as the master knows it. */
final class Framework {

  /** As {@code --max_completed_tasks_per_framework}. */
  static final int MAX_COMPLETED = 1000;

  final String id;
  FrameworkInfo info;
  EventStream<Event> stream;
  String streamId = "";
  boolean connected;
  boolean active;
  boolean recovered;
  Instant registered;
  Instant reregistered;
  Instant unregistered;
  Loop.Timer heartbeat;
  Loop.Timer failover;
  OfferConstraints constraints = OfferConstraints.getDefaultInstance();
  final Set<String> suppressed = new LinkedHashSet<>();
  final Map<String, MasterTask> tasks = new LinkedHashMap<>();
  final Map<String, Task> unreachable = new LinkedHashMap<>();
  final Deque<Task> completed = new ArrayDeque<>();
  final Map<String, Offer> offers = new LinkedHashMap<>();

  Framework(String id, FrameworkInfo info) {
    this.id = id;
    this.info = info;
  }

  boolean can(FrameworkInfo.Capability.Type capability) {
    return can(info, capability);
  }

  static boolean can(FrameworkInfo info, FrameworkInfo.Capability.Type capability) {
    return info.getCapabilitiesList().stream().anyMatch(c -> c.getType() == capability);
  }

  boolean partitionAware() {
    return can(FrameworkInfo.Capability.Type.PARTITION_AWARE);
  }

  /** The roles: {@code roles} of a MULTI_ROLE framework, else {@code role}. */
  Set<String> roles() {
    return roles(info);
  }

  @SuppressWarnings("deprecation")
  static Set<String> roles(FrameworkInfo info) {
    return can(info, FrameworkInfo.Capability.Type.MULTI_ROLE)
        ? new LinkedHashSet<>(info.getRolesList())
        : Set.of(info.getRole());
  }

  void send(Event event) {
    if (connected) {
      stream.send(event);
    }
  }

  void complete(Task task) {
    completed.addLast(task);
    if (completed.size() > MAX_COMPLETED) {
      completed.removeFirst();
    }
  }

  /** What its tasks and executors hold. */
  Bag used(Iterable<Agent> agents) {
    Bag used = Bag.EMPTY;
    for (Agent agent : agents) {
      used = used.plus(agent.usedBy(id));
    }
    return used;
  }
}
