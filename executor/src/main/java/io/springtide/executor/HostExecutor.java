package io.springtide.executor;

import static java.util.Objects.requireNonNull;

import io.springtide.executor.contract.Labels;
import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.contract.TaskDocument.Kind;
import io.springtide.executor.loop.ExecutorLoop;
import io.springtide.mesos.Executor;
import io.springtide.mesos.ExecutorEnvironment;
import io.springtide.mesos.ExecutorMesos;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.mesos.v1.Protos.Label;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.TaskStatus.Reason;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executor of one host: takes what its agent says and turns it into tasks. All state is on the
 * loop's thread.
 */
final class HostExecutor implements Executor {
  /** After the last task has ended, the agent has this long to take the news. */
  private static final Duration FAREWELL = Duration.ofSeconds(3);

  /** Of the agent's patience at a shutdown, what is kept for the kill and the last updates. */
  private static final Duration RESERVE = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(HostExecutor.class);

  private final ExecutorLoop loop;
  private final ExecutorEnvironment environment;
  private final Function<ThisHost, Equipment> equip;
  private final Runnable exit;

  private ExecutorMesos mesos;
  private ThisHost host;
  private Equipment equipment;
  private Warden warden;
  private TaskID wardenTask;
  private boolean wardenEnded;
  private final Map<String, TaskRun> tasks = new LinkedHashMap<>();
  private final Set<String> seen = new HashSet<>();
  private final Set<Object> unacknowledged = new HashSet<>();
  private boolean leaving;
  private boolean left;

  /**
   * @param equip makes what the executor works with, once it knows where it is
   * @param exit ends the process; called on the loop, once
   */
  HostExecutor(
      ExecutorLoop loop,
      ExecutorEnvironment environment,
      Function<ThisHost, Equipment> equip,
      Runnable exit) {
    this.loop = requireNonNull(loop);
    this.environment = requireNonNull(environment);
    this.equip = requireNonNull(equip);
    this.exit = requireNonNull(exit);
  }

  @Override
  public void connected(ExecutorMesos agent) {
    loop.execute(() -> mesos = agent);
  }

  @Override
  public void disconnected(ExecutorMesos agent) {
    log.info("no connection to the agent; tasks run on");
  }

  @Override
  public void received(ExecutorMesos agent, Event event) {
    loop.execute(
        () -> {
          mesos = agent;
          on(event);
        });
  }

  @Override
  public void gaveUp(ExecutorMesos agent, String reason) {
    loop.execute(
        () -> {
          mesos = agent;
          shutdown("the agent is gone: " + reason);
        });
  }

  /** The agent refuses this call for good. */
  void refused(Call call) {
    loop.execute(
        () -> {
          unacknowledged.remove(call.getUpdate().getStatus().getUuid());
          leaveIfDone();
        });
  }

  private void on(Event event) {
    switch (event.getType()) {
      case SUBSCRIBED -> subscribed(event.getSubscribed());
      case LAUNCH -> launch(event.getLaunch().getTask());
      case LAUNCH_GROUP ->
          event.getLaunchGroup().getTaskGroup().getTasksList().forEach(this::launch);
      case KILL -> kill(event.getKill());
      case ACKNOWLEDGED -> {
        unacknowledged.remove(event.getAcknowledged().getUuid());
        leaveIfDone();
      }
      case SHUTDOWN -> shutdown("the agent asked to shut down");
      case ERROR -> shutdown("the agent refused this executor: " + event.getError().getMessage());
      case MESSAGE ->
          log.info("a message of {} bytes; none is known", event.getMessage().getData().size());
      case HEARTBEAT, UNKNOWN -> log.trace("{}", event.getType());
    }
  }

  private void subscribed(Event.Subscribed subscribed) {
    if (host == null) {
      host = ThisHost.of(environment, subscribed.getAgentInfo());
      equipment = equip.apply(host);
      warden =
          new Warden(
              loop,
              host,
              equipment,
              tasks::values,
              report -> mesos.send(environment.message(report.toBytes())));
      log.info("executor {} on host {} at {}", host.owner().executor(), host.id(), host.address());
    } else {
      log.info("subscribed again");
    }
  }

  private void launch(TaskInfo task) {
    if (!seen.add(task.getTaskId().getValue())) {
      log.warn("task {} is launched a second time; ignored", task.getTaskId().getValue());
      return;
    }
    if (leaving) {
      update(
          Statuses.of(task.getTaskId(), TaskState.TASK_FAILED, "this executor is shutting down")
              .build());
      return;
    }
    if (seen.size() == 1) {
      warden.prepare();
    }
    try {
      var document = TaskDocument.fromBytes(task.getData().toByteArray());
      if (document.kind() == Kind.WARDEN) {
        launchWarden(task, document);
      } else {
        launchInstance(TaskSetup.of(task, document, host));
      }
    } catch (IllegalArgumentException e) {
      log.warn("task {} refused: {}", task.getTaskId().getValue(), e.getMessage());
      update(
          Statuses.of(task.getTaskId(), TaskState.TASK_FAILED, e.getMessage())
              .setReason(Reason.REASON_TASK_INVALID)
              .build());
    }
  }

