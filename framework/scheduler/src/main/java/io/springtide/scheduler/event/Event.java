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
  /** Shows itself to the visitor. */
  void accept(Visitor visitor);

  /** Whoever must know every kind of event: with a new one, none of them compiles until it does. */
  interface Visitor {
    void on(Subscribed event);

    void on(Disconnected event);

    void on(OffersReceived event);

    void on(OfferRescinded event);

    void on(TaskUpdated event);

    void on(ExecutorEnded event);

    void on(AgentLost event);

    void on(AgentsReported event);

    void on(InverseOffered event);

    void on(InverseOfferRescinded event);

    void on(HostReported event);

    void on(FrameworkRefused event);

    void on(HostsOrdered event);

    void on(OrderRefused event);

    void on(CloudFailed event);

    void on(HostsListed event);

    void on(HostsReleased event);

    void on(Command event);

    void on(Once event);

    void on(AskPlan event);

    void on(Tick event);
  }

  // ---- From Mesos.

  /** Subscribed; offers of an earlier subscription are void. */
  record Subscribed(String frameworkId) implements Event {
    public Subscribed {
      requireNonNull(frameworkId);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** The subscription is lost. */
  record Disconnected() implements Event {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record OffersReceived(List<Offer> offers) implements Event {
    public OffersReceived {
      offers = List.copyOf(offers);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record OfferRescinded(String offerId) implements Event {
    public OfferRescinded {
      requireNonNull(offerId);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  record TaskUpdated(TaskUpdate update) implements Event {
    public TaskUpdated {
      requireNonNull(update);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** A hint: Mesos sends it at most once, and updates say what counts. */
  record ExecutorEnded(String agentId) implements Event {
    public ExecutorEnded {
      requireNonNull(agentId);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** A hint too. */
  record AgentLost(String agentId) implements Event {
    public AgentLost {
      requireNonNull(agentId);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
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

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
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

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** An inverse offer is rescinded. */
  record InverseOfferRescinded(String id) implements Event {
    public InverseOfferRescinded {
      requireNonNull(id);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** What a host's warden says of its machine; the next follows soon if one is lost. */
  record HostReported(String agentId, HostReport report) implements Event {
    public HostReported {
      requireNonNull(agentId);
      requireNonNull(report);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** Mesos' ERROR: this subscription will never work again. */
  record FrameworkRefused(String message) implements Event {
    public FrameworkRefused {
      requireNonNull(message);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  // ---- From users.

  /** Something that a user asks, answered by one {@link Effect.Reply}. */
  sealed interface Request extends Event {
    /** Names it in its reply. */
    String requestId();
  }

  /** Something that a user wants done. */
  sealed interface Command extends Request {
    /** The version that the document must have; empty: any. 0: it must not exist. */
    OptionalLong expected();

    @Override
    default void accept(Visitor visitor) {
      visitor.on(this);
    }

    /** Shows itself to the visitor, and hands back what that says. */
    <T> T accept(CommandVisitor<T> visitor);
  }

  /** Whoever must know every kind of command. */
  interface CommandVisitor<T> {
    T on(PutPool command);

    T on(RemovePool command);

    T on(PutGroup command);

    T on(RemoveGroup command);

    T on(CreateJob command);

    T on(PutJob command);

    T on(RemoveJob command);

    T on(SetInstances command);

    T on(RestartJob command);

    T on(RollBackJob command);

    T on(SteerDeployment command);

    T on(SetHostWish command);

    T on(RemoveHost command);
  }

  record PutPool(String requestId, Pool pool, OptionalLong expected) implements Command {
    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  record RemovePool(String requestId, String name, OptionalLong expected) implements Command {
    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  record PutGroup(String requestId, Group group, OptionalLong expected) implements Command {
    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  record RemoveGroup(String requestId, String path, OptionalLong expected) implements Command {
    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /**
   * Refused with CONFLICT if the job exists.
   *
   * @param by who, for the history of the job; empty: nobody knows
   */
  record CreateJob(String requestId, JobSpec job, String by) implements Command {
    public CreateJob(String requestId, JobSpec job) {
      this(requestId, job, "");
    }

    @Override
    public OptionalLong expected() {
      return OptionalLong.empty();
    }

    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /**
   * Creates the job, or changes it.
   *
   * @param by who, for the history of the job; empty: nobody knows
   */
  record PutJob(String requestId, JobSpec job, OptionalLong expected, String by)
      implements Command {
    public PutJob(String requestId, JobSpec job, OptionalLong expected) {
      this(requestId, job, expected, "");
    }

    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  record RemoveJob(String requestId, String id, OptionalLong expected) implements Command {
    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  record SetInstances(String requestId, String job, int instances, OptionalLong expected)
      implements Command {
    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** Replaces all instances by others that run the same. */
  record RestartJob(String requestId, String job, OptionalLong expected, String by)
      implements Command {
    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /**
   * Has instances run an earlier revision again.
   *
   * @param revision its number; empty: the one before
   */
  record RollBackJob(
      String requestId, String job, OptionalLong revision, OptionalLong expected, String by)
      implements Command {
    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** What may be done about a deployment that is under way. */
  enum Steering {
    PAUSE,
    RESUME,
    PROMOTE,
    ABORT
  }

  /**
   * Steers a deployment; refused with CONFLICT if it has ended, or cannot be steered so now.
   *
   * @param id {@code <job>@<number>}
   */
  record SteerDeployment(String requestId, String id, Steering how, String by) implements Command {
    @Override
    public OptionalLong expected() {
      return OptionalLong.empty();
    }

    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** {@code SERVE} uncordons; {@code RELEASE} is for hosts that we ordered. */
  record SetHostWish(String requestId, String host, Host.Wish wish) implements Command {
    @Override
    public OptionalLong expected() {
      return OptionalLong.empty();
    }

    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
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

    @Override
    public <T> T accept(CommandVisitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /**
   * A command that is done once however often it is asked: its repeat is answered as the first was.
   *
   * @param asker who asks
   * @param key by which they know it
   * @param digest of all that is asked
   */
  record Once(String asker, String key, String digest, Command command) implements Request {
    public Once {
      requireNonNull(asker);
      requireNonNull(key);
      requireNonNull(digest);
      requireNonNull(command);
    }

    @Override
    public String requestId() {
      return command.requestId();
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /**
   * Asks what these changes would bring about, all of them together; nothing is done. Answered by
   * {@link Outcome.Deferred}.
   */
  record AskPlan(String requestId, List<Command> changes) implements Request {
    public AskPlan {
      changes = List.copyOf(changes);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  // ---- From clouds.

  /** An order is settled: these hosts will come, and no others for this token. */
  record HostsOrdered(String token, List<HostListing> hosts) implements Event {
    public HostsOrdered {
      requireNonNull(token);
      hosts = List.copyOf(hosts);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** An order is settled: nothing was done. An unknown outcome settles nothing. */
  record OrderRefused(String token, CloudTrouble.Kind kind, String reason) implements Event {
    public OrderRefused {
      requireNonNull(token);
      requireNonNull(kind);
      requireNonNull(reason);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
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

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** All hosts of this cluster that the cloud knows of, those we forgot included. */
  record HostsListed(Cloud cloud, List<HostListing> hosts) implements Event {
    public HostsListed {
      requireNonNull(cloud);
      hosts = List.copyOf(hosts);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
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

    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }

  /** Time passes. Wanted ten times a second; cheap when nothing is due. */
  record Tick() implements Event {
    @Override
    public void accept(Visitor visitor) {
      visitor.on(this);
    }
  }
}
