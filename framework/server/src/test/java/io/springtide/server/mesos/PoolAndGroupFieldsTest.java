package io.springtide.server.mesos;

import static io.springtide.server.DocumentTree.each;
import static io.springtide.server.DocumentTree.everyField;
import static io.springtide.server.DocumentTree.fields;
import static io.springtide.server.DocumentTree.set;
import static io.springtide.server.DocumentTree.yaml;
import static io.springtide.server.VirtualCore.done;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.told.TaskState;
import io.springtide.server.DocumentTree;
import io.springtide.server.VirtualCore;
import io.springtide.server.document.GroupDocument;
import io.springtide.server.document.PoolDocument;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each field that a pool's or a group's document may have does something: with another value other
 * hosts are ordered or given back, other instances started, stopped or refused, in the same little
 * history. What a document only says of its group is shown.
 */
class PoolAndGroupFieldsTest {
  private static final String POOL =
      """
      name: cloud
      kind: on-demand
      zone: east
      hosts: {max: 4}
      pricePerHour: 0.5
      template: {driver: local, resources: {cpus: 4, memoryMiB: 8192, diskMiB: 10000}, endpoint: c}
      """;

  private static final Map<String, String> POOL_CHANGED =
      union(
          amounts("template.resources", "8", "1500", "500", "1", "{licences: 3}"),
          Map.ofEntries(
              Map.entry("name", "clouds"),
              Map.entry("kind", "prepaid"),
              Map.entry("zone", "south"),
              Map.entry("selector", "{place: spare}"),
              Map.entry("hosts", "{max: 2}"),
              Map.entry("hosts.min", "1"),
              Map.entry("hosts.max", "2"),
              Map.entry("buffer", "{hosts: 1}"),
              Map.entry("buffer.hosts", "1"),
              Map.entry("buffer.percent", "50"),
              Map.entry("placement", "spread"),
              Map.entry("pricePerHour", "0.9"),
              Map.entry("idleAfter", "90m"),
              Map.entry("billingIncrement", "1m"),
              Map.entry("budgetPerHour", "0.5"),
              Map.entry("template", "{driver: local, resources: {cpus: 8, memoryMiB: 8192}}"),
              Map.entry("template.driver", "other"),
              Map.entry("template.attributes", "{rack: k1}"),
              Map.entry("template.resources", "{cpus: 8, memoryMiB: 8192}"),
              Map.entry("shared", "{crossLinkMbps: 100}")));

  private static final List<String> POOL_OBJECTS =
      List.of("", "hosts", "buffer", "template.resources");

  /** Its other keys are the driver's. */
  private static final Set<String> TEMPLATE =
      Set.of("template.driver", "template.resources", "template.attributes");

  private static final String GROUP =
      """
      path: feed
      quotas:
        idc:
          guarantee: {cpus: 4, memoryMiB: 5200, diskMiB: 40000, gpus: 2, scalars: {licences: 2}}
          limit: {}
        cloud: {limit: {}}
        other: {limit: {}}
      policy: {mounts: [/data], networks: ["*"]}
      """;

  private static final Map<String, String> GROUP_CHANGED =
      union(
          union(
              amounts("quotas.idc.guarantee", "1", "2600", "15000", "1", "{licences: 1}"),
              amounts("quotas.idc.lendable", "0", "0", "0", "0", "{}")),
          union(
              union(
                  amounts("quotas.idc.limit", "4", "5200", "40000", "2", "{licences: 2}"),
                  amounts("totalLimit", "7", "5200", "40000", "2", "{licences: 2}")),
              Map.ofEntries(
                  Map.entry("path", "feeds"),
                  Map.entry("quotas.idc.weight", "20"),
                  Map.entry("policy.privileged", "true"),
                  Map.entry("policy.mounts", "[]"),
                  Map.entry("policy.maxPriority", "10"),
                  Map.entry("policy.runtimes", "[process]"),
                  Map.entry("policy.networks", "[]"),
                  Map.entry("policy.enforce", "true"))));

  /** Said for people: whoever reads the group sees them. */
  private static final Map<String, String> GROUP_SHOWN =
      Map.of("description", "what it does", "department", "search");

  private static final String LENDABLE = "quotas.idc.lendable";

  /** What may stand in a document that was read, and is passed over. */
  private static final Set<String> PASSED_OVER = Set.of("version", "status", "effects");

  @Test
  void eachFieldOfTheDocumentsIsInItsList() {
    Set<String> pool =
        fields(POOL_OBJECTS, at -> DocumentTree.known(tree(POOL), at, PoolDocument::read));
    pool.addAll(TEMPLATE);
    pool.removeAll(PASSED_OVER);
    assertThat(POOL_CHANGED.keySet()).isEqualTo(pool);
    Set<String> group = everyField(tree(GROUP), GroupDocument::read);
    group.removeAll(PASSED_OVER);
    Set<String> listed = new TreeSet<>(GROUP_CHANGED.keySet());
    listed.addAll(GROUP_SHOWN.keySet());
    assertThat(listed).isEqualTo(group);
  }

