package io.springtide.executor.runtime;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventType;
import io.springtide.executor.contract.Labels;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs containers of the host's Docker engine. Deaths are told by the engine's event stream;
 * because events get lost (an engine that restarts, a stream that breaks), all containers are
 * looked at every {@link #LOOK} as well.
 */
public final class DockerRuntime implements ContainerRuntime {
  static final Duration LOOK = Duration.ofSeconds(10);

  private static final Duration EVENTS_AGAIN = Duration.ofSeconds(1);
  private static final int WORKERS = 4;
  private static final Logger log = LoggerFactory.getLogger(DockerRuntime.class);

  private final Owner owner;
  private final Map<String, String> env;
  private final ScheduledThreadPoolExecutor workers;
  private final Map<String, DockerContainer> live = new ConcurrentHashMap<>();

  /** The tasks that this runtime starts or runs, and how many times. */
  private final Map<String, Integer> tasks = new ConcurrentHashMap<>();

  private final Object connecting = new Object();
  private volatile DockerEngine engine; // written with connecting held
  private boolean canaryRan; // guarded by connecting
  private volatile ResultCallback.Adapter<Event> events;
  private volatile Duration eventsPause = EVENTS_AGAIN;
  private volatile boolean away;
  private volatile boolean closed;

  /**
   * @param owner whose containers it starts, and which leftovers it may remove
   * @param env DOCKER_HOST and DOCKER_API_VERSION, if they are not to be the defaults
   */
  public DockerRuntime(Owner owner, Map<String, String> env) {
    this.owner = owner;
    this.env = env;
    workers =
        new ScheduledThreadPoolExecutor(
            WORKERS,
            step -> {
              var thread = new Thread(step, "docker");
              thread.setDaemon(true);
              return thread;
            });
    workers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public String name() {
    return "docker";
  }

  @Override
  public CompletionStage<Readiness> probe() {
    var absent = engine == null ? DockerEngine.absence(env) : Optional.<String>empty();
    if (absent.isPresent()) {
      return CompletableFuture.completedFuture(Readiness.no(absent.get()));
    }
    return CompletableFuture.supplyAsync(this::ready, workers)
        .exceptionally(error -> Readiness.no(DockerEngine.message(error)));
  }

  private Readiness ready() {
    DockerEngine now = engine();
    now.ping();
    synchronized (connecting) {
      if (!canaryRan) {
        DockerCanary.run(now, owner);
        canaryRan = true;
      }
    }
    return Readiness.yes(now.name());
  }

  private DockerEngine engine() {
    synchronized (connecting) {
      if (closed) {
        throw new RuntimeFailure("the executor is ending");
      }
      if (engine == null) {
        engine = DockerEngine.connect(env);
        watchEvents(engine);
        workers.scheduleWithFixedDelay(
            () -> lookAtAll(engine), LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
      }
      return engine;
    }
  }

  @Override
  public CompletionStage<List<String>> removeLeftovers() {
    return CompletableFuture.supplyAsync(
        () -> {
          var removed = new ArrayList<String>();
          DockerEngine now = engine();
          String why = "";
          for (Container left : leftovers(now)) {
            try {
              DockerContainer.remove(now, left.getId());
              removed.add(describe(left));
            } catch (RuntimeException stuck) {
              // The others can be removed all the same.
              why = ": " + DockerEngine.message(stuck);
            }
          }
          // An engine may take its time over a removal that it has agreed to.
          List<Container> still = leftovers(now);
          if (!still.isEmpty()) {
            throw new RuntimeFailure(
                still.size() + " not removed, such as " + describe(still.get(0)) + why);
          }
          return removed;
        },
        workers);
  }

  /** All of this place but what this runtime started, or is about to: tools too. */
  private List<Container> leftovers(DockerEngine now) {
    return now
        .calls()
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(owner.place())
        .exec()
        .stream()
        .filter(one -> !tasks.containsKey(one.getLabels().getOrDefault(Labels.TASK, "")))
        .toList();
  }

  private static String describe(Container left) {
    return "container %s (%s, %s)"
        .formatted(left.getId().substring(0, 12), left.getImage(), left.getStatus());
  }

  @Override
  public Start start(ContainerSetup setup) {
    tasks.merge(setup.task(), 1, Integer::sum);
    Start start = new DockerStart(this::engine, workers, owner, setup, this::born);
    var unused =
        start
            .container()
            .thenCompose(container -> container.exited())
            .whenComplete((exit, failed) -> ended(setup.task()));
    return start;
  }

  private void ended(String task) {
    tasks.computeIfPresent(task, (id, count) -> count > 1 ? count - 1 : null);
  }

  private void born(DockerContainer container) {
    live.put(container.id(), container);
    var unused = container.exited().thenRun(() -> live.remove(container.id()));
  }

  private void watchEvents(DockerEngine from) {
    var callback =
        new ResultCallback.Adapter<Event>() {
          @Override
          public void onNext(Event event) {
            String id = event.getActor() != null ? event.getActor().getId() : event.getId();
            var container = id == null ? null : live.get(id);
            if (container != null && !closed) {
              workers.execute(container::look);
            }
          }

          @Override
          public void onError(Throwable error) {
            super.onError(error);
            again(DockerEngine.message(error));
          }

          @Override
          public void onComplete() {
            super.onComplete();
            again("it ended");
          }

          @Override
          public void onStart(Closeable stream) {
            super.onStart(stream);
            eventsPause = EVENTS_AGAIN;
          }

          private void again(String why) {
            if (!closed) {
              if (eventsPause.equals(EVENTS_AGAIN)) {
                log.warn("docker's event stream: {}; subscribing again until it is there", why);
              }
              workers.schedule(
                  () -> watchEvents(from), eventsPause.toMillis(), TimeUnit.MILLISECONDS);
              eventsPause = eventsPause.multipliedBy(2);
              if (eventsPause.compareTo(LOOK) > 0) {
                eventsPause = LOOK;
              }
            }
          }
        };
    events = callback;
    from.streams()
        .eventsCmd()
        .withLabelFilter(owner.place())
        .withEventTypeFilter(EventType.CONTAINER)
        .withEventFilter("die")
        .exec(callback);
    // Subscribe first, then look: nothing is missed in between.
    lookAtAll(from);
  }

  private void lookAtAll(DockerEngine from) {
    if (live.isEmpty() || closed) {
      return;
    }
    try {
      var running = new HashMap<String, Boolean>();
      from.calls()
          .listContainersCmd()
          .withLabelFilter(owner.place())
          .exec()
          .forEach(it -> running.put(it.getId(), true));
      away = false;
      live.values().stream()
          .filter(container -> !running.containsKey(container.id()))
          .forEach(DockerContainer::look);
    } catch (RuntimeException engineAway) {
      // Silence is not death: what the engine does not say now, it says when it is back.
      if (!away) {
        away = true;
        log.warn("docker does not answer: {}", DockerEngine.message(engineAway));
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    live.values().forEach(DockerContainer::close);
    workers.shutdownNow();
    synchronized (connecting) {
      try {
        if (events != null) {
          events.close();
        }
        if (engine != null) {
          engine.close();
        }
      } catch (IOException e) {
        log.warn("docker connections not closed: {}", e.toString());
      }
    }
  }
}
