package io.springtide.scheduler.view;

import io.springtide.partition.model.Names;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.Used;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What each group, with all below it, takes of each pool, by label: the sum over the instances as
 * they are shown, kept up to date as one follows another. A change costs as many additions as there
 * are groups above the instance.
 */
final class GroupUsage {
  private final Map<String, TreeMap<String, Used>> byGroup = new HashMap<>();

  /** As they are shown, made anew where something has changed. */
  private final Map<String, SortedMap<String, Used>> shown = new HashMap<>();

  /** An instance is shown otherwise, is new, or is gone. */
  void follow(Optional<InstanceView> before, Optional<InstanceView> after) {
    before.ifPresent(view -> change(view, false));
    after.ifPresent(view -> change(view, true));
  }

  private void change(InstanceView view, boolean more) {
    view.instance()
        .task()
        .ifPresent(task -> change(view.instance().job(), task, view.resources(), more));
  }

  private void change(String job, Task task, Resources takes, boolean more) {
    for (String group = Names.parentOf(job); !group.isEmpty(); group = Names.parentOf(group)) {
      TreeMap<String, Used> pools = byGroup.computeIfAbsent(group, path -> new TreeMap<>());
      Used used = pools.getOrDefault(task.pool(), Used.NOTHING).changed(task.label(), takes, more);
      if (used.equals(Used.NOTHING)) {
        pools.remove(task.pool());
      } else {
        pools.put(task.pool(), used);
      }
      if (pools.isEmpty()) {
        byGroup.remove(group);
      }
      shown.remove(group);
    }
  }

  /** By pool; those of which it takes nothing left out. */
  SortedMap<String, Used> of(String group) {
    return shown.computeIfAbsent(
        group,
        path ->
            Collections.unmodifiableSortedMap(
                new TreeMap<>(byGroup.getOrDefault(path, new TreeMap<>()))));
  }
}
