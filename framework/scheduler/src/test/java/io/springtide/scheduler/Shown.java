package io.springtide.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Label;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.JobView;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Holds what is shown against the log. The core follows changes and keeps sums; here all is counted
 * anew. Stamps apart, which a restart may bring into another time.
 */
final class Shown {
  private final Map<String, Job> jobs;
  private final Map<String, Host> hosts;
  private final Map<String, Instance> instances;

  Shown(Map<String, Job> jobs, Map<String, Host> hosts, Map<String, Instance> instances) {
    this.jobs = jobs;
    this.hosts = hosts;
    this.instances = instances;
  }

  void check(ClusterView view) {
    assertThat(view.jobs().keySet()).containsExactlyInAnyOrderElementsOf(jobs.keySet());
    view.jobs().values().forEach(this::check);
    assertThat(view.hosts().keySet()).containsExactlyInAnyOrderElementsOf(hosts.keySet());
    view.hosts().values().forEach(this::check);
  }

  private void check(JobView view) {
    Job job = jobs.get(view.job().id());
    assertThat(view.job().version()).isEqualTo(job.version());
    List<Instance> all =
        instances.values().stream()
            .filter(instance -> instance.job().equals(job.id()))
            .sorted(Comparator.comparingInt(Instance::index))
            .toList();
    assertThat(view.instances()).extracting(one -> words(one.instance())).isEqualTo(words(all));
    for (InstanceView one : view.instances()) {
      assertThat(view.instance(one.instance().index())).contains(one);
      assertThat(one.resources()).isEqualTo(size(one.instance()));
    }
  }

  private void check(HostView view) {
    String host = view.host().id();
    assertThat(view.host().condition()).isEqualTo(hosts.get(host).condition());
    assertThat(view.instances()).isEqualTo((int) tasksOn(host).stream().count());
    assertThat(view.guaranteed()).isEqualTo(takes(host, Label.GUARANTEED));
    assertThat(view.borrowed()).isEqualTo(takes(host, Label.BORROWED));
    assertThat(view.burst()).isEqualTo(takes(host, Label.BURST));
  }

  private Resources takes(String host, Label label) {
    return tasksOn(host).stream()
        .filter(instance -> instance.task().orElseThrow().label() == label)
        .map(this::size)
        .reduce(Resources.ZERO, Resources::plus);
  }

  private Collection<Instance> tasksOn(String host) {
    return instances.values().stream()
        .filter(instance -> instance.task().map(Task::host).filter(host::equals).isPresent())
        .toList();
  }

  private Resources size(Instance instance) {
    Job job = jobs.get(instance.job());
    long revision = instance.task().map(Task::revision).orElse(job.revision());
    return job.specOf(revision).orElseThrow().resources();
  }

  private static List<String> words(List<Instance> all) {
    return all.stream().map(Shown::words).toList();
  }

  private static String words(Instance instance) {
    return instance.id()
        + " "
        + instance.state()
        + " "
        + instance.goal()
        + instance.task().map(t -> " " + t.id() + t.host() + t.label() + t.state() + t.healthy());
  }
}
