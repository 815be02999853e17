package io.springtide.scheduler.turn;

import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Task;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What has changed since somebody last looked: so that nobody must look at everything. */
public final class DirtySet {
  private final Set<String> toSettle = new TreeSet<>();

  /** Jobs whose instances are being replaced: each step of that makes room for the next. */
  private final Set<String> watched = new HashSet<>();

  private final Set<String> toAdvance = new TreeSet<>();
  private final Set<String> toShow = new TreeSet<>();
  private final SortedMap<String, SortedSet<Integer>> instancesToShow = new TreeMap<>();
  private final Set<String> hostsToShow = new TreeSet<>();
  private final Set<String> rooms = new TreeSet<>();
  private boolean match;
  private boolean hosts;

  /**
   * From now on each instance that comes, changes or goes has its job settled again, or no longer.
   */
  public void watch(String job, boolean closely) {
    if (closely) {
      watched.add(job);
    } else {
      watched.remove(job);
    }
  }

  boolean watches(String job) {
    return watched.contains(job);
  }

  /** The job's wanted and actual instances must be compared again. */
  public void job(String id) {
    toSettle.add(id);
    heading(id);
    match = true;
  }

  /** An instance of the batch job is done, or has gone: the next may follow. */
  void advances(String id) {
    toAdvance.add(id);
    match = true;
  }

  /**
   * An instance came, changed or went.
   *
   * @param settles whether its job's goals may change by that: each step of a replacement makes
   *     room for the next
   */
  void instance(Optional<Instance> before, Optional<Instance> after, boolean settles) {
    Instance one = after.or(() -> before).orElseThrow();
    shown(one);
    Optional<String> waitedFor = hostToReturnTo(before);
    Optional<String> waitsFor = hostToReturnTo(after);
    if (!waitedFor.equals(waitsFor)) {
      waitedFor.ifPresent(this::room);
      waitsFor.ifPresent(this::room);
    }
    boolean sameKind =
        before.isPresent()
            && after.isPresent()
            && before.get().state() == one.state()
            && healthy(before.get()).equals(healthy(one));
    if (!sameKind) {
      match = true;
      if (settles) {
        toSettle.add(one.job());
      }
    }
  }

  private static Optional<String> hostToReturnTo(Optional<Instance> instance) {
    return instance.filter(Instance::returns).flatMap(Instance::task).map(Task::host);
  }

  /** The instance shows otherwise, and nothing follows from it. */
  public void shown(Instance instance) {
    instancesToShow.computeIfAbsent(instance.job(), job -> new TreeSet<>()).add(instance.index());
  }

  /** What is said of the job as a whole shows otherwise, and nothing follows from it. */
  public void heading(String job) {
    instancesToShow.computeIfAbsent(job, id -> new TreeSet<>());
  }

  /** The job shows otherwise with all its instances, and nothing follows from it. */
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

  /** The batch jobs of which instances are done, or went. */
  public Set<String> takeAdvances() {
    return take(toAdvance);
  }

  /** The jobs that show otherwise, and the numbers of those of their instances that do. */
  public SortedMap<String, SortedSet<Integer>> takeShownInstances() {
    SortedMap<String, SortedSet<Integer>> taken = new TreeMap<>(instancesToShow);
    instancesToShow.clear();
    return taken;
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
