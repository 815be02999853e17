package io.springtide.server;

import static io.springtide.server.DocumentTree.yaml;

import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.Maintenance;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;

/** A core as a configuration makes it, in virtual time: when it does what. */
final class ConfiguredCore {
  /**
   * What a key may be told.
   *
   * @param happens what then stands in the stories, and does not else
   */
  record Key(String value, String happens) {}

  static final Map<String, Key> KEYS =
      Map.of(
          "waits.holdOffers", new Key("7s", "an offer is kept for 7s"),
          "waits.suppressAfter", new Key("5m", "no more offers are asked for after 299s of quiet"),
          "waits.lookAround", new Key("2m", "it looks around after 120s without"),
          "mesos.maintenanceLead", new Key("90m", "a host is emptied 5400s before it goes away"),
          "sharing.minimumRun", new Key("10s", "2 are evicted 7s after the claim"),
          "sharing.coolDown", new Key("20s", "2 are evicted 48s after the claim"),
          "sharing.evictionsPerRound", new Key("1", "1 are evicted 27s after the claim"),
          "sharing.reclaimWithin", new Key("3s", "4 are evicted 4s after the claim"),
          "sharing.nominationTtl",
              new Key("7s", "what is claimed no more is lent again after 23s"));

  private final VirtualCore core;
  private final CoreConfig config;
  private final Map<String, Task> tasks = new HashMap<>();
  private final Map<String, Resources> machines = new TreeMap<>();
  private final Map<String, String> held = new HashMap<>();
  private final Map<String, Maintenance> away = new HashMap<>();
  private boolean silent;

  private ConfiguredCore(CoreConfig config) {
    this.config = config;
    core = new VirtualCore(config, effect -> {});
    core.putPool(yaml("{name: idc, kind: owned, selector: {place: idc}}"));
    group("{path: feed, quotas: {idc: {guarantee: {cpus: 4, memoryMiB: 1024}, limit: {}}}}");
    group("{path: ads, quotas: {idc: {limit: {}}}}");
  }

  static List<String> stories(CoreConfig config) {
    List<String> told = new ArrayList<>();
    new ConfiguredCore(config).waits(told);
    new ConfiguredCore(config).quiet(told);
    new ConfiguredCore(config).goesAway(told);
    new ConfiguredCore(config).claimed(told);
    new ConfiguredCore(config).claimedNoMore(told);
    return told;
  }

  /** A host whose warden does not get ready, and a job that waits for it. */
  private void waits(List<String> told) {
    silent = true;
    machine("h1");
    job("ads.a", 1);
    seconds(3);
    Instant offered = core.now();
    await(Effect.Decline.class::isInstance, false);
    told.add("an offer is kept for " + since(offered));
  }

  /** A host, and nothing to do. */
  private void quiet(List<String> told) {
    machine("h1");
    seconds(3);
    Instant quiet = core.now();
    await(Effect.Suppress.class::isInstance, false);
    told.add("no more offers are asked for after " + since(quiet) + " of quiet");
    Instant suppressed = core.now();
    await(Effect.Revive.class::isInstance, false);
    told.add("it looks around after " + since(suppressed) + " without");
  }

  /** The master says with its offers that a machine leaves in two hours. */
  private void goesAway(List<String> told) {
    machine("h1");
    seconds(2);
    job("feed.web", 1);
    seconds(2);
    machine("h2");
    seconds(2);
    Instant start = core.now().plus(Duration.ofHours(2));
    away.put("h1", new Maintenance(start, Optional.empty()));
    await(Effect.Kill.class::isInstance, true);
    told.add(
        "a host is emptied %ds before it goes away"
            .formatted(Duration.between(core.now(), start).toSeconds()));
  }

  /** Two services have borrowed what is claimed five seconds later. */
  private void claimed(List<String> told) {
    borrowed();
    Instant claim = core.now();
    int gone = 0;
    while (gone < 4) {
      int evicted = await(Effect.Kill.class::isInstance, true);
      gone += evicted;
      told.add(evicted + " are evicted " + since(claim) + " after the claim");
    }
  }

