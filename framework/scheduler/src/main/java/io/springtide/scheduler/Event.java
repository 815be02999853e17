package io.springtide.scheduler;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.Group;
import io.springtide.partition.Pool;
import java.util.List;
import java.util.OptionalLong;

/** What happens to the core. */
public sealed interface Event {

  // ---- From Mesos.

  /** The master has us; offers of an earlier subscription are void. */
  record Subscribed(String frameworkId) implements Event {
    public Subscribed {
      requireNonNull(frameworkId);
    }
  }

  /** The subscription is lost. */
  record Disconnected() implements Event {}

  record OffersReceived(List<Offer> offers) implements Event {
    public OffersReceived {
      offers = List.copyOf(offers);
    }
  }

  record OfferRescinded(String offerId) implements Event {
    public OfferRescinded {
      requireNonNull(offerId);
    }
  }

  record TaskUpdated(TaskUpdate update) implements Event {
    public TaskUpdated {
      requireNonNull(update);
    }
  }

  /** A hint: Mesos sends it at most once, and updates say what counts. */
  record ExecutorEnded(String agentId, String executorId, int status) implements Event {
    public ExecutorEnded {
      requireNonNull(agentId);
      requireNonNull(executorId);
    }
  }

  /** A hint too. */
  record AgentLost(String agentId) implements Event {
    public AgentLost {
      requireNonNull(agentId);
    }
  }

  /** Something an executor says outside of updates; carries nothing that must not be lost. */
  record ExecutorMessage(String agentId, String executorId, String text) implements Event {
    public ExecutorMessage {
      requireNonNull(agentId);
      requireNonNull(executorId);
      requireNonNull(text);
    }
  }

  /** Mesos' ERROR: this subscription will never work again. */
  record FrameworkRefused(String message) implements Event {
    public FrameworkRefused {
      requireNonNull(message);
    }
  }

  // ---- From users.

  /** Something that a user asks for, answered by one {@link Effect.Reply}. */
  sealed interface Command extends Event {
    /** Names the request in its reply. */
    String requestId();

    /** The version that the document must have; empty: any. 0: it must not exist. */
    OptionalLong expected();
  }

  record PutPool(String requestId, Pool pool, OptionalLong expected) implements Command {}

  record RemovePool(String requestId, String name, OptionalLong expected) implements Command {}

  record PutGroup(String requestId, Group group, OptionalLong expected) implements Command {}

  record RemoveGroup(String requestId, String path, OptionalLong expected) implements Command {}

  /** Refused with CONFLICT if the job exists. */
  record CreateJob(String requestId, JobSpec job) implements Command {
    @Override
    public OptionalLong expected() {
      return OptionalLong.empty();
    }
  }

  /** Creates the job, or changes it. */
  record PutJob(String requestId, JobSpec job, OptionalLong expected) implements Command {}

  record RemoveJob(String requestId, String id, OptionalLong expected) implements Command {}

  record SetInstances(String requestId, String job, int instances, OptionalLong expected)
      implements Command {}

  /** {@code SERVE} uncordons; {@code RELEASE} is for hosts that we ordered. */
  record SetHostWish(String requestId, String host, Host.Wish wish) implements Command {
    @Override
    public OptionalLong expected() {
      return OptionalLong.empty();
    }
  }

  /**
   * Asks what these changes would bring about, all of them together; nothing is done. Answered by
   * {@link Outcome.Deferred}.
   */
  record Plan(String requestId, List<Command> changes) implements Command {
    public Plan {
      changes = List.copyOf(changes);
    }

    @Override
    public OptionalLong expected() {
      return OptionalLong.empty();
    }
  }

  // ---- From clouds.

  /** An order is settled: these hosts will come, and no others for this token. */
  record HostsOrdered(String token, List<CloudHost> hosts) implements Event {
    public HostsOrdered {
      requireNonNull(token);
      hosts = List.copyOf(hosts);
    }
  }

  /** An order is settled: nothing was done. An unknown outcome is not reported at all. */
  record OrderRefused(String token, String reason, boolean outOfStock) implements Event {
    public OrderRefused {
      requireNonNull(token);
      requireNonNull(reason);
    }
  }

  /** All hosts of this cluster in that pool which the cloud knows of, those we forgot included. */
  record HostsListed(String pool, List<CloudHost> hosts) implements Event {
    public HostsListed {
      requireNonNull(pool);
      hosts = List.copyOf(hosts);
    }
  }

  /** These hosts are given back, or were never there. */
  record HostsReleased(String pool, List<String> ids) implements Event {
    public HostsReleased {
      requireNonNull(pool);
      ids = List.copyOf(ids);
    }
  }

  /** Time passes. Wanted ten times a second; cheap when nothing is due. */
  record Tick() implements Event {}
}
