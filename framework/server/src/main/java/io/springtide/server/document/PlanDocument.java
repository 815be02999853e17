package io.springtide.server.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.answer.Demotion;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.HostOrder;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Plan;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.Violation;
import io.springtide.scheduler.state.Host;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Changes to plan as users write them, and what they would bring about. */
public final class PlanDocument {
  /** More than anybody asks at once, and what one request may cost. */
  private static final int MOST_CHANGES = 1000;

  private static final Value PATH = Value.text();

  private static final Form REMOVE =
      Form.of("Removal", "One thing that is removed.")
          .may("pool", PATH, "Its name.")
          .may("group", PATH, "Its path.")
          .may("job", PATH, "Its id.")
          .exactlyOne("pool", "group", "job");

  private static final Form SCALE =
      Form.of("Scale", "Another number of instances.")
          .must("job", PATH, "Its id.", "name the job")
          .must(
              "instances",
              Value.whole(0, JobSpec.MAX_INSTANCES),
              "How many.",
              "write a whole number from 0 to " + JobSpec.MAX_INSTANCES);

  private static final Form RESTART =
      Form.of("Restart", "A revision with the same content.")
          .must("job", PATH, "Its id.", "name the job");

  private static final Form ROLLBACK =
      Form.of("PlannedRollback", "Back to an earlier revision.")
          .must("job", PATH, "Its id.", "name the job")
          .may("revision", RevisionDocument.NUMBER, RevisionDocument.SAYS);

  private static final Form HOST =
      Form.of("HostWish", "A host into service, or out of it.")
          .must("id", PATH, "Its id.", "name the host")
          .must(
              "wish",
              Value.word(Host.Wish.class),
              "What is wanted of it.",
              "write one of " + String.join(", ", Value.word(Host.Wish.class).words));

  private static final Form CHANGE =
      Form.of("Change", "One change: exactly one of these.")
          .may("pool", Value.object(PoolDocument.FORM).named(), "As it would be put.")
          .may("group", Value.object(GroupDocument.FORM).named(), "As it would be put.")
          .may("job", Value.object(JobDocument.FORM).named(), "As it would be put.")
          .may("remove", Value.object(REMOVE), "What would be removed.")
          .may("scale", Value.object(SCALE), "What would be scaled.")
          .may("restart", Value.object(RESTART), "What would be restarted.")
          .may("rollback", Value.object(ROLLBACK), "What would be rolled back.")
          .may("host", Value.object(HOST), "What would be wished of a host.")
          .exactlyOne("pool", "group", "job", "remove", "scale", "restart", "rollback", "host");

  /** What is asked. */
  public static final Form FORM =
      Form.of("PlanRequest", "Changes that count together.")
          .must(
              "changes",
              Value.list(CHANGE).atLeast(1).atMost(MOST_CHANGES),
              "In the order in which they would be made.",
              "write such as [{scale: {job: feed.api, instances: 5}}]");

  private PlanDocument() {}

  /**
   * Reads {@code {"changes": [...]}}.
   *
   * @param poolCheck refuses a pool that could not be put
   * @param failures what a job gets that does not say what follows a failure
   */
  public static List<Event.Command> read(
      JsonNode node, Consumer<Pool> poolCheck, FailurePolicy failures) {
    List<Event.Command> changes =
        Fields.of(node, FORM).inners("changes", change -> change(change, poolCheck, failures));
    if (changes.isEmpty()) {
      throw new InvalidModelException(
          "changes", "there is none", "write such as [{scale: {job: feed.api, instances: 5}}]");
    }
    if (changes.size() > MOST_CHANGES) {
      throw new InvalidModelException(
          "changes", changes.size() + " are too many", "write " + MOST_CHANGES + " at most");
    }
    return changes;
  }

