package io.springtide.server.store;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.job.BatchPolicy;
import io.springtide.scheduler.job.ContainerSpec;
import io.springtide.scheduler.job.DiscoverySpec;
import io.springtide.scheduler.job.HealthSpec;
import io.springtide.scheduler.job.JobNotes;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.UpdatePolicy;
import io.springtide.scheduler.state.Agent;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Origin;
import io.springtide.scheduler.state.Receipt;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.Runs;
import io.springtide.scheduler.state.Seat;
import io.springtide.scheduler.state.Shadow;
import io.springtide.scheduler.state.Stray;
import io.springtide.scheduler.state.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A durable state in words that do not depend on the shape of its records: what golden files of
 * every format must go on to say. A record that changes its shape changes how its words are found
 * here, not the words; of one that means nothing any more the words are left out of what was
 * expected.
 */
final class StateText {
  private final List<String> lines = new ArrayList<>();

  private StateText() {}

  /**
   * @param state changes that give it
   */
  static String of(List<Change> state) {
    Shadow shadow = new Shadow();
    shadow.follow(state);
    return shadow.changes().stream().map(StateText::of).sorted().collect(Collectors.joining());
  }

  /** What one change says. */
  static String of(Change change) {
    StateText text = new StateText();
    text.change(change);
    return String.join("\n", text.lines) + "\n";
  }

  private void change(Change change) {
    if (change instanceof Change.FrameworkIdSet set) {
      say("framework " + set.frameworkId());
    } else if (change instanceof Change.CounterSet set) {
      say("counter " + set.name() + " " + set.value());
    } else if (change instanceof Change.PoolPut put) {
      pool(put.pool(), put.version());
    } else if (change instanceof Change.GroupPut put) {
      group(put.group(), put.version());
    } else if (change instanceof Change.OrderPut put) {
      order(put.order());
    } else if (change instanceof Change.HostPut put) {
      host(put.host());
    } else if (change instanceof Change.DeploymentPut put) {
      deployment(put.deployment());
    } else if (change instanceof Change.JobPut put) {
      job(put.job());
    } else if (change instanceof Change.InstancePut put) {
      instance(put.instance());
    } else if (change instanceof Change.RunsPut put) {
      runs(put.runs());
    } else if (change instanceof Change.GonePut put) {
      gone(put.gone());
    } else if (change instanceof Change.StrayPut put) {
      Stray stray = put.stray();
      say("stray " + stray.taskId() + " on agent " + stray.agentId() + " since " + stray.since());
    } else if (change instanceof Change.RemainsPut put) {
      remains(put.remains());
    } else if (change instanceof Change.ReceiptPut put) {
      Receipt receipt = put.receipt();
      say("receipt of " + receipt.asker() + " for " + receipt.key() + " at " + receipt.at());
      say("  digest " + receipt.digest() + " version " + receipt.version());
    } else {
      throw new IllegalStateException("a snapshot holds " + change);
    }
  }

  private void remains(Remains remains) {
    say("remains " + remains.taskId() + " of " + remains.instance() + " on " + remains.host());
    say("  generation " + remains.generation() + " of " + remains.runtime());
    say("  " + text(remains.size()) + " ports " + remains.ports() + " since " + remains.since());
  }

  private void pool(Pool pool, long version) {
    say("pool " + pool.name() + " " + pool.kind() + " version " + version);
    say("  zone " + pool.zone() + " selector " + pool.selector());
    say("  hosts " + pool.minHosts() + " to " + pool.maxHosts() + " " + pool.placement());
    say("  buffer " + pool.buffer().hosts() + " hosts " + pool.buffer().percent() + " percent");
    say("  micros " + pool.microsPerHour() + " budget " + pool.budgetMicrosPerHour());
    say("  idle " + pool.idleAfter() + " billed by " + pool.billingIncrement());
    say("  shared " + pool.shared());
    pool.template().ifPresent(this::template);
  }

