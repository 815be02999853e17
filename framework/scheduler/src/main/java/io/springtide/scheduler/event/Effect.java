package io.springtide.scheduler.event;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.HostTemplate;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.TaskRef;
import io.springtide.scheduler.told.Cloud;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the core wants done, in this order. A {@link Persist} comes first, and nothing after it is
 * done before it is durable (promise 2); if it cannot be made durable, the process ends.
 */
public sealed interface Effect {
  /** Shows itself to the visitor. */
  void accept(Visitor visitor);

  /** Whoever drives the core. */
  interface Visitor {
    void on(Persist effect);

    void on(Outside effect);

    void on(Reply effect);

    void on(Stop effect);
  }

  /** Is done by Mesos or by a cloud. */
  sealed interface Outside extends Effect {
    @Override
    default void accept(Visitor visitor) {
      visitor.on(this);
    }

    /** Gives itself to whose it is. */
    void handTo(Hands hands);
  }

  /** Whoever does what is wanted outside, each thing of it. */
  interface Hands {
    void on(Accept effect);

    void on(Decline effect);

    void on(AnswerInverseOffer effect);

    void on(Suppress effect);

    void on(Revive effect);

    void on(Kill effect);

    void on(Acknowledge effect);

    void on(Reconcile effect);

    void on(ShutdownExecutor effect);

    void on(OrderHosts effect);

    void on(ReleaseHosts effect);

    void on(ListHosts effect);
  }

  /**
   * Append to the log.
   *
   * @param version of the state after it: one more than the last
   * @param changes at least one
   */
  record Persist(long version, List<Change> changes) implements Effect {
    public Persist {
      changes = List.copyOf(changes);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /**
   * Use offers of one agent.
   *
   * @param filter for how long what is left over is not wanted back; zero: at once
   */
  record Accept(List<String> offerIds, String agentId, List<TaskLaunch> launches, Duration filter)
      implements Outside {
    public Accept {
      offerIds = List.copyOf(offerIds);
      requireNonNull(agentId);
      launches = List.copyOf(launches);
      requireNonNull(filter);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /** Give offers back, and see none like them for the time of the filter. */
  record Decline(List<String> offerIds, Duration filter) implements Outside {
    public Decline {
      offerIds = List.copyOf(offerIds);
      requireNonNull(filter);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /**
   * Answer an inverse offer: whether the agent's machine may go away.
   *
   * @param filter for how long that is not to be asked again
   */
  record AnswerInverseOffer(String id, boolean agreed, Duration filter) implements Outside {
    public AnswerInverseOffer {
      requireNonNull(id);
      requireNonNull(filter);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /** See no offers. */
  record Suppress() implements Outside {
    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /** See all offers again: clears every filter. */
  record Revive() implements Outside {
    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /**
   * Kill a task.
   *
   * @param agentId empty if it is not known
   * @param grace from SIGTERM to SIGKILL; empty: the task's own
   */
  record Kill(String taskId, String agentId, Optional<Duration> grace) implements Outside {
    public Kill {
      requireNonNull(taskId);
      requireNonNull(agentId);
      requireNonNull(grace);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /** Tell that an update is durable. */
  record Acknowledge(String taskId, String agentId, String uuid) implements Outside {
    public Acknowledge {
      requireNonNull(taskId);
      requireNonNull(agentId);
      requireNonNull(uuid);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /** Ask for the state of tasks; of all that the master knows if the list is empty. */
  record Reconcile(List<TaskRef> tasks) implements Outside {
    public Reconcile {
      tasks = List.copyOf(tasks);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /** End an executor and all that it runs. */
  record ShutdownExecutor(String agentId, String executorId) implements Outside {
    public ShutdownExecutor {
      requireNonNull(agentId);
      requireNonNull(executorId);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /** Ask a cloud for hosts; the same token may come again, and must not bring more hosts. */
  record OrderHosts(String token, String pool, HostTemplate template, int count)
      implements Outside {
    public OrderHosts {
      requireNonNull(token);
      requireNonNull(pool);
      requireNonNull(template);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /**
   * Give hosts back to the cloud that they came from; may come again until {@link
   * Event.HostsReleased} answers.
   */
  record ReleaseHosts(Cloud cloud, List<String> ids) implements Outside {
    public ReleaseHosts {
      requireNonNull(cloud);
      ids = List.copyOf(ids);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /** Ask a cloud which hosts of ours it has; answered by {@link Event.HostsListed}. */
  record ListHosts(Cloud cloud) implements Outside {
    public ListHosts {
      requireNonNull(cloud);
    }

    @Override
    public void handTo(Hands hands) {
      hands.on(this);
    }
  }

  /** Answer a command. */
  record Reply(String requestId, Outcome outcome) implements Effect {
    public Reply {
      requireNonNull(requestId);
      requireNonNull(outcome);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** End the process: the master has ended this framework. */
  record Stop(String reason) implements Effect {
    public Stop {
      requireNonNull(reason);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }
}
