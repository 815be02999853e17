package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.AgentPeer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.DrainInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;

/** A registered agent as the master knows it. */
final class Agent {

  final String id;
  AgentInfo info;
  String pid;
  AgentPeer peer;
  boolean connected = true;
  boolean active = true;
  boolean deactivated;
  DrainInfo drain;
  Instant drainStart;
  Instant registered;
  Instant reregistered;
  Bag total;
  boolean ponged = true;
  int missedPings;
  Loop.Timer ping;
  final Map<String, Map<String, ExecutorInfo>> executors = new LinkedHashMap<>();
  final Map<String, Map<String, MasterTask>> tasks = new LinkedHashMap<>();
  final Map<String, Offer> offers = new LinkedHashMap<>();
  final Map<String, Set<String>> killed = new LinkedHashMap<>();
  private final Map<String, Bag> used = new LinkedHashMap<>();
  private Bag offeredSum = Bag.EMPTY;
  private Bag available;

  Agent(String id, AgentInfo info, String pid, AgentPeer peer) {
    this.id = id;
    this.info = info;
    this.pid = pid;
    this.peer = peer;
    this.total = Bag.of(info.getResourcesList());
  }

  /** What the tasks and executors of a framework hold here. */
  Bag usedBy(String frameworkId) {
    return used.getOrDefault(frameworkId, Bag.EMPTY);
  }

  /** What all tasks and executors hold here. */
  Bag used() {
    return used.values().stream().reduce(Bag.EMPTY, Bag::plus);
  }

  Bag offered() {
    return offeredSum;
  }

  /** What is neither used nor offered, allocated to nobody. */
  Bag available() {
    if (available == null) {
      available = total.minus(used().unallocated()).minus(offeredSum.unallocated());
    }
    return available;
  }

  boolean hasGpus() {
    return total.milli("gpus") > 0;
  }

  void offer(Offer offer) {
    offers.put(offer.id, offer);
    offeredSum = offeredSum.plus(offer.resources);
    available = null;
  }

  void unoffer(Offer offer) {
    if (offers.remove(offer.id) != null) {
      offeredSum = offeredSum.minus(offer.resources);
      available = null;
    }
  }

  /** The agent's resources changed: it registered again, or a reservation was made. */
  void total(Bag resources) {
    total = resources;
    available = null;
  }

  MasterTask task(String frameworkId, String taskId) {
    return tasks.getOrDefault(frameworkId, Map.of()).get(taskId);
  }

  ExecutorInfo executor(String frameworkId, String executorId) {
    return executors.getOrDefault(frameworkId, Map.of()).get(executorId);
  }

  void addTask(MasterTask task) {
    tasks.computeIfAbsent(task.frameworkId(), id -> new LinkedHashMap<>()).put(task.id(), task);
    if (!task.terminal()) {
      used.merge(task.frameworkId(), task.resources, Bag::plus);
      available = null;
    }
  }

  /** The task has become terminal: what it held is free, though it is still known. */
  void release(MasterTask task) {
    used.computeIfPresent(task.frameworkId(), (id, bag) -> bag.minus(task.resources));
    available = null;
  }

  void removeTask(MasterTask task) {
    Map<String, MasterTask> mine = tasks.get(task.frameworkId());
    if (mine != null) {
      mine.remove(task.id());
      if (mine.isEmpty()) {
        tasks.remove(task.frameworkId());
      }
    }
    Set<String> kills = killed.get(task.frameworkId());
    if (kills != null) {
      kills.remove(task.id());
    }
  }

  void addExecutor(String frameworkId, ExecutorInfo executor) {
    executors
        .computeIfAbsent(frameworkId, id -> new LinkedHashMap<>())
        .put(executor.getExecutorId().getValue(), executor);
    used.merge(frameworkId, Bag.of(executor.getResourcesList()), Bag::plus);
    available = null;
  }

  ExecutorInfo removeExecutor(String frameworkId, String executorId) {
    Map<String, ExecutorInfo> mine = executors.get(frameworkId);
    ExecutorInfo removed = mine == null ? null : mine.remove(executorId);
    if (removed != null) {
      used.computeIfPresent(
          frameworkId, (id, bag) -> bag.minus(Bag.of(removed.getResourcesList())));
      available = null;
      if (mine.isEmpty()) {
        executors.remove(frameworkId);
      }
    }
    return removed;
  }

  void forget(String frameworkId) {
    used.remove(frameworkId);
    available = null;
    tasks.remove(frameworkId);
    executors.remove(frameworkId);
    killed.remove(frameworkId);
  }

  void killing(String frameworkId, String taskId) {
    killed.computeIfAbsent(frameworkId, id -> new LinkedHashSet<>()).add(taskId);
  }

  boolean draining() {
    return drain != null;
  }
}