  private void template(HostTemplate template) {
    say("  template " + template.driver() + " of " + text(template.resources()));
    say("    attributes " + template.attributes() + " settings " + template.settings());
  }

  private void group(Group group, long version) {
    say("group " + group.path() + " version " + version + " total " + text(group.totalLimit()));
    say("  '" + group.description() + "' of department '" + group.department() + "'");
    group.quotas().forEach(this::quota);
    say(
        "  may run privileged "
            + group.policy().privileged()
            + ", mount "
            + group.policy().mounts()
            + ", priority up to "
            + group.policy().maxPriority());
    GroupPolicy policy = group.policy();
    if (!policy.runtimes().equals(List.of("*")) || !policy.networks().equals(List.of("*"))) {
      say("  may run in " + policy.runtimes() + " on networks " + policy.networks());
    }
    if (policy.enforce()) {
      say("  and so must what runs already");
    }
  }

  private void quota(String pool, Quota quota) {
    say("  in " + pool + " guaranteed " + text(quota.guarantee()));
    say("    lends " + text(quota.lendable()));
    say("    limit " + text(quota.limit()) + " weight " + quota.weight());
  }

  private void order(Order order) {
    say("order " + order.token() + " of " + order.count() + " for " + order.pool());
    say("  since " + order.since());
    template(order.template());
  }

  private void host(Host host) {
    say("host " + host.id() + " in " + host.pool() + " " + host.condition() + " " + host.wish());
    String hostname = host.agent().map(Agent::hostname).orElse("");
    say("  agent '" + host.agentId() + "' at '" + hostname + "' " + host.attributes());
    say("  capacity " + text(host.capacity()) + " ports " + text(host.ports()));
    say("  order '" + host.order() + "' entered " + host.entered() + " since " + host.since());
    Seat seat = host.seat();
    say("  wardens failed " + seat.failures() + " not before " + seat.notBefore());
    host.warden().ifPresent(task -> task("warden", task));
    // The order stands above.
    host.origin().ifPresent(origin -> say("  origin: " + text(origin)));
  }

  private static String text(Origin origin) {
    HostTemplate template = origin.template();
    return "for %s by %s of %s attributes %s settings %s"
        .formatted(
            origin.pool(),
            template.driver(),
            text(template.resources()),
            template.attributes(),
            template.settings());
  }

  private void gone(Gone gone) {
    say("gone " + gone.id() + " given back " + gone.givenBack() + " since " + gone.since());
    say("  order '" + gone.origin().order() + "' for " + gone.origin().pool());
    template(gone.origin().template());
  }

  private void job(Job job) {
    say("job " + job.id() + " version " + job.version() + " revision " + job.revision());
    say("  removing " + job.removing() + " created " + job.created());
    if (job.ruledFrom() > 0) {
      say("  ruled from attempt " + job.ruledFrom());
    }
    made(job.made(), job);
    spec(job.spec());
    for (Job.Revision earlier : job.earlier()) {
      say("  earlier revision " + earlier.revision());
      made(earlier.made(), job);
      spec(earlier.spec());
    }
  }

  private void deployment(Deployment one) {
    say("deployment " + one.job() + " number " + one.number() + " by '" + one.by() + "'");
    say("  from " + one.from() + " to " + one.to() + " promoted " + one.promoted());
    say("  " + one.state() + " failed " + one.failed() + " why '" + one.why() + "'");
    say("  began " + one.began() + " since " + one.since());
  }

  /** Before format 5 nobody knew it. */
  private void made(Job.Made made, Job job) {
    if (!made.equals(new Job.Made("", job.created()))) {
      say("  made by '" + made.by() + "' at " + made.at());
    }
  }