  /** The claimant goes, once it has been made room for. */
  private void claimedNoMore(List<String> told) {
    borrowed();
    await(Effect.Kill.class::isInstance, true);
    core.send(new Event.SetInstances("r", "feed.web", 0, OptionalLong.empty()));
    Instant free = core.now();
    await(Effect.Accept.class::isInstance, true);
    told.add("what is claimed no more is lent again after " + since(free));
  }

  private void borrowed() {
    machine("h1");
    seconds(2);
    job("ads.a", 2);
    job("ads.b", 2);
    seconds(5);
    job("feed.web", 4);
  }

  private String since(Instant from) {
    return Duration.between(from, core.now()).toSeconds() + "s";
  }

  /** Passes time until something happens; returns how often, in that second. */
  private int await(Predicate<Effect> which, boolean offering) {
    for (int second = 0; second < 8000; second++) {
      List<Effect> effects = second(offering);
      int count = (int) effects.stream().filter(which).count();
      if (count > 0) {
        return count;
      }
    }
    throw new AssertionError("it does not happen");
  }

  private void seconds(int count) {
    for (int second = 0; second < count; second++) {
      second(true);
    }
  }

  private List<Effect> second(boolean offering) {
    core.pass(Duration.ofSeconds(1));
    List<Effect> effects = new ArrayList<>(core.send(new Event.Tick()));
    if (offering) {
      for (String host : machines.keySet()) {
        if (!held.containsKey(host)) {
          effects.addAll(offer(host));
        }
      }
    }
    for (Effect effect : List.copyOf(effects)) {
      effects.addAll(answered(effect));
    }
    return effects;
  }

  /** What is launched runs at once; what is killed ends at once, and its room is offered again. */
  private List<Effect> answered(Effect effect) {
    List<Effect> more = new ArrayList<>();
    if (effect instanceof Effect.Decline decline) {
      held.values().removeAll(decline.offerIds());
    } else if (effect instanceof Effect.Accept accept) {
      held.values().removeAll(accept.offerIds());
      for (TaskLaunch launch : accept.launches()) {
        tasks.put(launch.task().id(), launch.task());
        if (!silent) {
          more.addAll(core.tell(launch.task(), TaskState.RUNNING));
        }
      }
    } else if (effect instanceof Effect.Kill kill) {
      more.addAll(killed(kill.taskId()));
    }
    return more;
  }

  /** Its room is offered with the rest of its host. */
  private List<Effect> killed(String id) {
    Task task = tasks.remove(id);
    List<Effect> effects = new ArrayList<>(core.tell(task, TaskState.KILLED));
    if (held.containsKey(task.host())) {
      effects.addAll(core.send(new Event.OfferRescinded(held.remove(task.host()))));
    }
    return effects;
  }

  private void group(String document) {
    core.putGroup(yaml(document));
  }

  private void job(String id, int instances) {
    String document =
        "{id: %s, instances: %d, reclaimable: true, resources: {cpus: 1, memoryMiB: 64},"
                .formatted(id, instances)
            + " container: {image: a}}";
    core.putJob(yaml(document));
  }

  /** Room for four instances. */
  private void machine(String host) {
    machines.put(host, Resources.of(4000, 1024).plus(config.overhead()));
  }

  private List<Effect> offer(String host) {
    Resources free = machines.get(host);
    for (Task task : tasks.values()) {
      if (task.host().equals(host)) {
        boolean warden = task.id().startsWith("warden");
        free = free.minus(warden ? config.overhead() : Resources.of(1000, 64));
      }
    }
    VirtualCore.Offered offered =
        core.offer(
            host, Map.of("node", host, "place", "idc"), free, Optional.ofNullable(away.get(host)));
    held.put(host, offered.id());
    return offered.effects();
  }
}
