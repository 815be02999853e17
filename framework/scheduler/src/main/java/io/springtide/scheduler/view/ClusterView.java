package io.springtide.scheduler.view;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.answer.Breach;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.goal.Progress;
import io.springtide.scheduler.job.Violation;
import io.springtide.scheduler.order.OrderProgress;
import io.springtide.scheduler.order.UnlistedHost;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.Runs;
import io.springtide.scheduler.state.Stray;
import io.springtide.scheduler.task.HealthWave;
import io.springtide.scheduler.task.Ignored;
import io.springtide.scheduler.task.PoisonHosts.Avoided;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.Maintenance;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * All that can be read, at one version; immutable. To be shown only when that version is durable.
 *
 * @param version of the last commit that it includes
 * @param frameworkId empty before the first subscription
 * @param connected whether the master has us
 * @param pools by name, in order of names
 * @param groups by path, in order
 * @param jobs by id, in order
 * @param hosts by id, in order
 * @param unlisted machines that carry an order of ours and that no cloud lists, by host, in order
 * @param orders by token, in order
 * @param strays by task id, in order
 * @param wave that many instances fail their health checks at once; empty while they do not
 * @param ignored how often news changed nothing since this core began, in order of the cells
 */
public record ClusterView(
    long version,
    String frameworkId,
    boolean connected,
    SortedMap<String, PoolView> pools,
    SortedMap<String, GroupView> groups,
    SortedMap<String, JobView> jobs,
    SortedMap<String, HostView> hosts,
    Map<String, UnlistedHost> unlisted,
    SortedMap<String, OrderView> orders,
    SortedMap<String, Stray> strays,
    Optional<HealthWave> wave,
    Map<Ignored.Cell, Long> ignored) {

  /**
   * A pool and the version of its document.
   *
   * @param troubles what its clouds did not do when they were last asked
   */
  public record PoolView(Pool pool, long version, List<CloudTrouble> troubles) {
    public PoolView {
      troubles = List.copyOf(troubles);
    }
  }

  /**
   * A group and the version of its document.
   *
   * @param used what its instances, and those of groups below it, take of each pool; pools of which
   *     they take nothing are left out
   */
  public record GroupView(Group group, long version, SortedMap<String, Used> used) {}

  /** What instances take, by label. */
  public record Used(Resources guaranteed, Resources borrowed, Resources burst) {
    public static final Used NOTHING = new Used(Resources.ZERO, Resources.ZERO, Resources.ZERO);

    public Resources all() {
      return guaranteed.plus(borrowed).plus(burst);
    }

    Used changed(Label label, Resources by, boolean more) {
      return switch (label) {
        case GUARANTEED -> new Used(changed(guaranteed, by, more), borrowed, burst);
        case BORROWED -> new Used(guaranteed, changed(borrowed, by, more), burst);
        case BURST -> new Used(guaranteed, borrowed, changed(burst, by, more));
      };
    }

    private static Resources changed(Resources sum, Resources by, boolean more) {
      return more ? sum.plus(by) : sum.minus(by);
    }
  }

  /** Hosts asked of a cloud that has not answered yet, and how far that is. */
  public record OrderView(Order order, OrderProgress progress) {}

  /**
   * A job and its instances, by index.
   *
   * @param breaches which of them its newest version would not have where they are
   * @param violations what its group's policy and limits would not have, and what runs since before
   * @param avoids hosts that it keeps away from for a while, since its attempts failed there
   * @param runs what has become of its runs; empty: it is of those that run from the first
   * @param held why instances are not there yet that it wants; empty if all are
   * @param deployments those that are kept, the latest last
   */
  public record JobView(
      Job job,
      Numbered<InstanceView> instances,
      List<Breach> breaches,
      List<Violation> violations,
      List<Avoided> avoids,
      Optional<Runs> runs,
      Optional<Waiting> held,
      List<DeploymentView> deployments) {
    public JobView {
      deployments = List.copyOf(deployments);
      requireNonNull(instances);
      breaches = List.copyOf(breaches);
      violations = List.copyOf(violations);
      avoids = List.copyOf(avoids);
    }

    /** Whether it has not begun, since it comes after others. */
    public boolean waits() {
      return held.filter(why -> why.reason().equals(Waiting.AFTER)).isPresent();
    }

    /** How many instances it wants that are not there yet; 0 for a system job. */
    public int missing() {
      boolean over = runs.flatMap(Runs::ended).isPresent() || job.removing();
      return over ? 0 : Math.max(0, job.spec().instances() - instances.size());
    }

    /** The instance of that index. */
    public Optional<InstanceView> instance(int index) {
      return instances.numbered(index);
    }
  }

  /**
   * A deployment.
   *
   * @param progress how far it is, while it is under way and somebody has looked
   * @param waiting why no more is done about it now; empty where something is
   */
  public record DeploymentView(
      Deployment deployment, Optional<Progress> progress, Optional<Waiting> waiting) {}

  /**
   * An instance.
   *
   * @param resources what its task takes, or would take
   * @param waiting why it waits, or why nothing is done about it yet, the most telling reason
   *     first; empty where nothing is amiss
   */
  public record InstanceView(Instance instance, Resources resources, List<Waiting> waiting) {
    public InstanceView {
      waiting = List.copyOf(waiting);
    }

    /** Whether it failed, and its next attempt is not due yet. */
    public boolean backsOff() {
      return waiting.stream().anyMatch(why -> why.reason().equals(Waiting.BACK_OFF));
    }

    /** Why it runs on although its health check has failed too often. */
    public Optional<Waiting> condemned() {
      return waiting.stream().filter(why -> why.reason().equals(Waiting.CONDEMNED)).findFirst();
    }
  }

  /**
   * A host and what instances take of it, by label; what executor and warden take left out.
   *
   * @param by by whose word it takes no work: {@code mesos}, {@code operator} or, where it is given
   *     back, {@code springtide}; empty if it does, or will
   * @param maintenance when its machine is away, by the master's schedule
   * @param remains what lost executors may have left there, which keeps it from being empty
   * @param report its warden's last, since this process leads
   * @param warnings what of that a person should look at
   */
  public record HostView(
      Host host,
      String by,
      Optional<Maintenance> maintenance,
      int instances,
      Resources guaranteed,
      Resources borrowed,
      Resources burst,
      List<Remains> remains,
      Optional<HostReport> report,
      List<HostReport.Warning> warnings) {
    public HostView {
      remains = List.copyOf(remains);
      warnings = List.copyOf(warnings);
    }
  }
}
