package io.springtide.scheduler;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import java.util.Map;
import java.util.Set;

/**
 * Where instances may be, and where there is room, as a reader of the documents would say: the
 * checker's own judgement of pools, {@code Match} on the host, and {@code MaxPer} host.
 */
final class Whereabouts {
  private static final Resources OVERHEAD = CoreConfig.of("executor-1").overhead();

  private final Map<String, Job> jobs;
  private final Map<String, Group> groups;
  private final Map<String, Host> hosts;
  private final Map<String, Instance> instances;

  Whereabouts(
      Map<String, Job> jobs,
      Map<String, Group> groups,
      Map<String, Host> hosts,
      Map<String, Instance> instances) {
    this.jobs = jobs;
    this.groups = groups;
    this.hosts = hosts;
    this.instances = instances;
  }

  /** Whether the instance is where its job's newest rules would not have it. */
  boolean breaks(Instance instance) {
    Job job = jobs.get(instance.job());
    Host host = hosts.get(instance.task().orElseThrow().host());
    return !poolAllowed(job, host.pool())
        || !matches(job, host.id())
        || others(instance, host) >= mostPerHost(job);
  }

  /** Whether one more instance of the job may be there, by its rules. */
  boolean allowed(Job job, Host host) {
    return poolAllowed(job, host.pool())
        && matches(job, host.id())
        && on(job, host) < mostPerHost(job);
  }

  /** Whether a ready host has room for one more instance of the job, where its rules allow it. */
  boolean placeFor(Job job) {
    return hosts.values().stream()
        .anyMatch(
            host ->
                host.condition() == HostCondition.READY
                    && host.wish() == Host.Wish.SERVE
                    && allowed(job, host)
                    && inLimit(job, host.pool())
                    && free(host).covers(job.spec().resources()));
  }

  /** Whether a new host of that pool would take an instance of the job. */
  boolean wouldTake(Job job, String pool) {
    return poolAllowed(job, pool) && matches(job, "a new host") && inLimit(job, pool);
  }

  private boolean poolAllowed(Job job, String pool) {
    JobSpec spec = job.spec();
    return groups.get(spec.group()).quotas().containsKey(pool)
        && (spec.pools().isEmpty() || spec.pools().contains(pool));
  }

  private static boolean matches(Job job, String host) {
    for (Constraint constraint : job.spec().constraints()) {
      if (constraint instanceof Constraint.Match match && !match.soft()) {
        Set<String> named = match.values();
        if (named.contains(host) == match.negated()) {
          return false;
        }
      }
    }
    return true;
  }

  private static long mostPerHost(Job job) {
    return job.spec().constraints().stream()
        .filter(Constraint.MaxPer.class::isInstance)
        .mapToLong(constraint -> ((Constraint.MaxPer) constraint).count())
        .min()
        .orElse(Long.MAX_VALUE);
  }

  private long on(Job job, Host host) {
    return instances.values().stream().filter(instance -> isOn(instance, job.id(), host)).count();
  }

  /** Those of its job that stay there beside it. */
  private long others(Instance instance, Host host) {
    return instances.values().stream()
        .filter(other -> other.goal() == Goal.RUN && !other.id().equals(instance.id()))
        .filter(other -> isOn(other, instance.job(), host))
        .count();
  }

  private static boolean isOn(Instance instance, String job, Host host) {
    return instance.job().equals(job)
        && instance.task().filter(task -> task.host().equals(host.id())).isPresent();
  }

  private Resources free(Host host) {
    Resources free = host.capacity().minusOrZero(OVERHEAD);
    for (Instance instance : instances.values()) {
      if (instance.task().filter(task -> task.host().equals(host.id())).isPresent()) {
        free = free.minusOrZero(size(instance));
      }
    }
    return free;
  }

  private boolean inLimit(Job job, String pool) {
    Quota quota = groups.get(job.spec().group()).quotas().get(pool);
    Resources used = job.spec().resources();
    for (Instance instance : instances.values()) {
      if (instance.task().filter(task -> task.pool().equals(pool)).isPresent()) {
        used = used.plus(size(instance));
      }
    }
    Limit limit = quota.limit();
    return limit.covers(used);
  }

  private Resources size(Instance instance) {
    Job job = jobs.get(instance.job());
    return job.specOf(instance.task().orElseThrow().revision()).orElseThrow().resources();
  }
}