  private static Event.Command change(
      Fields fields, Consumer<Pool> poolCheck, FailurePolicy failures) {
    if (fields.size() != 1) {
      throw new InvalidModelException(
          "",
          "a change is one thing",
          "write one of " + String.join(", ", CHANGE.known()) + " in each");
    }
    return fields
        .inner("pool", pool -> put(PoolDocument.read(pool), poolCheck))
        .or(() -> fields.inner("group", g -> new Event.PutGroup("", GroupDocument.read(g), any())))
        .or(
            () ->
                fields.inner(
                    "job", job -> new Event.PutJob("", JobDocument.read(job, failures), any())))
        .or(() -> fields.inner("remove", PlanDocument::remove))
        .or(() -> fields.inner("scale", PlanDocument::scale))
        .or(() -> fields.inner("restart", PlanDocument::restart))
        .or(() -> fields.inner("rollback", PlanDocument::rollback))
        .or(() -> fields.inner("host", PlanDocument::host))
        .orElseThrow(
            () -> new InvalidModelException("", "the change is empty", "write what is to be"));
  }

  private static Event.Command put(Pool pool, Consumer<Pool> poolCheck) {
    poolCheck.accept(pool);
    return new Event.PutPool("", pool, any());
  }

  private static Event.Command remove(Fields fields) {
    if (fields.size() != 1) {
      throw new InvalidModelException(
          "", "one thing is removed at a time", "write one of pool, group, job");
    }
    return fields
        .text("pool")
        .<Event.Command>map(name -> new Event.RemovePool("", name, any()))
        .or(() -> fields.text("group").map(path -> new Event.RemoveGroup("", path, any())))
        .or(() -> fields.text("job").map(id -> new Event.RemoveJob("", id, any())))
        .orElseThrow(
            () -> new InvalidModelException("", "nothing is named", "write such as {job: ID}"));
  }

  private static Event.Command scale(Fields fields) {
    return new Event.SetInstances(
        "", fields.requireText("job"), fields.integer("instances"), any());
  }

  private static Event.Command restart(Fields fields) {
    return new Event.RestartJob("", fields.requireText("job"), any(), "");
  }

  private static Event.Command rollback(Fields fields) {
    return new Event.RollBackJob(
        "", fields.requireText("job"), RevisionDocument.readBack(fields), any(), "");
  }

  private static Event.Command host(Fields fields) {
    return new Event.SetHostWish(
        "", fields.requireText("id"), fields.word("wish", Host.Wish.class));
  }

  private static OptionalLong any() {
    return OptionalLong.empty();
  }

  /** Writes a plan; placements on one host of one job and label are one entry. */
  public static ObjectNode write(Plan plan, Map<String, Long> microsPerHour) {
    ObjectNode node = Documents.object();
    node.put("version", plan.version());
    node.putObject("costPerHour")
        .put("before", money(plan.microsPerHourBefore()))
        .put("after", money(plan.microsPerHourAfter()));
    ArrayNode orders = node.putArray("orders");
    for (HostOrder order : plan.orders()) {
      orders
          .addObject()
          .put("pool", order.pool())
          .put("hosts", order.count())
          .put("costPerHour", money(order.count() * microsPerHour.getOrDefault(order.pool(), 0L)));
    }
    ArrayNode releases = node.putArray("releases");
    plan.releases().forEach(releases::add);
    ArrayNode evictions = node.putArray("evictions");
    for (Eviction eviction : plan.evictions()) {
      evictions
          .addObject()
          .put("instance", eviction.instance())
          .put("job", eviction.job())
          .put("group", eviction.group())
          .put("pool", eviction.pool())
          .put("host", eviction.host())
          .put("for", eviction.claimant());
    }
    writeDemotions(node.putArray("demotions"), plan.demotions());
    ArrayNode promotions = node.putArray("promotions");
    plan.promotions().forEach(promotions::add);
    ArrayNode stops = node.putArray("stops");
    plan.stops().forEach(stops::add);
    node.set("violations", violations(plan.violations()));
    writePlacements(node.putArray("placements"), plan);
    ArrayNode waiting = node.putArray("waiting");
    plan.waiting()
        .forEach(
            (job, unplaced) ->
                waiting
                    .addObject()
                    .put("job", job)
                    .put("instances", unplaced.instances())
                    .set("reasons", ReadDocuments.waiting(unplaced.reasons())));
    return node;
  }