  private void spec(JobSpec spec) {
    say("  " + spec.kind() + " " + spec.runtime() + " of " + spec.instances());
    say("    each " + text(spec.resources()) + " priority " + spec.priority());
    say("    pools " + spec.pools() + " reclaimable " + spec.reclaimable());
    if (!spec.batch().equals(BatchPolicy.DEFAULT)) {
      say("    " + text(spec.batch()));
    }
    if (!spec.after().isEmpty()) {
      say("    after " + spec.after());
    }
    container(spec.container());
    spec.tools()
        .forEach(
            tool ->
                say(
                    "    tool %s %s %s %s"
                        .formatted(tool.name(), tool.image(), tool.command(), tool.env())));
    spec.health().ifPresent(this::health);
    spec.discovery().forEach(discovery -> say("    announced " + text(discovery)));
    spec.constraints().forEach(constraint -> say("    where " + text(constraint)));
    say(
        "    update surge %d down %d canary %d healthy within %s rollback %b"
            .formatted(
                spec.update().maxSurge(),
                spec.update().maxUnavailable(),
                spec.update().canary(),
                spec.update().healthyWithin(),
                spec.update().autoRollback()));
    // Of format 5.
    if (!spec.update().promote().equals(UpdatePolicy.Promotion.MANUAL)) {
      say("    promotes canaries " + spec.update().promote());
    }
    if (!spec.update().minHealthy().equals(UpdatePolicy.DEFAULT.minHealthy())) {
      say("    counts as healthy after " + spec.update().minHealthy());
    }
    if (!spec.update().whileDeploying().equals(UpdatePolicy.WhileDeploying.SUPERSEDE)) {
      say("    while deploying " + spec.update().whileDeploying());
    }
    say(
        "    failure back-off %s to %s unreachable %s"
            .formatted(
                spec.failure().backoff(),
                spec.failure().maxBackoff(),
                spec.failure().unreachableAfter()));
    say("    stop drain " + spec.stop().drain() + " grace " + spec.stop().grace());
    if (!spec.notes().equals(JobNotes.NONE)) {
      say("    labels " + spec.notes().labels() + " owner " + spec.notes().owner());
    }
  }

  private void container(ContainerSpec container) {
    say("    container '" + container.image() + "' " + container.command());
    say("      network " + container.network() + " privileged " + container.privileged());
    say("      env " + container.env());
    container
        .ports()
        .forEach(
            port ->
                say(
                    "      port %s container %d host %d"
                        .formatted(port.name(), port.container(), port.host())));
    container
        .mounts()
        .forEach(
            mount ->
                say(
                    "      mount %s at %s read-only %b"
                        .formatted(mount.source(), mount.target(), mount.readOnly())));
  }

  private void health(HealthSpec health) {
    say(
        "    health %s grace %s every %s timeout %s failures %d"
            .formatted(
                text(health.probe()),
                health.grace(),
                health.interval(),
                health.timeout(),
                health.failures()));
  }

  private void instance(Instance instance) {
    say("instance " + instance.id() + " " + instance.state() + " " + instance.goal());
    boolean runsIt =
        instance.goal() == Goal.RUN
            && instance.task().filter(t -> t.revision() == instance.revision()).isPresent();
    if (!runsIt) {
      say("  wants revision " + instance.revision());
    }
    say("  why '" + instance.why() + "' since " + instance.since());
    say(
        "  restarts "
            + instance.restarts()
            + " failures "
            + instance.failures()
            + " not before "
            + instance.notBefore());
    if (instance.retries() > 0) {
      say("  tried again " + instance.retries() + " times");
    }
    instance.task().ifPresent(task -> task("task", task));
    instance
        .history()
        .forEach(
            attempt ->
                say(
                    "  past %s on %s %s %s '%s' at %s"
                        .formatted(
                            attempt.taskId(),
                            attempt.host(),
                            attempt.state(),
                            attempt.reason(),
                            attempt.message(),
                            attempt.at())));
  }

  private void runs(Runs runs) {
    say("runs of " + runs.job());
    runs.past().forEach(run -> run("before", run));
    runs.run().ifPresent(run -> run("now", run));
  }

