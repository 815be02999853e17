package io.springtide.server.document;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.order.OrderProgress;
import io.springtide.scheduler.order.UnlistedHost;
import io.springtide.scheduler.state.Agent;
import io.springtide.scheduler.state.Attempt;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.PortAssignment;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.Runs;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.task.PoisonHosts.Avoided;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.view.ClusterView.GroupView;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import io.springtide.scheduler.view.ClusterView.JobView;
import io.springtide.scheduler.view.ClusterView.OrderView;
import io.springtide.scheduler.view.ClusterView.PoolView;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What the API shows: documents with their versions, and things that users only read. */
public final class ReadDocuments {
  /** What stands in the condition's place where a machine is in no books. */
  public static final String UNLISTED = "unlisted";

  private static final int MOST_BREACHES = 100;

  private ReadDocuments() {}

  public static ObjectNode pool(PoolView view) {
    return PoolDocument.write(view.pool()).put("version", view.version());
  }

  public static ObjectNode group(GroupView view) {
    return GroupDocument.write(view.group()).put("version", view.version());
  }

  public static ObjectNode job(JobView view) {
    ObjectNode node = JobDocument.write(view.job().spec());
    node.put("version", view.job().version());
    Map<InstanceState, Integer> counts = new EnumMap<>(InstanceState.class);
    int healthy = 0;
    int current = 0;
    for (InstanceView one : view.instances()) {
      counts.merge(one.instance().state(), 1, Integer::sum);
      healthy += ready(view, one.instance()) ? 1 : 0;
      boolean breaks =
          view.breaches().stream().anyMatch(b -> b.instance().equals(one.instance().id()));
      current += current(view, one.instance()) && !breaks ? 1 : 0;
    }
    ObjectNode status = node.putObject("status");
    status.put("phase", JobPhase.of(view).name());
    status.put("created", view.job().created().toString());
    status.put("instances", view.instances().size());
    status.put("ready", healthy);
    status.put("current", current);
    ObjectNode states = status.putObject("states");
    counts.forEach((state, count) -> states.put(state.name(), count));
    rules(status, view);
    unreachable(view).ifPresent(out -> status.set("unreachable", out));
    condemned(view).ifPresent(out -> status.set("condemned", out));
    backOff(view).ifPresent(out -> status.set("backOff", out));
    view.held()
        .ifPresent(
            why ->
                status
                    .putObject("held")
                    .put("instances", view.missing())
                    .put("reason", why.reason())
                    .put("detail", why.detail()));
    if (view.job().spec().kind() == JobKind.BATCH) {
      runs(view).ifPresent(all -> status.set("runs", all));
    }
    return node;
  }

  /** What runs against the newest rules: of the job itself, and of its group. */
  static void rules(ObjectNode node, JobView view) {
    if (!view.breaches().isEmpty()) {
      ArrayNode breaks = node.putArray("breaks");
      view.breaches().stream()
          .limit(MOST_BREACHES)
          .forEach(
              breach ->
                  breaks
                      .addObject()
                      .put("instance", breach.instance())
                      .put("rule", breach.rule().name())
                      .put("detail", breach.detail())
                      .put(
                          "then",
                          breach.movable()
                              ? "it is replaced as the job's disruption budget allows"
                              : "it runs on: no host would take it, or others go first"));
    }
    if (!view.violations().isEmpty()) {
      node.set("violations", PlanDocument.violations(Map.of(view.job().id(), view.violations())));
    }
  }

  /**
   * Those that nobody can see: since when the first of them, and until when nothing is done about
   * it.
   */
  private static Optional<ObjectNode> unreachable(JobView view) {
    List<Task> silent =
        view.instances().stream()
            .flatMap(one -> one.instance().task().stream())
            .filter(Task::silent)
            .toList();
    return silent.stream()
        .map(Task::since)
        .min(Comparator.naturalOrder())
        .map(
            since ->
                Documents.object()
                    .put("instances", silent.size())
                    .put("since", since.toString())
                    .put(
                        "until",
                        since.plus(view.job().spec().failure().unreachableAfter()).toString())
                    .put(
                        "why",
                        "the agents of "
                            + silent.stream().map(Task::host).distinct().count()
                            + " hosts are out of reach, and what they run may still run; after"
                            + " failure.unreachableAfter another attempt follows"));
  }

  /** Those whose health check has failed too often, and which are not restarted yet. */
  private static Optional<ObjectNode> condemned(JobView view) {
    List<Waiting> all = view.instances().stream().flatMap(one -> one.condemned().stream()).toList();
    return all.stream()
        .map(Waiting::detail)
        .findFirst()
        .map(why -> Documents.object().put("instances", all.size()).put("why", why));
  }

