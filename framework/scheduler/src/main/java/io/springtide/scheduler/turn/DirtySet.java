package io.springtide.scheduler.turn;

import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Task;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What has changed since somebody last looked: so that nobody must look at everything. */
public final class DirtySet {
  private final Set<String> toSettle = new TreeSet<>();
  private final Set<String> toShow = new TreeSet<>();
  private final Set<String> hostsToShow = new TreeSet<>();
  private final Set<String> rooms = new TreeSet<>();
  private boolean match;
  private boolean hosts;

  /** The job's wanted and actual instances must be compared again. */
  public void job(String id) {
    toSettle.add(id);
    toShow.add(id);
    match = true;
  }

  /**
   * An instance came, changed or went.
   *
   * @param rolling whether its job is being replaced, so that each step makes room for the next
   */
  void instance(Optional<Instance> before, Optional<Instance> after, boolean rolling) {
    before.flatMap(Instance::task).ifPresent(task -> room(task.host()));
    after.flatMap(Instance::task).ifPresent(task -> room(task.host()));
    if (after.isEmpty()) {
      job(before.orElseThrow().job());
      return;
    }
    follow(before, after.get(), rolling);
  }

  private void follow(Optional<Instance> before, Instance after, boolean rolling) {
    toShow.add(after.job());
    boolean sameKind =
        before
            .filter(old -> old.state() == after.state())
            .filter(old -> healthy(old).equals(healthy(after)))
            .isPresent();
    if (!sameKind) {
      match = true;
      if (rolling) {
        toSettle.add(after.job());
      }
    }
  }

  /** The job shows otherwise, and nothing follows from it. */
  public void shown(String job) {
    toShow.add(job);
  }

  /** The host shows otherwise, and nothing follows from it. */
  public void shownHost(String id) {
    hostsToShow.add(id);
  }

  void host(String id) {
    hosts = true;
    room(id);
  }

  /** What is free on a host must be reckoned again. */
  public void room(String host) {
    rooms.add(host);
    hostsToShow.add(host);
    match = true;
  }

  /** Something may fit now that did not. */
  public void match() {
    match = true;
  }

  public Set<String> takeRooms() {
    return take(rooms);
  }

  public Set<String> takeShownHosts() {
    return take(hostsToShow);
  }

  public Set<String> takeJobs() {
    return take(toSettle);
  }

  public Set<String> takeShown() {
    return take(toShow);
  }

  public boolean takeHosts() {
    boolean was = hosts;
    hosts = false;
    return was;
  }

  public boolean takeMatch() {
    boolean was = match;
    match = false;
    return was;
  }

  private static Optional<Boolean> healthy(Instance instance) {
    return instance.task().flatMap(Task::healthy);
  }

  private static Set<String> take(Set<String> set) {
    Set<String> taken = new TreeSet<>(set);
    set.clear();
    return taken;
  }
}
