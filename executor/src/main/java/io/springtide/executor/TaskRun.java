package io.springtide.executor;

import io.springtide.executor.TaskLife.Action;
import io.springtide.executor.TaskLife.Event;
import io.springtide.executor.TaskLife.State;
import io.springtide.executor.contract.Labels;
import io.springtide.executor.contract.TaskDocument;
import io.springtide.executor.discovery.Announcement;
import io.springtide.executor.health.HealthWatch;
import io.springtide.executor.health.Probe;
import io.springtide.executor.health.Unjudged;
import io.springtide.executor.loop.Loop;
import io.springtide.executor.runtime.Container;
import io.springtide.executor.runtime.ContainerRuntime;
import io.springtide.executor.runtime.Start;
import io.springtide.executor.runtime.Usage;
import io.springtide.mesos.Why;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
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
  private static final Duration FORCE_AGAIN = Duration.ofSeconds(5);
  private static final Duration FORCE_AGAIN_MAX = Duration.ofMinutes(1);
  private static final Duration ENGINE_ANSWERS = Duration.ofMillis(500);
  private static final int REMOVE_TRIES = 5;
  private static final int SHORT_ID = 12; // as docker ps shows it
  private static final Logger log = LoggerFactory.getLogger(TaskRun.class);

  private final Loop loop;
  private final Host host;
  private final Equipment equipment;
  private final Launch launch;
  private final Consumer<TaskStatus> tell;
  private final Runnable ended;

  private State state = State.PREPARING;
  private Start start;
  private Container container;
  private HealthWatch health;
  private final List<Announcement> announcements = new ArrayList<>();
  private boolean announced;
  private boolean detached;
  private Loop.Timer timer = () -> {}; // of the drain or the grace
  private Duration drainUntil = Duration.ZERO;
  private Duration grace;
  private Duration graceUntil = Duration.ZERO;
  private Duration drain;
  private Duration forceAgain = FORCE_AGAIN;
  private final Ending ending = new Ending();
  private boolean well;
  private String unwellBecause = "";

  /**
   * @param tell takes its statuses
   * @param ended is called when it has told its last
   */
  TaskRun(
      Loop loop,
      Host host,
      Equipment equipment,
      Launch launch,
      Consumer<TaskStatus> tell,
      Runnable ended) {
    this.loop = loop;
    this.host = host;
    this.equipment = equipment;
    this.launch = launch;
    this.tell = tell;
    this.ended = ended;
    this.grace = launch.grace();
    this.drain = Duration.ofMillis(launch.document().drainMillis());
  }

  Launch launch() {
    return launch;
  }

  State state() {
    return state;
  }

  /** Starts it, unless a kill came before. */
  void begin() {
    if (state != State.PREPARING) {
      return;
    }
    var runtime = launch.document().runtime();
    Optional<ContainerRuntime> found = equipment.runtime(runtime);
    if (found.isEmpty()) {
      ending.notStarted("this executor has no runtime " + runtime);
      on(Event.START_FAILED);
      return;
    }
    start = found.get().start(launch.spec());
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
      shorterGrace.ifPresent(given -> grace = given);
    } else {
      shorterGrace.ifPresent(given -> grace = shorter(grace, given));
    }
    shorterDrain.ifPresent(given -> drain = shorter(drain, given));
    on(Event.KILL);
  }

  /**
   * Ends it as {@link #kill} does, because its executor ends: its own grace, but no more than that.
   */
  void shutdown(String message, Duration atMost) {
    kill(message, Optional.empty(), Optional.of(shorter(grace, atMost)), Optional.of(atMost));
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  /**
   * Detaches. A container that lives on stays as it is, in discovery too; one that dies with its
   * executor is taken out of discovery and asked to end first.
   */
  CompletionStage<Void> detach() {
    detached = true;
    unwatchHealth();
    timer.cancel();
    boolean livesOn = launch.document().runtime() == TaskDocument.Runtime.DOCKER;
    if (livesOn || container == null) {
      return CompletableFuture.completedFuture(null);
    }
    return CompletableFuture.allOf(
            announcements.stream()
                .map(entry -> entry.withdraw().toCompletableFuture())
                .toArray(CompletableFuture[]::new))
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
      log.info("{}: {} -> {} ({})", launch.spec().task(), state, step.next(), event);
    }
    state = step.next();
    step.actions().forEach(this::act);
  }

  private void act(Action action) {
    switch (action) {
      case TELL_RUNNING -> tell(TaskState.TASK_RUNNING, "runs as " + shortId(container.id()));
      case TELL_HEALTH -> tellHealth();
      case TELL_KILLING -> tell.accept(ending.killing(launch.task().getTaskId()).build());
      case TELL_END -> tellEnd();
      case WATCH_HEALTH -> watchHealth();
      case UNWATCH_HEALTH -> unwatchHealth();
      case ANNOUNCE -> announce();
      case UNANNOUNCE -> announcements.forEach(entry -> entry.failing(unwellBecause));
      case WITHDRAW -> withdraw();
      case DRAIN -> drain();
      case HURRY -> hurry();
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
    launch
        .policy()
        .ifPresent(
            policy ->
                health =
                    HealthWatch.start(
                        loop,
                        justly(
                            TaskProbe.of(
                                launch, host, container, equipment.probes(), policy.timeout())),
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
    if (launch.condemnationIsReported()) {
      on(Event.CONDEMNED);
    } else {
      kill("", Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /**
   * Asks the engine whether it is there before a failure counts. Without it no command can be run
   * inside, and a mapped port may be shut: the container itself may be as well as ever, and nothing
   * is killed because of a silence (promise 4).
   */
  private Probe justly(Probe probe) {
    Function<Throwable, CompletionStage<Void>> askEngine = this::askEngine;
    return () -> probe.ask().exceptionallyComposeAsync(askEngine, loop);
  }

  private CompletionStage<Void> askEngine(Throwable failure) {
    var unwell = Loop.cause(failure);
    boolean command = launch.task().getHealthCheck().getType() == HealthCheck.Type.COMMAND;
    var verdict = new CompletableFuture<Void>();
    Runnable silent =
        () ->
            verdict.completeExceptionally(
                new Unjudged(unwell.getMessage() + "; the engine does not answer", !command));
    var late = loop.after(ENGINE_ANSWERS, silent);
    loop.when(
        equipment.runtime(launch.document().runtime()).orElseThrow().probe(),
        (readiness, error) -> {
          late.cancel();
          if (readiness.ready()) {
            verdict.completeExceptionally(unwell);
          } else {
            silent.run();
          }
        });
    return verdict;
  }

  private void unwatchHealth() {
    if (health != null) {
      health.end();
    }
  }

  private void announce() {
    if (!announced) {
      announced = true;
      launch
          .endpoints(host, container.address())
          .forEach(
              endpoint ->
                  announcements.addAll(equipment.announce(launch.document().consul(), endpoint)));
    }
    announcements.forEach(Announcement::passing);
  }

  private void withdraw() {
    var all =
        CompletableFuture.allOf(
            announcements.stream()
                .map(entry -> entry.withdraw().toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    loop.when(all, (done, error) -> on(Event.WITHDRAWN));
  }

  private void drain() {
    // Nobody is sent to what is not announced, and what is unwell has nothing to finish.
    Duration wait = announcements.isEmpty() || ending.isCondemned() ? Duration.ZERO : drain;
    drainUntil = loop.now().plus(wait);
    timer = loop.after(wait, () -> on(Event.DRAINED));
  }

  private void terminate() {
    graceUntil = loop.now().plus(grace);
    timer = loop.after(grace, () -> on(Event.GRACE_OVER));
    attempt("terminate", container.terminate());
  }

  private void force() {
    timer.cancel();
    // Repeated until it has ended: an engine that hangs may need to be told again.
    timer = loop.after(forceAgain, () -> on(Event.GRACE_OVER));
    forceAgain = shorter(forceAgain.multipliedBy(2), FORCE_AGAIN_MAX);
    attempt("kill", container.kill());
  }

  private void hurry() {
    var now = loop.now();
    if (state == State.DRAINING && drainUntil.compareTo(now.plus(drain)) > 0) {
      timer.cancel();
      drainUntil = now.plus(drain);
      timer = loop.after(drain, () -> on(Event.DRAINED));
    } else if (state == State.TERMINATING && graceUntil.compareTo(now.plus(grace)) > 0) {
      timer.cancel();
      graceUntil = now.plus(grace);
      timer = loop.after(grace, () -> on(Event.GRACE_OVER));
    }
  }

  private void attempt(String what, CompletionStage<Void> action) {
    loop.when(
        action,
        (done, error) -> {
          if (error != null) {
            log.warn("{}: could not {}: {}", launch.spec().task(), what, error.toString());
          }
        });
  }

  private void remove(int tries) {
    timer.cancel();
    loop.when(
        container.remove(),
        (done, error) -> {
          if (error == null || tries <= 1) {
            if (error != null) {
              // It has ended; what is left of it carries our labels and goes with the leftovers.
              log.warn("{}: not removed: {}", launch.spec().task(), error.toString());
            }
            on(Event.REMOVED);
          } else {
            loop.after(Duration.ofSeconds(1L << (REMOVE_TRIES - tries)), () -> remove(tries - 1));
          }
        });
  }

  private void tell(TaskState next, String message) {
    tell.accept(Statuses.of(launch.task().getTaskId(), next, message).build());
  }

  private void tellHealth() {
    if (launch.checked()) {
      String how = well ? "health check passes" : "health check fails: " + unwellBecause;
      var status =
          Statuses.of(
                  launch.task().getTaskId(),
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
    timer.cancel();
    tell.accept(ending.lastWord(launch.task().getTaskId()).build());
    ended.run();
  }
}
