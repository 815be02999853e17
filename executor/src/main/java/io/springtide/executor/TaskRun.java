package io.springtide.executor;

import io.springtide.executor.TaskLife.Action;
import io.springtide.executor.TaskLife.Event;
import io.springtide.executor.TaskLife.State;
import io.springtide.executor.contract.Labels;
import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.health.HealthPolicy;
import io.springtide.executor.health.HealthWatch;
import io.springtide.executor.health.Probe;
import io.springtide.executor.loop.ExecutorLoop;
import io.springtide.executor.runtime.Container;
import io.springtide.executor.runtime.ContainerRuntime;
import io.springtide.executor.runtime.Start;
import io.springtide.executor.runtime.Usage;
import io.springtide.mesos.Why;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.Label;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.TaskStatus.Reason;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One instance's task: carries out what {@link TaskLife} says. On the loop's thread. */
final class TaskRun {
  private static final Duration PROGRESS = Duration.ofSeconds(10);
  private static final int REMOVE_TRIES = 5;
  private static final int SHORT_ID = 12; // as docker ps shows it
  private static final Logger log = LoggerFactory.getLogger(TaskRun.class);

  private final ExecutorLoop loop;
  private final ThisHost host;
  private final Equipment equipment;
  private final TaskSetup setup;
  private final Consumer<TaskStatus> tell;
  private final Runnable ended;
  private final Announcements announcements;
  private final StopClock clock;
  private final Ending ending = new Ending();

  private State state = State.PREPARING;
  private Start start;
  private Container container;
  private HealthWatch health;
  private boolean detached;
  private boolean well;
  private String unwellBecause = "";

  /**
   * @param tell takes its statuses
   * @param ended is called when it has told its last
   */
  TaskRun(
      ExecutorLoop loop,
      ThisHost host,
      Equipment equipment,
      TaskSetup setup,
      Consumer<TaskStatus> tell,
      Runnable ended) {
    this.loop = loop;
    this.host = host;
    this.equipment = equipment;
    this.setup = setup;
    this.tell = tell;
    this.ended = ended;
    this.announcements = new Announcements(equipment, host, setup);
    this.clock =
        new StopClock(loop, Duration.ofMillis(setup.document().drainMillis()), setup.grace());
  }

  TaskSetup setup() {
    return setup;
  }

  State state() {
    return state;
  }

  /** Starts it, unless a kill came before. */
  void begin() {
    if (state != State.PREPARING) {
      return;
    }
    var runtime = setup.document().runtime();
    Optional<ContainerRuntime> found = equipment.runtime(runtime);
    if (found.isEmpty()) {
      ending.notStarted("this executor has no runtime " + runtime);
      on(Event.START_FAILED);
      return;
    }
    start = found.get().start(setup.container());
    loop.after(PROGRESS, () -> progress(""));
    loop.when(
        start.container(),
        (up, error) -> {
          if (error != null) {
            ending.notStarted(Why.of(error));
            on(Event.START_FAILED);
          } else {
            container = up;
            on(Event.STARTED);
            loop.when(
                up.exited(),
                (how, none) -> {
                  ending.exited(how);
                  on(Event.EXITED);
                });
          }
        });
  }

  private void progress(String last) {
    if (state != State.PREPARING) {
      return;
    }
    String now = start.progress();
    if (!now.equals(last)) {
      tell(TaskState.TASK_STARTING, now);
    }
    loop.after(PROGRESS, () -> progress(now));
  }

  /**
   * Ends it: withdraw, drain, SIGTERM, grace, SIGKILL.
   *
   * @param shorterGrace instead of the launch's; a kill that comes later may only shorten
   * @param shorterDrain likewise
   */
  void kill(
      String message,
      Optional<Reason> reason,
      Optional<Duration> shorterGrace,
      Optional<Duration> shorterDrain) {
    if (ending.killed(message, reason)) {
      shorterGrace.ifPresent(clock::setGrace);
    } else {
      shorterGrace.ifPresent(clock::shortenGrace);
    }
    shorterDrain.ifPresent(clock::shortenDrain);
    on(Event.KILL);
  }

  /**
   * Ends it as {@link #kill} does, because its executor ends: its own grace, but no more than that.
   */
  void shutdown(String message, Duration atMost) {
    Duration grace = StopClock.shorter(clock.grace(), atMost);
    kill(message, Optional.empty(), Optional.of(grace), Optional.of(atMost));
  }

  /**
   * Detaches. A container that lives on stays as it is, in discovery too; one that dies with its
   * executor is taken out of discovery and asked to end first.
   */
  CompletionStage<Void> detach() {
    detached = true;
    unwatchHealth();
    clock.cancel();
    boolean livesOn = setup.document().runtime() == TaskDocument.Runtime.DOCKER;
    if (livesOn || container == null) {
      return CompletableFuture.completedFuture(null);
    }
    return announcements
        .withdraw()
        .thenCompose(withdrawn -> container.terminate())
        .thenCompose(asked -> container.exited())
        .thenApply(how -> null);
  }

  CompletionStage<Optional<Usage>> usage() {
    return container == null || state == State.ENDED
        ? CompletableFuture.completedFuture(Optional.empty())
        : container.usage();
  }

