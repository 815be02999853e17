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
  }

  /**
   * Use offers of one agent.
   *
   * @param filter for how long what is left over is not wanted back; zero: at once
   */
  record Accept(List<String> offerIds, String agentId, List<TaskLaunch> launches, Duration filter)
      implements Effect {
    public Accept {
      offerIds = List.copyOf(offerIds);
      requireNonNull(agentId);
      launches = List.copyOf(launches);
      requireNonNull(filter);
    }
  }

  /** Give offers back, and see none like them for the time of the filter. */
  record Decline(List<String> offerIds, Duration filter) implements Effect {
    public Decline {
      offerIds = List.copyOf(offerIds);
      requireNonNull(filter);
    }
  }

  /**
   * Answer an inverse offer: whether the agent's machine may go away.
   *
   * @param filter for how long that is not to be asked again
   */
  record AnswerInverseOffer(String id, boolean agreed, Duration filter) implements Effect {
    public AnswerInverseOffer {
      requireNonNull(id);
      requireNonNull(filter);
    }
  }

  /** See no offers. */
  record Suppress() implements Effect {}

  /** See all offers again: clears every filter. */
  record Revive() implements Effect {}

  /**
   * Kill a task.
   *
   * @param agentId empty if it is not known
   * @param grace from SIGTERM to SIGKILL; empty: the task's own
   */
  record Kill(String taskId, String agentId, Optional<Duration> grace) implements Effect {
    public Kill {
      requireNonNull(taskId);
      requireNonNull(agentId);
      requireNonNull(grace);
    }
  }

  /** Tell that an update is durable. */
  record Acknowledge(String taskId, String agentId, String uuid) implements Effect {
    public Acknowledge {
      requireNonNull(taskId);
      requireNonNull(agentId);
      requireNonNull(uuid);
    }
  }

  /** Ask for the state of tasks; of all that the master knows if the list is empty. */
  record Reconcile(List<TaskRef> tasks) implements Effect {
    public Reconcile {
      tasks = List.copyOf(tasks);
    }
  }

  /** End an executor and all that it runs. */
  record ShutdownExecutor(String agentId, String executorId) implements Effect {
    public ShutdownExecutor {
      requireNonNull(agentId);
      requireNonNull(executorId);
    }
  }

  /** Ask a cloud for hosts; the same token may come again, and must not bring more hosts. */
  record OrderHosts(String token, String pool, HostTemplate template, int count) implements Effect {
    public OrderHosts {
      requireNonNull(token);
      requireNonNull(pool);
      requireNonNull(template);
    }
  }

  /**
   * Give hosts back to the cloud that they came from; may come again until {@link
   * Event.HostsReleased} answers.
   */
  record ReleaseHosts(Cloud cloud, List<String> ids) implements Effect {
    public ReleaseHosts {
      requireNonNull(cloud);
      ids = List.copyOf(ids);
    }
  }

  /** Ask a cloud which hosts of ours it has; answered by {@link Event.HostsListed}. */
  record ListHosts(Cloud cloud) implements Effect {
    public ListHosts {
      requireNonNull(cloud);
    }
  }

  /** Answer a command. */
  record Reply(String requestId, Outcome outcome) implements Effect {
    public Reply {
      requireNonNull(requestId);
      requireNonNull(outcome);
    }
  }

  /** End the process: the master has ended this framework. */
  record Stop(String reason) implements Effect {
    public Stop {
      requireNonNull(reason);
    }
  }
}
