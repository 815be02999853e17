package io.springtide.executor;

import io.springtide.executor.contract.WardenReport;
import io.springtide.executor.contract.WardenReport.TaskUsage;
import io.springtide.executor.loop.ExecutorLoop;
import io.springtide.executor.runtime.ContainerRuntime;
import io.springtide.executor.runtime.Readiness;
import io.springtide.executor.runtime.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after the host: gets it ready before anything is started on it, and keeps looking. On the
 * loop's thread.
 */
final class Warden {
  /** What the host has and tasks use is reported so often. */
  static final Duration REPORT = Duration.ofSeconds(30);

  /** Each runtime is asked so often whether it is there: a small question. */
  static final Duration LOOK = Duration.ofSeconds(3);

  /** One that was never there, {@link #BOOT_TIME} after the start, is asked less often. */
  static final Duration SELDOM = Duration.ofSeconds(30);

  /** How long an engine may take to come up with its machine. */
  static final Duration BOOT_TIME = Duration.ofMinutes(5);

  /** One that has not answered by then is called silent, until it answers. */
  static final Duration ANSWER = Duration.ofSeconds(3);

  /** An engine that has not answered by then does not hold up the rest of the host. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Logger log = LoggerFactory.getLogger(Warden.class);

  private final ExecutorLoop loop;
  private final ThisHost host;
  private final Equipment equipment;
  private final Supplier<Collection<TaskRun>> tasks;
  private final Consumer<WardenReport> report;
  private final Map<String, Readiness> runtimes = new LinkedHashMap<>();

  /** Runtimes that were ready at some time. */
  private final Set<String> seen = new HashSet<>();

  /** Whether runtimes that were never ready may still come up. */
  private boolean mayComeUp = true;

  /** Runtimes in which nothing is left of what earlier executors started. */
  private final Set<String> clean = new HashSet<>();

  /** Runtimes in which it is being removed. */
  private final Set<String> tidying = new HashSet<>();

  /** Why it is not, by runtime. */
  private final Map<String, String> untidy = new HashMap<>();

  private String task = "";
  private Runnable onChange = () -> {};
  private boolean prepared;
  private final List<Runnable> waiting = new ArrayList<>();

  /**
   * @param tasks the instances' tasks of the moment
   * @param report takes reports for the framework
   */
  Warden(
      ExecutorLoop loop,
      ThisHost host,
      Equipment equipment,
      Supplier<Collection<TaskRun>> tasks,
      Consumer<WardenReport> report) {
    this.loop = loop;
    this.host = host;
    this.equipment = equipment;
    this.tasks = tasks;
    this.report = report;
    // In the order of preference, whichever answers first.
    equipment.runtimes().forEach(it -> runtimes.put(it.name(), Readiness.no("not asked yet")));
  }

  /** Looks which runtimes there are, and removes what earlier executors left behind. */
  void prepare() {
    var all = equipment.runtimes().stream().map(this::prepare).toArray(CompletableFuture[]::new);
    loop.when(
        CompletableFuture.allOf(all),
        (done, error) -> {
          prepared = true;
          log.info("host {} is ready: {}", host.id(), describe());
          waiting.forEach(Runnable::run);
          waiting.clear();
          onChange.run();
          sendReport();
          equipment.runtimes().forEach(runtime -> loop.after(LOOK, () -> look(runtime)));
          loop.after(REPORT, this::reportAgain);
          loop.after(BOOT_TIME, () -> mayComeUp = false);
        });
  }

  private CompletableFuture<Void> prepare(ContainerRuntime runtime) {
    var prepared = new CompletableFuture<Void>();
    loop.when(
        asked(runtime),
        (readiness, error) -> {
          runtimes.put(runtime.name(), readiness);
          if (readiness.ready()) {
            tidy(runtime, () -> prepared.complete(null));
          } else {
            prepared.complete(null);
          }
        });
    return prepared;
  }

  /**
   * The runtime is there: removes what earlier executors left, unless that is done or under way.
   * What could not be removed is tried again at the next look.
   *
   * @param then what waits for it, but not for longer than {@link #PATIENCE}
   */
  private void tidy(ContainerRuntime runtime, Runnable then) {
    String name = runtime.name();
    seen.add(name);
    if (clean.contains(name) || !tidying.add(name)) {
      then.run();
      return;
    }
    var longEnough = new CompletableFuture<Void>();
    var patience = loop.after(PATIENCE, () -> longEnough.complete(null));
    loop.when(longEnough, (done, never) -> then.run());
    // A second one begins when this one has ended, however long an engine that hangs takes.
    loop.when(
        runtime.removeLeftovers(),
        (removed, failed) -> {
          tidied(name, removed, failed);
          patience.cancel();
          longEnough.complete(null);
        });
  }

