package io.springtide.scheduler.view;

import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How many instances are on each host and what they take of it, by label: the sum over the
 * instances as they are shown, kept up to date as one follows another.
 */
final class HostUsage {
  /** What is on one host. */
  static final class Sum {
    private int instances;
    private final Map<Label, Resources> takes = new EnumMap<>(Label.class);

    private Sum() {
      for (Label label : Label.values()) {
        takes.put(label, Resources.ZERO);
      }
    }

    int instances() {
      return instances;
    }

    Resources takes(Label label) {
      return takes.get(label);
    }
  }

  private static final Sum NOTHING = new Sum();

  private final Map<String, Sum> byHost = new HashMap<>();
  private final Set<String> changed = new HashSet<>();

  /** An instance is shown otherwise, is new, or is gone. */
  void follow(Optional<InstanceView> before, Optional<InstanceView> after) {
    before.ifPresent(this::remove);
    after.ifPresent(this::add);
  }

  private void add(InstanceView view) {
    view.instance().task().ifPresent(task -> add(task, view.resources()));
  }

  private void add(Task task, Resources takes) {
    Sum sum = byHost.computeIfAbsent(task.host(), host -> new Sum());
    sum.instances++;
    sum.takes.merge(task.label(), takes, Resources::plus);
    changed.add(task.host());
  }

  private void remove(InstanceView view) {
    view.instance().task().ifPresent(task -> remove(task, view.resources()));
  }

  private void remove(Task task, Resources took) {
    Sum sum = byHost.get(task.host());
    sum.instances--;
    sum.takes.merge(task.label(), took, Resources::minus);
    changed.add(task.host());
    if (sum.instances == 0) {
      byHost.remove(task.host());
    }
  }

  Sum on(String host) {
    return byHost.getOrDefault(host, NOTHING);
  }

  /** The hosts of which it may be otherwise than when this was last asked. */
  Set<String> takeChanged() {
    Set<String> taken = new HashSet<>(changed);
    changed.clear();
    return taken;
  }
}