  private void on(Event event) {
    if (detached) {
      return;
    }
    var step = TaskLife.step(state, event);
    if (step.next() != state) {
      log.info("{}: {} -> {} ({})", setup.container().task(), state, step.next(), event);
    }
    state = step.next();
    step.actions().forEach(this::act);
  }

  private void act(Action action) {
    switch (action) {
      case TELL_RUNNING -> tell(TaskState.TASK_RUNNING, "runs as " + shortId(container.id()));
      case TELL_HEALTH -> tellHealth();
      case TELL_KILLING -> tell.accept(ending.killing(setup.task().getTaskId()).build());
      case TELL_END -> tellEnd();
      case WATCH_HEALTH -> watchHealth();
      case UNWATCH_HEALTH -> unwatchHealth();
      case ANNOUNCE -> announcements.passing(container.address());
      case UNANNOUNCE -> announcements.failing(unwellBecause);
      case WITHDRAW -> loop.when(announcements.withdraw(), (done, error) -> on(Event.WITHDRAWN));
      case DRAIN -> drain();
      case HURRY -> clock.hurry();
      case CANCEL_START -> {
        if (start == null) {
          on(Event.START_FAILED); // the host was not ready yet
        } else {
          start.cancel();
        }
      }
      case TERMINATE -> terminate();
      case FORCE -> force();
      case REMOVE -> remove(REMOVE_TRIES);
    }
  }

  private static String shortId(String id) {
    return id.length() <= SHORT_ID ? id : id.substring(0, SHORT_ID);
  }

  private void watchHealth() {
    setup
        .policy()
        .ifPresent(
            policy ->
                health =
                    HealthWatch.start(
                        loop,
                        probe(policy),
                        policy,
                        new HealthWatch.Listener() {
                          @Override
                          public void passed() {
                            well = true;
                            ending.pardoned();
                            on(Event.PASSED);
                          }

                          @Override
                          public void failed(String why) {
                            well = false;
                            unwellBecause = why;
                            on(Event.FAILED);
                          }

                          @Override
                          public void condemned(String why) {
                            unwellBecause = why;
                            ending.condemned(policy.failures(), why);
                            failedTooOften();
                          }
                        }));
  }

  /**
   * Its framework may have better reasons than one executor can see to let it run on for a while;
   * one that does not ask for this leaves it to us.
   */
  private void failedTooOften() {
    if (setup.condemnationIsReported()) {
      on(Event.CONDEMNED);
    } else {
      kill("", Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  private Probe probe(HealthPolicy policy) {
    boolean command = setup.task().getHealthCheck().getType() == HealthCheck.Type.COMMAND;
    return new JudgedProbe(
        loop,
        TaskProbe.of(setup, host, container, equipment.probes(), policy.timeout()),
        equipment.runtime(setup.document().runtime()).orElseThrow(),
        !command);
  }

  private void unwatchHealth() {
    if (health != null) {
      health.end();
    }
  }

  private void drain() {
    // Nobody is sent to what is not announced, and what is unwell has nothing to finish.
    boolean needed = !announcements.isEmpty() && !ending.isCondemned();
    clock.drain(needed, () -> on(Event.DRAINED));
  }

  private void terminate() {
    clock.grace(() -> on(Event.GRACE_OVER));
    attempt("terminate", container.terminate());
  }

  private void force() {
    clock.force(() -> on(Event.GRACE_OVER));
    attempt("kill", container.kill());
  }

  private void attempt(String what, CompletionStage<Void> action) {
    loop.when(
        action,
        (done, error) -> {
          if (error != null) {
            log.warn("{}: could not {}: {}", setup.container().task(), what, error.toString());
          }
        });
  }

  private void remove(int tries) {
    clock.cancel();
    loop.when(
        container.remove(),
        (done, error) -> {
          if (error == null || tries <= 1) {
            if (error != null) {
              // It has ended; what is left of it carries our labels and goes with the leftovers.
              log.warn("{}: not removed: {}", setup.container().task(), error.toString());
            }
            on(Event.REMOVED);
          } else {
            loop.after(Duration.ofSeconds(1L << (REMOVE_TRIES - tries)), () -> remove(tries - 1));
          }
        });
  }

  private void tell(TaskState next, String message) {
    tell.accept(Statuses.of(setup.task().getTaskId(), next, message).build());
  }

  private void tellHealth() {
    if (setup.checked()) {
      String how = well ? "health check passes" : "health check fails: " + unwellBecause;
      var status =
          Statuses.of(
                  setup.task().getTaskId(),
                  TaskState.TASK_RUNNING,
                  ending.condemnation().orElse(how))
              .setReason(Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED)
              .setHealthy(well);
      if (ending.isCondemned()) {
        status
            .getLabelsBuilder()
            .addLabels(Label.newBuilder().setKey(Labels.CONDEMNED).setValue("true"));
      }
      tell.accept(status.build());
    }
  }

  private void tellEnd() {
    clock.cancel();
    tell.accept(ending.lastWord(setup.task().getTaskId()).build());
    ended.run();
  }
}
