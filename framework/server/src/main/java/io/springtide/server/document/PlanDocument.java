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
  private static final String[] KINDS = {
    "pool", "group", "job", "remove", "scale", "restart", "rollback", "host"
  };

  private PlanDocument() {}

  /**
   * Reads {@code {"changes": [...]}}.
   *
   * @param poolCheck refuses a pool that could not be put
   * @param failures what a job gets that does not say what follows a failure
   */
  public static List<Event.Command> read(
      JsonNode node, Consumer<Pool> poolCheck, FailurePolicy failures) {
    Fields fields = Fields.of(node, "changes");
    List<Event.Command> changes =
        fields.list("changes", change -> change(change, poolCheck, failures));
    if (changes.isEmpty()) {
      throw new InvalidModelException(
          "changes", "there is none", "write such as [{scale: {job: feed.api, instances: 5}}]");
    }
    return changes;
  }

  private static Event.Command change(
      JsonNode node, Consumer<Pool> poolCheck, FailurePolicy failures) {
    Fields fields = Fields.of(node, KINDS);
    if (node.size() != 1) {
      throw new InvalidModelException(
          "", "a change is one thing", "write one of " + String.join(", ", KINDS) + " in each");
    }
    return fields
        .object("pool", pool -> put(PoolDocument.read(pool), poolCheck))
        .or(() -> fields.object("group", g -> new Event.PutGroup("", GroupDocument.read(g), any())))
        .or(
            () ->
                fields.object(
                    "job", job -> new Event.PutJob("", JobDocument.read(job, failures), any())))
        .or(() -> fields.object("remove", PlanDocument::remove))
        .or(() -> fields.object("scale", PlanDocument::scale))
        .or(() -> fields.object("restart", PlanDocument::restart))
        .or(() -> fields.object("rollback", PlanDocument::rollback))
        .or(() -> fields.object("host", PlanDocument::host))
        .orElseThrow(
            () -> new InvalidModelException("", "the change is empty", "write what is to be"));
  }

  private static Event.Command put(Pool pool, Consumer<Pool> poolCheck) {
    poolCheck.accept(pool);
    return new Event.PutPool("", pool, any());
  }

  private static Event.Command remove(JsonNode node) {
    Fields fields = Fields.of(node, "pool", "group", "job");
    if (node.size() != 1) {
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

  private static Event.Command scale(JsonNode node) {
    Fields fields = Fields.of(node, "job", "instances");
    return new Event.SetInstances(
        "",
        fields.requireText("job", "name the job"),
        fields.requireInteger("instances", 0, JobSpec.MAX_INSTANCES),
        any());
  }

  private static Event.Command restart(JsonNode node) {
    Fields fields = Fields.of(node, "job");
    return new Event.RestartJob("", fields.requireText("job", "name the job"), any(), "");
  }

  private static Event.Command rollback(JsonNode node) {
    Fields fields = Fields.of(node, "job", "revision");
    String job = fields.requireText("job", "name the job");
    ObjectNode to = ((ObjectNode) node).deepCopy();
    to.remove("job");
    return new Event.RollBackJob("", job, RevisionDocument.readBack(to), any(), "");
  }

  private static Event.Command host(JsonNode node) {
    Fields fields = Fields.of(node, "id", "wish");
    return new Event.SetHostWish(
        "",
        fields.requireText("id", "name the host"),
        fields.requireOneOf("wish", Host.Wish.class));
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