  private void launchWarden(TaskInfo task, TaskDocument document) {
    if (wardenTask != null) {
      throw new IllegalArgumentException(
          "host " + host.id() + " has a warden already: " + wardenTask.getValue());
    }
    wardenTask = task.getTaskId();
    wardenEnded = false;
    update(Statuses.of(wardenTask, TaskState.TASK_STARTING, "getting the host ready").build());
    equipment.meetConsul(document.consul());
    warden.follow(wardenTask.getValue(), this::tellWarden);
  }

  private void tellWarden() {
    if (wardenTask != null) {
      var status = Statuses.of(wardenTask, TaskState.TASK_RUNNING, warden.describe());
      status
          .getLabelsBuilder()
          .addLabels(
              Label.newBuilder()
                  .setKey(Labels.RUNTIMES)
                  .setValue(String.join(",", warden.available())));
      update(status.build());
    }
  }

  private void launchInstance(TaskSetup setup) {
    String id = setup.container().task();
    var run =
        new TaskRun(
            loop,
            host,
            equipment,
            setup,
            this::update,
            () -> {
              tasks.remove(id);
              leaveIfDone();
            });
    tasks.put(id, run);
    // At once: pulling may take long, and the framework must know that the task has arrived.
    update(Statuses.of(setup.task().getTaskId(), TaskState.TASK_STARTING, "").build());
    warden.whenPrepared(run::begin);
  }

  private void kill(Event.Kill kill) {
    var id = kill.getTaskId();
    if (id.equals(wardenTask)) {
      endWarden("killed by request");
      return;
    }
    var run = tasks.get(id.getValue());
    if (run == null) {
      log.info("kill of {}, which does not run here", id.getValue());
      return;
    }
    run.kill(
        "killed by request",
        Optional.empty(),
        kill.getKillPolicy().hasGracePeriod()
            ? Optional.of(Duration.ofNanos(kill.getKillPolicy().getGracePeriod().getNanoseconds()))
            : Optional.empty(),
        Optional.empty());
  }

  private void endWarden(String why) {
    if (wardenTask != null) {
      update(Statuses.of(wardenTask, TaskState.TASK_KILLED, why).build());
      wardenTask = null;
      wardenEnded = true;
      leaveIfDone();
    }
  }

  /** Withdraw, drain, stop everything, then end; all within the agent's patience. */
  private void shutdown(String why) {
    if (leaving) {
      return;
    }
    leaving = true;
    log.info("shutting down: {}", why);
    if (host != null) {
      Duration budget = host.shutdownGrace().minus(RESERVE);
      Duration half = budget.isNegative() ? Duration.ZERO : budget.dividedBy(2);
      for (TaskRun run : tasks.values().toArray(TaskRun[]::new)) {
        run.shutdown(why, half);
      }
    }
    endWarden(why);
    leaveIfDone();
  }

  /**
   * Without a warden and without tasks there is nothing to do; an idle executor only blocks a
   * drain.
   */
  private void leaveIfDone() {
    if (left || !tasks.isEmpty() || wardenTask != null || !(leaving || wardenEnded)) {
      return;
    }
    if (!leaving) {
      leaving = true;
      log.info("the warden and all tasks have ended");
    }
    if (unacknowledged.isEmpty()) {
      leave();
    } else {
      loop.after(FAREWELL, this::leave);
    }
  }

  private void leave() {
    if (!left) {
      left = true;
      close();
      exit.run();
    }
  }

  private void update(TaskStatus status) {
    log.info("{} {} {}", status.getTaskId().getValue(), status.getState(), status.getMessage());
    var call = environment.update(status);
    unacknowledged.add(call.getUpdate().getStatus().getUuid());
    mesos.send(call);
  }

  /**
   * Detaches: containers run on and stay in discovery; processes, which end with this executor, are
   * withdrawn and asked to end first.
   *
   * @param within how long that may take
   * @return completes when the process may end. Never fails
   */
  CompletableFuture<Void> detach(Duration within) {
    var detached = new CompletableFuture<Void>();
    loop.execute(
        () -> {
          if (left) {
            detached.complete(null);
            return;
          }
          log.info("detaching: containers run on");
          leaving = true;
          left = true;
          var all =
              tasks.values().stream()
                  .map(run -> run.detach().toCompletableFuture())
                  .toArray(CompletableFuture[]::new);
          loop.when(
              CompletableFuture.allOf(all)
                  .completeOnTimeout(null, within.toMillis(), TimeUnit.MILLISECONDS),
              (done, error) -> {
                if (error != null) {
                  log.warn("not all processes ended well: {}", error.toString());
                }
                close();
                detached.complete(null);
              });
        });
    return detached;
  }

  private void close() {
    if (equipment != null) {
      equipment.close();
    }
  }
}