  @TestFactory
  Stream<DynamicTest> eachFieldOfAPoolHasAnEffect() {
    List<String> base = new Little(tree(POOL), tree(GROUP)).live();
    assertThat(base).anyMatch(what -> what.contains("release"));
    return each(
        POOL_CHANGED,
        (field, value) -> {
          ObjectNode pool = tree(POOL);
          set(pool, field, yaml(value));
          ObjectNode group = tree(GROUP);
          if (field.equals("name")) {
            set(group, "quotas.clouds", yaml("{limit: {}}"));
            ((ObjectNode) group.get("quotas")).remove("cloud");
          }
          assertThat(new Little(pool, group).live().equals(base))
              .as("the same as without it")
              .isFalse();
        });
  }

  @TestFactory
  Stream<DynamicTest> eachFieldOfAGroupHasAnEffect() {
    List<String> base = new Little(tree(POOL), tree(GROUP)).live();
    return each(
        GROUP_CHANGED,
        (field, value) -> {
          ObjectNode group = tree(GROUP);
          if (field.startsWith(LENDABLE + ".")) {
            // All of the rest may be lent, as where nothing is said of it.
            set(group, LENDABLE, group.at("/quotas/idc/guarantee").deepCopy());
          }
          set(group, field, yaml(value));
          assertThat(new Little(tree(POOL), group).live().equals(base))
              .as("the same as without it")
              .isFalse();
        });
  }

  @Test
  void whatAGroupSaysForPeopleIsShown() {
    ObjectNode group = tree(GROUP);
    GROUP_SHOWN.forEach(group::put);
    Little cluster = new Little(tree(POOL), group);
    JsonNode shown = GroupDocument.write(cluster.core.view().groups().get("feed").group());
    GROUP_SHOWN.forEach((field, text) -> assertThat(shown.path(field).asText()).isEqualTo(text));
  }

  /** Values for each field of resources. */
  private static Map<String, String> amounts(
      String of, String cpus, String memoryMiB, String diskMiB, String gpus, String scalars) {
    return Map.of(
        of + ".cpus", cpus,
        of + ".memoryMiB", memoryMiB,
        of + ".diskMiB", diskMiB,
        of + ".gpus", gpus,
        of + ".scalars", scalars);
  }

  private static Map<String, String> union(Map<String, String> some, Map<String, String> others) {
    Map<String, String> all = new TreeMap<>(some);
    all.putAll(others);
    return all;
  }

  private static ObjectNode tree(String text) {
    return (ObjectNode) yaml(text);
  }

  /** Two machines of our own, one that no pool wants, two clouds, two groups, and an afternoon. */
  private static final class Little {
    private static final String EAST = "constraints: [{match: zone, in: [east]}]";
    private static final String BORROWS = "reclaimable: true";
    private static final Resources MACHINE =
        new Resources(4200, 8192 + 256, 50_000, 3, new TreeMap<>(Map.of("licences", 3L)));

    /** Of everything that is guaranteed two times, and thrice on a machine. */
    private static final String ALL =
        "resources: {cpus: 1, memoryMiB: 2500, diskMiB: 15000, gpus: 1, scalars: {licences: 1}}";

    private final List<String> happened = new ArrayList<>();
    private final Deque<Runnable> answers = new ArrayDeque<>();
    private final Map<String, Task> tasks = new HashMap<>();
    private final VirtualCore core = new VirtualCore(CoreConfig.of("executor"), this::note);
    private final ObjectNode group;

    /** What the agents offer, by host. */
    private final Map<String, Map<String, String>> hosts = new TreeMap<>();

    private final Map<String, Resources> sizes = new HashMap<>();
    private int serial;

    Little(ObjectNode pool, ObjectNode group) {
      this.group = group;
      done(core.putPool(tree("{name: idc, kind: owned, selector: {place: idc}}")));
      done(core.putPool(pool));
      done(
          core.putPool(
              tree(
                  """
                  {name: other, kind: on-demand, zone: west, hosts: {max: 4}, pricePerHour: 0.8,
                   template: {driver: local, resources: {cpus: 4, memoryMiB: 8192}, endpoint: o}}
                  """)));
      done(core.putGroup(group));
      done(
          core.putGroup(
              tree(
                  """
                  {path: ads, quotas: {idc: {guarantee: {cpus: 1, memoryMiB: 512}, limit: {}}}}
                  """)));
      for (String host : List.of("h1", "h2", "spare")) {
        hosts.put(host, Map.of("node", host, "place", host.startsWith("h") ? "idc" : "spare"));
        sizes.put(host, MACHINE);
      }
    }

