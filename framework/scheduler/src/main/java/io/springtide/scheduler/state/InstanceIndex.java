package io.springtide.scheduler.state;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Where instances are, and which are on their way. Derived: follows each instance that is put or
 * removed, so that nobody looks at all of them.
 */
final class InstanceIndex {
  private final Map<String, Instance> byTask = new HashMap<>();
  private final Map<String, SortedMap<String, Instance>> byHost = new HashMap<>();
  private final SortedMap<String, SortedMap<String, Instance>> returning = new TreeMap<>();

  /** Of each agent, the hosts on which it has tasks, and how many: an agent may move. */
  private final Map<String, SortedMap<String, Integer>> hostsByAgent = new HashMap<>();

  private final SortedMap<String, SortedSet<Integer>> unsettled = new TreeMap<>();
  private final Map<String, Tally> tallies = new HashMap<>();
  private final Queue queue = new Queue();

  void add(Instance instance) {
    count(instance, 1);
    if (Queue.belongs(instance)) {
      queue.add(instance);
    } else if (instance.state() != InstanceState.RUNNING && !instance.state().done()) {
      unsettled.computeIfAbsent(instance.job(), job -> new TreeSet<>()).add(instance.index());
    }
    instance.task().ifPresent(task -> add(instance, task));
  }

  private void count(Instance instance, int delta) {
    Tally after = tally(instance.job()).with(instance, delta);
    if (after.all() == 0) {
      tallies.remove(instance.job());
    } else {
      tallies.put(instance.job(), after);
    }
  }

  Tally tally(String job) {
    return tallies.getOrDefault(job, Tally.NONE);
  }

  private void add(Instance instance, Task task) {
    byTask.put(task.id(), instance);
    add(byHost, task.host(), instance);
    if (instance.returns()) {
      add(returning, task.host(), instance);
    }
    hostsByAgent
        .computeIfAbsent(task.agentId(), agent -> new TreeMap<>())
        .merge(task.host(), 1, Integer::sum);
  }

  void remove(Instance instance) {
    count(instance, -1);
    if (Queue.belongs(instance)) {
      queue.remove(instance);
    }
    unsettled.computeIfPresent(
        instance.job(),
        (job, indices) -> {
          indices.remove(instance.index());
          return indices.isEmpty() ? null : indices;
        });
    instance.task().ifPresent(task -> remove(instance, task));
  }

  private void remove(Instance instance, Task task) {
    byTask.remove(task.id());
    remove(byHost, task.host(), instance);
    remove(returning, task.host(), instance);
    hostsByAgent.computeIfPresent(
        task.agentId(),
        (agent, hosts) -> {
          hosts.computeIfPresent(task.host(), (host, count) -> count == 1 ? null : count - 1);
          return hosts.isEmpty() ? null : hosts;
        });
  }

  private static void add(
      Map<String, SortedMap<String, Instance>> index, String host, Instance instance) {
    index.computeIfAbsent(host, h -> new TreeMap<>()).put(instance.id(), instance);
  }

  private static void remove(
      Map<String, SortedMap<String, Instance>> index, String host, Instance instance) {
    index.computeIfPresent(
        host,
        (h, there) -> {
          there.remove(instance.id());
          return there.isEmpty() ? null : there;
        });
  }

  Optional<Instance> ofTask(String taskId) {
    return Optional.ofNullable(byTask.get(taskId));
  }

  boolean hasAnyOn(String host) {
    return byHost.containsKey(host);
  }

  List<Instance> on(String host) {
    return there(byHost, host);
  }

  List<Instance> returningTo(String host) {
    return there(returning, host);
  }

  private static List<Instance> there(Map<String, SortedMap<String, Instance>> index, String host) {
    SortedMap<String, Instance> there = index.get(host);
    return there == null ? List.of() : List.copyOf(there.values());
  }

  Set<String> hostsToReturnTo() {
    return returning.keySet();
  }

  Set<String> hostsOf(String agent) {
    SortedMap<String, Integer> hosts = hostsByAgent.get(agent);
    return hosts == null ? Set.of() : hosts.keySet();
  }

  Set<String> unsettledJobs() {
    return unsettled.keySet();
  }

  Set<Integer> unsettledOf(String job) {
    SortedSet<Integer> indices = unsettled.get(job);
    return indices == null ? Set.of() : indices;
  }

  Queue queue() {
    return queue;
  }
}