  /** Instances of one job in one pool are one entry, which names each of them. */
  private static void writeDemotions(ArrayNode list, List<Demotion> demotions) {
    Map<String, ObjectNode> entries = new TreeMap<>();
    for (Demotion demotion : demotions) {
      ObjectNode entry =
          entries.computeIfAbsent(
              demotion.job() + "\n" + demotion.pool(),
              key -> {
                ObjectNode fresh =
                    Documents.object()
                        .put("job", demotion.job())
                        .put("group", demotion.group())
                        .put("pool", demotion.pool())
                        .put("count", 0)
                        .put("why", demotion.why());
                fresh.putArray("instances");
                return fresh;
              });
      entry.put("count", entry.get("count").asInt() + 1);
      ((ArrayNode) entry.get("instances")).add(demotion.instance());
    }
    entries.values().forEach(list::add);
  }

  /**
   * What a change displaces: who loses a guarantee, who must make way, who is stopped or replaced,
   * and what is against the rules from then on. What would happen without it is not its doing; a
   * change that displaces nobody else's needs no such comparison.
   *
   * @param without what happens anyway; asked for only where it is needed
   * @param own instances whose end is the change's doing in any case
   */
  public static ObjectNode effects(Plan with, Supplier<Plan> without, Predicate<String> own) {
    boolean ofOthers =
        !with.demotions().isEmpty()
            || !with.evictions().isEmpty()
            || !with.stops().stream().allMatch(own);
    Optional<Plan> anyway = ofOthers ? Optional.of(without.get()) : Optional.empty();
    ObjectNode node = Documents.object();
    List<Demotion> demotedAnyway = anyway.map(Plan::demotions).orElse(List.of());
    writeDemotions(
        node.putArray("demotions"),
        with.demotions().stream().filter(d -> !demotedAnyway.contains(d)).toList());
    Set<String> evictedAnyway = new HashSet<>();
    anyway.ifPresent(it -> it.evictions().forEach(e -> evictedAnyway.add(e.instance())));
    ArrayNode evictions = node.putArray("evictions");
    with.evictions().stream()
        .filter(e -> !evictedAnyway.contains(e.instance()))
        .forEach(
            e ->
                evictions
                    .addObject()
                    .put("instance", e.instance())
                    .put("job", e.job())
                    .put("for", e.claimant()));
    Set<String> stopsAnyway = new HashSet<>(anyway.map(Plan::stops).orElse(List.of()));
    ArrayNode stops = node.putArray("stops");
    with.stops().stream()
        .filter(stop -> own.test(stop) || !stopsAnyway.contains(stop))
        .forEach(stops::add);
    node.set("violations", violations(with.violations()));
    return node;
  }

  static ArrayNode violations(Map<String, List<Violation>> byJob) {
    ArrayNode list = Documents.mapper().createArrayNode();
    byJob.forEach(
        (job, all) ->
            all.forEach(
                v ->
                    list.addObject()
                        .put("job", job)
                        .put("field", v.field())
                        .put("detail", v.detail())
                        .put("fix", v.fix())));
    return list;
  }

  private static void writePlacements(ArrayNode list, Plan plan) {
    Map<String, ObjectNode> entries = new TreeMap<>();
    for (Plan.Place place : plan.placements()) {
      String label = place.label().name().toLowerCase(Locale.ROOT);
      ObjectNode entry =
          entries.computeIfAbsent(
              String.join("\n", place.job(), place.pool(), place.host(), label),
              key ->
                  Documents.object()
                      .put("job", place.job())
                      .put("pool", place.pool())
                      .put("host", place.host())
                      .put("toCome", place.toCome())
                      .put("label", label)
                      .put("instances", 0));
      entry.put("instances", entry.get("instances").asInt() + 1);
    }
    entries.values().forEach(list::add);
  }

  private static BigDecimal money(long micros) {
    BigDecimal amount = BigDecimal.valueOf(micros, 6).stripTrailingZeros();
    return amount.scale() < 0 ? amount.setScale(0) : amount;
  }
}
