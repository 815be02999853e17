package io.springtide.scheduler.event;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskUpdate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** What happens to the core. */
public sealed interface Event {

  // ---- From Mesos.

  /** Subscribed; offers of an earlier subscription are void. */
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

  /**
   * What the master says of all agents that are registered with it. Comes every few seconds, unless
   * the master refuses to say it.
   *
   * @param recovering agents that a new master knows of and that have not come to it yet: what its
   *     predecessor said of them stands
   * @param schedule when machines go away, by host name; empty: the master does not say it
   */
  record AgentsReported(
      List<AgentReport> agents, Set<String> recovering, Optional<Map<String, Maintenance>> schedule)
      implements Event {
    public AgentsReported {
      agents = List.copyOf(agents);
      recovering = Set.copyOf(recovering);
      schedule = schedule.map(Map::copyOf);
    }
  }

  /**
   * An inverse offer: may the agent's machine go away then? Answered by {@link
   * Effect.AnswerInverseOffer}.
   */
  record InverseOffered(String id, String agentId, Maintenance window) implements Event {
    public InverseOffered {
      requireNonNull(id);
      requireNonNull(agentId);
      requireNonNull(window);
    }
  }

  /** An inverse offer is rescinded. */
  record InverseOfferRescinded(String id) implements Event {
    public InverseOfferRescinded {
      requireNonNull(id);
    }
  }

  /** What a host's warden says of its machine; the next follows soon if one is lost. */
  record HostReported(String agentId, HostReport report) implements Event {
    public HostReported {
      requireNonNull(agentId);
      requireNonNull(report);
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
   * Takes a host out of the books that is lost and empty. Refused for one that was ordered, unless
   * it is being given back and somebody vouches for that it is gone.
   *
   * @param vouched whether the caller knows that the machine is gone and is not paid for
   */
  record RemoveHost(String requestId, String host, boolean vouched) implements Command {
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
  record HostsOrdered(String token, List<HostListing> hosts) implements Event {
    public HostsOrdered {
      requireNonNull(token);
      hosts = List.copyOf(hosts);
    }
  }

  /** An order is settled: nothing was done. An unknown outcome settles nothing. */
  record OrderRefused(String token, CloudTrouble.Kind kind, String reason) implements Event {
    public OrderRefused {
      requireNonNull(token);
      requireNonNull(kind);
      requireNonNull(reason);
    }
  }

  /**
   * A cloud did not do what it was asked for, or nobody knows; the core asks again in its own time.
   *
   * @param token of the order that it is about; empty: it is about a release or a listing
   * @param retryAfter how long the cloud wants to be left alone; zero if it does not say
   */
  record CloudFailed(
      Cloud cloud,
      CloudTrouble.Doing doing,
      String token,
      CloudTrouble.Kind kind,
      String message,
      Duration retryAfter)
      implements Event {
    public CloudFailed {
      requireNonNull(cloud);
      requireNonNull(doing);
      requireNonNull(token);
      requireNonNull(kind);
      requireNonNull(message);
      requireNonNull(retryAfter);
    }
  }

  /** All hosts of this cluster that the cloud knows of, those we forgot included. */
  record HostsListed(Cloud cloud, List<HostListing> hosts) implements Event {
    public HostsListed {
      requireNonNull(cloud);
      hosts = List.copyOf(hosts);
    }
  }

  /**
   * A release is answered.
   *
   * @param ids given back
   * @param unknown hosts that the cloud does not know: only its listings say whether they are gone
   */
  record HostsReleased(Cloud cloud, List<String> ids, List<String> unknown) implements Event {
    public HostsReleased {
      requireNonNull(cloud);
      ids = List.copyOf(ids);
      unknown = List.copyOf(unknown);
    }
  }

  /** Time passes. Wanted ten times a second; cheap when nothing is due. */
  record Tick() implements Event {}
}
