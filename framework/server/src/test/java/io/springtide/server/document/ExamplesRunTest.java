package io.springtide.server.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.scheduler.state.StateStore;
import io.springtide.server.config.ConfigFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every document that the manual or an example shows reads, and a cluster takes it. Whoever copies
 * from the manual is not refused.
 */
class ExamplesRunTest {
  private static final Path ROOT = Path.of("..", "..");
  private static final Pattern YAML = Pattern.compile("(?s)\n```yaml\n(.*?)\n```");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  /** A document, and where it stands. */
  private record Shown(String where, JsonNode node) {
    boolean has(String field) {
      return node.has(field);
    }
  }

  @TempDir Path dir;
  private final SchedulerCore core =
      SchedulerCore.restore(CoreConfig.of("executor"), StateStore.Loaded.EMPTY, NOW);

  @Test
  void allOfThemAreTaken() throws Exception {
    List<Shown> all = shown();
    List<Shown> pools = all.stream().filter(it -> it.has("name") && it.has("kind")).toList();
    List<Shown> groups =
        all.stream()
            .filter(it -> it.has("path"))
            .sorted(
                Comparator.comparing((Shown it) -> it.node().path("path").asText())
                    // The fullest document of a group counts for its jobs.
                    .thenComparing(it -> it.has("policy")))
            .toList();
    List<Shown> jobs =
        all.stream()
            .filter(it -> it.has("id"))
            // What others come after must be there first.
            .sorted(Comparator.comparing((Shown it) -> it.has("after")))
            .toList();
    List<Shown> plans = all.stream().filter(it -> it.has("changes")).toList();
    List<Shown> contexts = all.stream().filter(it -> it.has("contexts")).toList(); // of tide
    List<Shown> configurations = all.stream().filter(it -> it.has("mesos")).toList();
    assertThat(
            Stream.of(pools, groups, jobs, plans, configurations, contexts)
                .mapToInt(List::size)
                .sum())
        .as("every document is of a kind that is tried here: %s", all)
        .isEqualTo(all.size());
    assertThat(List.of(pools.size(), groups.size(), jobs.size()))
        .as("pools, groups, jobs")
        .allMatch(count -> count >= 2);

    for (Shown pool : pools) {
      taken(pool, new Event.PutPool("r", PoolDocument.read(pool.node()), OptionalLong.empty()));
    }
    for (Shown group : groups) {
      String path = group.node().path("path").asText();
      if (path.contains(".")) {
        parent(path.substring(0, path.lastIndexOf('.')));
      }
      taken(group, new Event.PutGroup("r", GroupDocument.read(group.node()), OptionalLong.empty()));
    }
    for (Shown job : jobs) {
      taken(job, new Event.PutJob("r", JobDocument.read(job.node()), OptionalLong.empty()));
    }
    for (Shown plan : plans) {
      var changes = PlanDocument.read(plan.node(), pool -> {}, FailurePolicy.DEFAULT);
      Outcome outcome = ask(new Event.AskPlan("r", changes));
      assertThat(((Outcome.Deferred) outcome).forecast().get())
          .as(plan.where())
          .isInstanceOf(Outcome.Planned.class);
    }
    for (Shown configuration : configurations) {
      Path file = Files.writeString(dir.resolve("c.yaml"), configuration.node().toString());
      assertThat(ConfigFile.read(file).mesos().master()).as(configuration.where()).isNotEmpty();
    }
  }

  /** What an example's group stands below. */
  private void parent(String path) {
    JsonNode node =
        yaml(
            "{path: "
                + path
                + ", quotas: {idc: {guarantee: {cpus: 100, memoryMiB: 204800},"
                + " limit: {}}, cloud: {limit: {}}}}");
    taken(
        new Shown(path, node),
        new Event.PutGroup("r", GroupDocument.read(node), OptionalLong.empty()));
  }

  private void taken(Shown shown, Event.Command command) {
    assertThat(ask(command)).as(shown.where()).isInstanceOf(Outcome.Done.class);
  }

  private Outcome ask(Event.Request request) {
    return core.handle(request, NOW).stream()
        .filter(Effect.Reply.class::isInstance)
        .map(effect -> ((Effect.Reply) effect).outcome())
        .findFirst()
        .orElseThrow();
  }

  private static List<Shown> shown() throws IOException {
    List<Shown> all = new ArrayList<>();
    try (Stream<Path> examples = Files.list(ROOT.resolve("examples"))) {
      for (Path file : examples.filter(it -> it.toString().endsWith(".yaml")).sorted().toList()) {
        all.add(new Shown(file.toString(), yaml(Files.readString(file))));
      }
    }
    List<Path> manual = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
      docs.filter(it -> it.toString().endsWith(".md")).sorted().forEach(manual::add);
    }
    for (Path file : manual) {
      // Registry proxies have a configuration of their own, which their module's tests read.
      if (!file.endsWith("registry-proxy.md")) {
        Matcher block = YAML.matcher(Files.readString(file));
        while (block.find()) {
          all.add(
              new Shown(file + ": " + block.group(1).lines().findFirst(), yaml(block.group(1))));
        }
      }
    }
    return all;
  }

  private static JsonNode yaml(String text) {
    return Documents.yaml(text.getBytes(StandardCharsets.UTF_8));
  }
}