  /** What has become of a batch job's runs, the newest first. */
  private static Optional<ArrayNode> runs(JobView view) {
    return view.runs()
        .filter(runs -> runs.run().isPresent())
        .map(
            runs -> {
              ArrayNode list = Documents.mapper().createArrayNode();
              list.add(run(runs.run().orElseThrow()));
              for (int i = runs.past().size() - 1; i >= 0; i--) {
                list.add(run(runs.past().get(i)));
              }
              return list;
            });
  }

  private static ObjectNode run(Runs.Run run) {
    ObjectNode node = Documents.object();
    node.put("number", run.number());
    node.put("state", run.ended().map(end -> end.well() ? "FINISHED" : "FAILED").orElse("ACTIVE"));
    node.put("began", run.began().toString());
    run.ended()
        .ifPresent(
            end -> {
              node.put("ended", end.at().toString());
              node.put("finished", end.finished());
              node.put("failed", end.failed());
              if (!end.why().isEmpty()) {
                node.put("why", end.why());
              }
            });
    return node;
  }

  /** Those that failed, and are not tried again yet: how many, until when the first, and why. */
  private static Optional<ObjectNode> backOff(JobView view) {
    List<Instance> all =
        view.instances().stream()
            .filter(InstanceView::backsOff)
            .map(InstanceView::instance)
            .toList();
    return all.stream()
        .min(Comparator.comparing(Instance::notBefore))
        .map(first -> backOff(first).put("instances", all.size()));
  }

  /** That an instance waits in back-off: until when, after how many failures in a row, and why. */
  private static ObjectNode backOff(Instance instance) {
    ObjectNode node = Documents.object();
    node.put("until", instance.notBefore().toString());
    node.put("failures", instance.failures());
    instance.last().ifPresent(last -> node.put("why", last.words()));
    return node;
  }

  /** Hosts that the job keeps away from, since its attempts failed there again and again. */
  static void avoids(ObjectNode node, JobView view) {
    if (!view.avoids().isEmpty()) {
      ArrayNode avoids = node.putArray("avoids");
      for (Avoided host : view.avoids()) {
        avoids
            .addObject()
            .put("host", host.host())
            .put("failures", host.failures())
            .put("why", host.why())
            .put("until", host.until().toString());
      }
    }
  }

  /** Whether it runs and, where what it runs has a health check, has passed it. */
  private static boolean ready(JobView job, Instance instance) {
    long revision = instance.task().map(Task::revision).orElse(job.job().revision());
    boolean unchecked = job.job().specOf(revision).flatMap(JobSpec::health).isEmpty();
    return instance.state() == InstanceState.RUNNING
        && instance.task().flatMap(Task::healthy).orElse(unchecked);
  }

  private static boolean current(JobView job, Instance instance) {
    return instance.task().map(Task::revision).orElse(-1L) == job.job().revision();
  }

  public static ObjectNode instance(InstanceView view) {
    Instance instance = view.instance();
    ObjectNode node = Documents.object();
    node.put("id", instance.id());
    node.put("job", instance.job());
    node.put("state", instance.state().name());
    instance.task().ifPresent(task -> write(node, task));
    node.put("since", instance.since().toString());
    node.put("restarts", instance.restarts());
    if (instance.retries() > 0) {
      node.put("retries", instance.retries());
    }
    if (!instance.why().isEmpty()) {
      node.put("why", instance.why());
    }
    node.set("resources", ResourceDocument.write(view.resources()));
    if (!view.waiting().isEmpty()) {
      node.set("waiting", waiting(view.waiting()));
    }
    if (view.backsOff()) {
      node.set("backOff", backOff(instance));
    }
    if (!instance.history().isEmpty()) {
      ArrayNode history = node.putArray("history");
      for (Attempt attempt : instance.history()) {
        history
            .addObject()
            .put("taskId", attempt.taskId())
            .put("host", attempt.host())
            .put("state", attempt.state().name())
            .put("reason", attempt.reason())
            .put("message", attempt.message())
            .put("at", attempt.at().toString());
      }
    }
    return node;
  }

  private static void write(ObjectNode node, Task task) {
    node.put("version", task.revision());
    task.healthy().ifPresent(healthy -> node.put("healthy", healthy));
    node.put("label", task.label().name().toLowerCase(Locale.ROOT));
    task.demoted().ifPresent(why -> node.put("labelReason", why));
    node.put("pool", task.pool());
    node.put("host", task.host());
    node.put("address", task.address());
    if (!task.ports().isEmpty()) {
      ObjectNode ports = node.putObject("ports");
      for (PortAssignment port : task.ports()) {
        ports.put(port.name(), port.host());
      }
    }
    node.put("taskId", task.id());
  }

  public static ArrayNode waiting(List<Waiting> reasons) {
    ArrayNode list = Documents.mapper().createArrayNode();
    for (Waiting reason : reasons) {
      ObjectNode node = list.addObject();
      node.put("reason", reason.reason());
      node.put("hosts", reason.hosts());
      node.put("detail", reason.detail());
      if (!reason.freedBy().isEmpty()) {
        node.put("freedBy", reason.freedBy());
      }
    }
    return list;
  }