  private void tidied(String runtime, List<String> removed, Throwable failed) {
    tidying.remove(runtime);
    if (failed == null) {
      removed.forEach(line -> log.info("removed leftover {}", line));
      clean.add(runtime);
      if (prepared) {
        sendReport();
      }
    } else if (!failed.toString().equals(untidy.put(runtime, failed.toString()))) {
      log.warn("{}: leftovers not removed: {}", runtime, failed.toString());
    }
  }

  private static CompletableFuture<Readiness> asked(ContainerRuntime runtime) {
    return runtime
        .probe()
        .toCompletableFuture()
        .completeOnTimeout(
            Readiness.no("no answer within " + PATIENCE.toSeconds() + " s"),
            PATIENCE.toSeconds(),
            TimeUnit.SECONDS);
  }

  /** Runs {@code start} once the host is ready. */
  void whenPrepared(Runnable start) {
    if (prepared) {
      start.run();
    } else {
      waiting.add(start);
    }
  }

  /**
   * Calls back now, if the host is ready, and whenever its runtimes change.
   *
   * @param warden the task that it reports for from now on
   */
  void follow(String warden, Runnable change) {
    task = warden;
    onChange = change;
    if (prepared) {
      change.run();
      sendReport();
    }
  }

  /** Asks one runtime; the next question waits for the answer, however long that takes. */
  private void look(ContainerRuntime runtime) {
    var silent =
        loop.after(
            ANSWER,
            () -> note(runtime, Readiness.no("no answer for " + ANSWER.toSeconds() + " s")));
    loop.when(
        runtime.probe(),
        (readiness, error) -> {
          silent.cancel();
          if (readiness.ready()) {
            tidy(runtime, () -> {});
          }
          note(runtime, readiness);
          boolean often = mayComeUp || seen.contains(runtime.name());
          loop.after(often ? LOOK : SELDOM, () -> look(runtime));
        });
  }

  private void note(ContainerRuntime runtime, Readiness now) {
    if (now.equals(runtimes.put(runtime.name(), now))) {
      return;
    }
    log.warn("host {} has changed: {}", host.id(), describe());
    onChange.run();
    sendReport();
  }

  private void reportAgain() {
    loop.after(REPORT, this::reportAgain);
    sendReport();
  }

  private void sendReport() {
    var use = new LinkedHashMap<String, CompletableFuture<Optional<Usage>>>();
    tasks
        .get()
        .forEach(run -> use.put(run.setup().container().task(), run.usage().toCompletableFuture()));
    loop.when(
        CompletableFuture.allOf(use.values().toArray(CompletableFuture[]::new)),
        (done, error) -> {
          var known = new ArrayList<TaskUsage>();
          use.forEach(
              (task, usage) -> {
                if (!usage.isCompletedExceptionally()) {
                  usage
                      .join()
                      .ifPresent(
                          it -> known.add(new TaskUsage(task, it.cpuMillis(), it.memoryBytes())));
                }
              });
          report.accept(
              new WardenReport(
                  WardenReport.VERSION,
                  host.id(),
                  available(),
                  known,
                  engines(),
                  MachineLook.at(host.sandbox(), System.currentTimeMillis()),
                  task));
        });
  }

  private List<WardenReport.Engine> engines() {
    return runtimes.entrySet().stream()
        .map(
            entry ->
                new WardenReport.Engine(
                    entry.getKey(),
                    entry.getValue().ready(),
                    entry.getValue().detail(),
                    clean.contains(entry.getKey())))
        .toList();
  }

  /** The runtimes that are ready. */
  List<String> available() {
    return runtimes.entrySet().stream()
        .filter(entry -> entry.getValue().ready())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** A sentence for the warden's status. */
  String describe() {
    String ready =
        runtimes.values().stream()
            .filter(Readiness::ready)
            .map(Readiness::detail)
            .collect(Collectors.joining(", "));
    String not =
        runtimes.entrySet().stream()
            .filter(entry -> !entry.getValue().ready())
            .map(entry -> "; no " + entry.getKey() + ": " + entry.getValue().detail())
            .collect(Collectors.joining());
    return (ready.isEmpty() ? "nothing can run here" : "runs " + ready) + not;
  }
}
