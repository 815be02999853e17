package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.state.StateStore;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.told.Offer;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.told.TaskUpdate;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.document.GroupDocument;
import io.springtide.server.document.JobDocument;
import io.springtide.server.document.PoolDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/** A core in virtual time, that has a master; what happens to it is a test's to say. */
public final class VirtualCore {
  private final CoreConfig config;
  private final Consumer<Effect> noted;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private SchedulerCore core;
  private int offers;

  /**
   * @param noted is told each effect, as it comes
   */
  public VirtualCore(CoreConfig config, Consumer<Effect> noted) {
    this.config = config;
    this.noted = noted;
    core = SchedulerCore.restore(config, StateStore.Loaded.EMPTY, now);
    send(new Event.Subscribed("F1"));
  }

  /** Another process goes on with what is durable. */
  public void restart(StateStore.Loaded durable) {
    core = SchedulerCore.restore(config, durable, now);
  }

  public Instant now() {
    return now;
  }

  public long version() {
    return core.version();
  }

  public ClusterView view() {
    return core.view();
  }

  public List<Effect> send(Event event) {
    List<Effect> effects = core.handle(event, now);
    effects.forEach(noted);
    return effects;
  }

  /** Time passes; nobody is told. */
  public void pass(Duration time) {
    now = now.plus(time);
  }

  /** Asks for something; returns its answer. */
  public Outcome ask(Event.Command command) {
    return send(command).stream()
        .filter(Effect.Reply.class::isInstance)
        .map(effect -> ((Effect.Reply) effect).outcome())
        .findFirst()
        .orElseThrow();
  }

  public Outcome putPool(JsonNode document) {
    return ask(new Event.PutPool("r", PoolDocument.read(document), OptionalLong.empty()));
  }

  public Outcome putGroup(JsonNode document) {
    return ask(new Event.PutGroup("r", GroupDocument.read(document), OptionalLong.empty()));
  }

  public Outcome putJob(JsonNode document) {
    return ask(new Event.PutJob("r", JobDocument.read(document), OptionalLong.empty()));
  }

  public static void done(Outcome outcome) {
    assertThat(outcome).as("%s", outcome).isInstanceOf(Outcome.Done.class);
  }

  /** An offer's id, and what came of it. */
  public record Offered(String id, List<Effect> effects) {}

  /** Offers what is free of a host, whose agent is {@code agent-<host>}. */
  public Offered offer(String host, Map<String, String> attributes, Resources free) {
    return offer(host, attributes, free, Optional.empty());
  }

  /**
   * @param window when its machine is away
   */
  public Offered offer(
      String host, Map<String, String> attributes, Resources free, Optional<Maintenance> window) {
    String id = "o" + ++offers;
    Offer offer =
        new Offer(
            id,
            "agent-" + host,
            host,
            "10.0.0.1:5051",
            attributes,
            free,
            free,
            PortRanges.of(31000, 31999),
            Set.of(),
            window);
    return new Offered(id, send(new Event.OffersReceived(List.of(offer))));
  }

  /** What runs is healthy. */
  public List<Effect> tell(Task task, TaskState state) {
    return tell(
        task, state, state == TaskState.RUNNING ? Optional.of(true) : Optional.empty(), false);
  }

  /**
   * @param condemned whether its executor says that its health check has failed too often
   */
  public List<Effect> tell(
      Task task, TaskState state, Optional<Boolean> healthy, boolean condemned) {
    return send(
        new Event.TaskUpdated(
            new TaskUpdate(task.id(), task.agentId(), state, "", "", healthy, "u", condemned)));
  }
}