  /**
   * A host.
   *
   * @param zone its pool's
   */
  public static ObjectNode host(HostView view, String zone) {
    Host host = view.host();
    ObjectNode node = Documents.object();
    node.put("id", host.id());
    node.put("pool", host.pool());
    node.put("zone", zone);
    node.put("condition", Fields.word(host.condition()));
    if (!view.by().isEmpty()) {
      node.put("by", view.by());
    }
    node.put("wish", Fields.word(host.wish()));
    view.maintenance()
        .ifPresent(
            window -> {
              ObjectNode maintenance = node.putObject("maintenance");
              maintenance.put("start", window.start().toString());
              window.end().ifPresent(end -> maintenance.put("end", end.toString()));
            });
    node.put("hostname", host.agent().map(Agent::hostname).orElse(""));
    Texts.put(node, "attributes", host.attributes());
    node.set("resources", ResourceDocument.write(host.capacity()));
    node.put("instances", view.instances());
    node.set("usedGuaranteed", ResourceDocument.write(view.guaranteed()));
    node.set("usedBorrowed", ResourceDocument.write(view.borrowed()));
    node.set("usedBurst", ResourceDocument.write(view.burst()));
    remains(view.remains(), node);
    node.put("agentId", host.agentId());
    if (host.ordered()) {
      node.put("order", host.order());
    }
    node.put("since", host.since().toString());
    view.report().ifPresent(report -> node.set("report", report(report)));
    if (!view.warnings().isEmpty()) {
      ArrayNode warnings = node.putArray("warnings");
      for (HostReport.Warning warning : view.warnings()) {
        warnings
            .addObject()
            .put("kind", Fields.word(warning.kind()))
            .put("detail", warning.detail());
      }
    }
    return node;
  }

  /** Hosts asked of a cloud whose answer is still to come. */
  public static ObjectNode order(OrderView view) {
    Order order = view.order();
    OrderProgress progress = view.progress();
    ObjectNode node = Documents.object();
    node.put("id", order.token());
    node.put("pool", order.pool());
    node.put("driver", order.template().driver());
    node.put("hosts", order.asked());
    node.set("resources", ResourceDocument.write(order.template().resources()));
    node.put("since", order.since().toString());
    node.put("state", Fields.word(progress.phase()));
    node.put("attempts", progress.attempts());
    progress.last().ifPresent(at -> node.put("asked", at.toString()));
    progress.again().ifPresent(at -> node.put("again", at.toString()));
    progress
        .failure()
        .ifPresent(
            failure ->
                node.putObject("error")
                    .put("kind", Fields.word(failure.kind()))
                    .put("message", failure.message())
                    .put("at", failure.at().toString()));
    return node;
  }

  /**
   * A machine that carries an order of ours and that no cloud lists: no host of ours, and beside
   * them for a person to see.
   */
  public static ObjectNode unlisted(UnlistedHost host) {
    ObjectNode node = Documents.object();
    node.put("id", host.id());
    node.put("pool", "");
    node.put("condition", UNLISTED);
    node.put("hostname", host.hostname());
    node.put("agentId", host.agentId());
    node.put("order", host.order());
    node.put("since", host.since().toString());
    node.putArray("warnings").addObject().put("kind", UNLISTED).put("detail", host.words());
    return node;
  }

  /** What lost executors may have left there; it keeps the host from being empty. */
  private static void remains(List<Remains> all, ObjectNode node) {
    if (all.isEmpty()) {
      return;
    }
    ArrayNode remains = node.putArray("remains");
    for (Remains one : all) {
      ObjectNode left = remains.addObject();
      left.put("taskId", one.taskId());
      left.put("instance", one.instance());
      left.set("resources", ResourceDocument.write(one.size()));
      ArrayNode ports = left.putArray("ports");
      one.ports().forEach(ports::add);
      left.put("since", one.since().toString());
    }
  }

  /** What its warden last said of its machine. */
  private static ObjectNode report(HostReport report) {
    ObjectNode node = Documents.object();
    node.put("at", report.at().toString());
    report
        .machine()
        .ifPresent(
            machine -> {
              node.put("processors", machine.processors());
              node.put("memoryMiB", machine.memoryMiB());
              node.put("diskMiB", machine.diskMiB());
              node.put("diskFreeMiB", machine.diskFreeMiB());
              node.put("clockOffsetMs", machine.clockOffset().toMillis());
            });
    ArrayNode engines = node.putArray("engines");
    for (HostReport.Engine engine : report.engines()) {
      engines
          .addObject()
          .put("name", engine.name())
          .put("ready", engine.ready())
          .put("detail", engine.detail())
          .put("clean", engine.clean());
    }
    return node;
  }
}