    List<String> live() {
      job("feed.east", 1, EAST);
      // Whoever comes first borrows what is lent, until it is claimed.
      job("ads.all", 6, ALL + "\n" + BORROWS);
      pass(30, 1);
      job("feed.all", 4, ALL + "\n" + BORROWS);
      pass(60, 1);
      removeJobs();
      job("feed.all", 4, ALL + "\n" + BORROWS);
      pass(20, 1);
      removeJobs();
      job("feed.east", 1, EAST);
      job("ads.web", 6, BORROWS);
      pass(30, 1);
      send(new Event.RemoveJob("r", "ads.web", OptionalLong.empty()));
      pass(10, 1);
      // Who comes together gets by weight.
      job("ads.web", 8, BORROWS);
      job("feed.web", 14, BORROWS);
      pass(60, 1);
      job("feed.link", 1, "resources: {cpus: 1, memoryMiB: 64, scalars: {crossLinkMbps: 10}}");
      job("feed.privileged", 1, "container: {image: a, privileged: true}");
      job("feed.mounts", 1, "container: {image: a, mounts: [{source: /data, target: /d}]}");
      job("feed.urgent", 1, "priority: 100");
      job("feed.plain", 1, "priority: 3");
      job("feed.network", 1, "container: {image: a, network: blue}");
      job("feed.process", 1, "{runtime: process, container: {command: [a]}}");
      pass(120, 1);
      ObjectNode narrower = group.deepCopy();
      set(narrower, "totalLimit", yaml("{cpus: 12}"));
      happened.add("narrower " + core.putGroup(narrower));
      pass(60, 1);
      removeJobs();
      // The hosts are paid for, and empty.
      job("feed.late", 3, EAST);
      pass(60, 1);
      removeJobs();
      pass(240, 30);
      return happened;
    }

    private void removeJobs() {
      for (String job : List.copyOf(core.view().jobs().keySet())) {
        send(new Event.RemoveJob("r", job, OptionalLong.empty()));
      }
      pass(10, 1);
    }

    private void job(String id, int instances, String more) {
      ObjectNode job =
          tree(
              """
              {id: %s, instances: %d, resources: {cpus: 1, memoryMiB: 512}, container: {image: a}}
              """
                  .formatted(id, instances));
      job.setAll((ObjectNode) yaml(more));
      happened.add(id + core.putJob(job));
    }

    private void pass(int steps, int seconds) {
      for (int step = 0; step < steps; step++) {
        core.pass(Duration.ofSeconds(seconds));
        send(new Event.Tick());
        // Each machine by itself: what is launched answers before the next is offered.
        for (String host : List.copyOf(hosts.keySet())) {
          if (hosts.containsKey(host)) {
            tick();
            core.offer(host, hosts.get(host), sizes.get(host));
          }
          while (!answers.isEmpty()) {
            tick();
            answers.remove().run();
          }
        }
      }
    }

    private void send(Event event) {
      tick();
      core.send(event);
    }

    private void tick() {
      core.pass(Duration.ofMillis(1));
    }

    private void note(Effect effect) {
      if (effect instanceof Effect.Accept accept) {
        for (TaskLaunch launch : accept.launches()) {
          Task task = launch.task();
          tasks.put(task.id(), task);
          happened.add(
              core.now() + " launch " + task.id() + " on " + task.host() + " " + task.label());
          answers.add(() -> core.tell(task, TaskState.RUNNING));
        }
      } else if (effect instanceof Effect.Kill kill) {
        happened.add(core.now() + " kill " + kill.taskId());
        Optional.ofNullable(tasks.remove(kill.taskId()))
            .ifPresent(task -> answers.add(() -> core.tell(task, TaskState.KILLED)));
      } else if (effect instanceof Effect.OrderHosts order) {
        happened.add(core.now() + " " + order);
        List<HostListing> booted = boot(order);
        answers.add(() -> core.send(new Event.HostsOrdered(order.token(), booted)));
      } else if (effect instanceof Effect.ReleaseHosts release) {
        happened.add(core.now() + " release " + release.ids());
        release.ids().forEach(hosts::remove);
        answers.add(
            () -> core.send(new Event.HostsReleased(release.cloud(), release.ids(), List.of())));
      }
    }

    private List<HostListing> boot(Effect.OrderHosts order) {
      HostTemplate template = order.template();
      return IntStream.range(0, order.count())
          .mapToObj(
              i -> {
                String id = "c" + ++serial;
                Map<String, String> attributes = new HashMap<>(template.attributes());
                attributes.put("node", id);
                attributes.put("order", order.token());
                hosts.put(id, attributes);
                sizes.put(id, template.resources());
                return new HostListing(id, order.pool(), order.token(), HostListing.State.BOOTING);
              })
          .toList();
    }
  }
}