  private void run(String when, Runs.Run run) {
    say("  " + when + " number " + run.number() + " since " + run.began());
    run.ended()
        .ifPresent(
            end ->
                say(
                    "    ended at %s well %b: %d finished, %d failed '%s'"
                        .formatted(end.at(), end.well(), end.finished(), end.failed(), end.why())));
  }

  private void task(String what, Task task) {
    say("  " + what + " " + task.id() + " " + task.state() + " since " + task.since());
    say("    generation " + task.generation() + " revision " + task.revision());
    say("    on " + task.host() + " agent " + task.agentId() + " in " + task.pool());
    say("    " + task.label() + " healthy " + task.healthy());
    task.demoted().ifPresent(why -> say("    borrowed though it was guaranteed: " + why));
    say("    address '" + task.address() + "' launched " + task.launched());
    task.ports()
        .forEach(
            port ->
                say(
                    "    port %s container %d host %d"
                        .formatted(port.name(), port.container(), port.host())));
  }

  private static String text(Resources resources) {
    return "cpu %d memory %d disk %d gpus %d scalars %s"
        .formatted(
            resources.cpuMillis(),
            resources.memoryMiB(),
            resources.diskMiB(),
            resources.gpus(),
            resources.scalars());
  }

  private static String text(BatchPolicy batch) {
    return "at most %d at once, %d retries, within %s, kept for %s"
        .formatted(
            batch.parallelism(),
            batch.retries(),
            batch.deadline().map(Object::toString).orElse("any time"),
            batch.ttl().map(Object::toString).orElse("ever"));
  }

  private static String text(Limit limit) {
    return limit.dimensions().toString();
  }

  private static String text(PortRanges ports) {
    return ports.ranges().stream()
        .map(range -> range.begin() + "-" + range.end())
        .collect(Collectors.joining(","));
  }

  private static String text(HealthSpec.Probe probe) {
    if (probe instanceof HealthSpec.Http http) {
      return "http " + http.port() + " " + http.path();
    } else if (probe instanceof HealthSpec.Tcp tcp) {
      return "tcp " + tcp.port();
    } else if (probe instanceof HealthSpec.Command command) {
      return "command " + command.command();
    } else if (probe instanceof HealthSpec.Grpc grpc) {
      return "grpc " + grpc.port() + " " + grpc.service();
    }
    throw new IllegalStateException("what probe is " + probe);
  }

  private static String text(DiscoverySpec discovery) {
    if (discovery instanceof DiscoverySpec.Consul consul) {
      return "consul " + consul.service() + " " + consul.port() + " " + consul.tags();
    } else if (discovery instanceof DiscoverySpec.Upsync upsync) {
      return "upsync %s %s weight %d slow start %s"
          .formatted(upsync.upstream(), upsync.port(), upsync.weight(), upsync.slowStart());
    }
    throw new IllegalStateException("what discovery is " + discovery);
  }

  private static String text(Constraint constraint) {
    String how = constraint.soft() ? "soft " : "hard ";
    if (constraint instanceof Constraint.MaxPer most) {
      return how + "at most " + most.count() + " per " + most.attribute();
    } else if (constraint instanceof Constraint.Spread spread) {
      return how + "spread over " + spread.attribute() + " skew " + spread.maxSkew();
    } else if (constraint instanceof Constraint.Match match) {
      return how + not(match.negated()) + match.attribute() + " in " + match.values();
    } else if (constraint instanceof Constraint.Like like) {
      return how + not(like.negated()) + like.attribute() + " like " + like.regex();
    } else if (constraint instanceof Constraint.Exclusive) {
      return how + "exclusive";
    } else if (constraint instanceof Constraint.Near near) {
      return how + not(near.negated()) + "near " + near.job() + " by " + near.attribute();
    } else if (constraint instanceof Constraint.NearLabel near) {
      return how + not(near.negated()) + "near label " + near.label() + " by " + near.attribute();
    }
    throw new IllegalStateException("what constraint is " + constraint);
  }

  private static String not(boolean negated) {
    return negated ? "not " : "";
  }

  private void say(String line) {
    lines.add(line);
  }
}
