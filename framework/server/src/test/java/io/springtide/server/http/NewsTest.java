package io.springtide.server.http;

import static io.springtide.server.DocumentTree.yaml;
import static io.springtide.server.VirtualCore.done;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.config.CoreConfig;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.TaskLaunch;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.AgentReport;
import io.springtide.scheduler.told.CloudTrouble;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.told.HostReport;
import io.springtide.scheduler.told.TaskState;
import io.springtide.scheduler.view.ClusterView;
import io.springtide.server.VirtualCore;
import io.springtide.server.document.Fields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of what happens to a core, in virtual time. */
class NewsTest {
  private static final Resources MACHINE = Resources.of(4000, 8192, 50_000);

  private static final String CLOUD =
      """
      name: cloud
      kind: on-demand
      hosts: {max: 1}
      pricePerHour: 1
      template: {driver: local, resources: {cpus: 4, memoryMiB: 8192}, endpoint: c}
      """;

  private static final String JOB =
      """
      id: %s
      instances: %d
      resources: {cpus: 1, memoryMiB: 64}
      reclaimable: true
      container: {image: a}
      """;

  private final List<Effect> effects = new ArrayList<>();
  private final VirtualCore core = new VirtualCore(CoreConfig.of("executor"), effects::add);
  private final Set<String> conditions = new HashSet<>();
  private ClusterView told = core.view();

  @BeforeEach
  void aPoolAndAGroup() {
    done(core.putPool(yaml("{name: idc, kind: owned, selector: {place: idc}}")));
    done(core.putGroup(yaml("{path: feed, quotas: {idc: {limit: {}}}}")));
    assertThat(names()).containsExactly("pool idc");
  }

  @Test
  void everyConditionThatAHostComesToIsTold() {
    offer();
    assertThat(hosts()).containsExactly("h1 in idc initialising");
    Task warden = launched("warden");
    core.tell(warden, TaskState.RUNNING);
    assertThat(hosts()).containsExactly("h1 in idc ready");
    wish(Host.Wish.CORDON);
    assertThat(hosts()).containsExactly("h1 in idc cordoned");
    wish(Host.Wish.SERVE);
    assertThat(hosts()).containsExactly("h1 in idc ready");

    job("feed.web", 1);
    offer();
    Task web = launched("feed.web");
    core.tell(web, TaskState.RUNNING);
    assertThat(hosts()).as("its condition is the same").isEmpty();
    wish(Host.Wish.DRAIN);
    second();
    assertThat(hosts()).containsExactly("h1 in idc draining");
    core.tell(web, TaskState.KILLED);
    second();
    assertThat(hosts()).containsExactly("h1 in idc maintenance");
    wish(Host.Wish.SERVE);
    assertThat(hosts()).containsExactly("h1 in idc ready");

    master(AgentReport.State.DEACTIVATED);
    assertThat(hosts()).containsExactly("h1 in idc deactivated");
    master(AgentReport.State.DRAINED);
    assertThat(hosts()).containsExactly("h1 in idc drained");
    master(AgentReport.State.ACTIVE);
    assertThat(hosts()).containsExactly("h1 in idc ready");

    core.tell(warden, TaskState.LOST);
    assertThat(hosts()).containsExactly("h1 in idc lost");
    done(core.ask(new Event.RemoveHost("r", "h1", false)));
    assertThat(data("host")).containsExactly("{\"id\":\"h1\",\"removed\":true}");

    done(core.putPool(yaml(CLOUD)));
    done(core.putGroup(yaml("{path: feed, quotas: {cloud: {limit: {}}}}")));
    Effect.OrderHosts order = ordered();
    core.send(
        new Event.HostsOrdered(
            order.token(),
            List.of(
                new HostListing("c1", order.pool(), order.token(), HostListing.State.BOOTING))));
    assertThat(hosts()).containsExactly("c1 in cloud provisioning");

    assertThat(conditions)
        .as("all but that of a host which has left the books")
        .isEqualTo(
            Arrays.stream(HostCondition.values())
                .filter(condition -> condition != HostCondition.RELEASED)
                .map(Fields::word)
                .collect(toSet()));
  }

  @Test
  void whatAWardenWarnsOfIsToldOnceAndToldToBeOver() {
    offer();
    core.tell(launched("warden"), TaskState.RUNNING);
    assertThat(hosts()).containsExactly("h1 in idc ready");
    report(5);
    assertThat(data("host"))
        .containsExactly(
            "{\"id\":\"h1\",\"pool\":\"idc\",\"condition\":\"ready\","
                + "\"warnings\":[\"its clock is 5 s ahead of the framework's\"]}");
    report(5);
    assertThat(data("host")).as("nothing has changed").isEmpty();
    report(0);
    assertThat(data("host"))
        .containsExactly("{\"id\":\"h1\",\"pool\":\"idc\",\"condition\":\"ready\"}");
  }

  @Test
  void aMachineThatCarriesAnOrderOfOursAndIsListedByNobodyIsTold() {
    core.offer("c7", Map.of("node", "c7", "order", "F1-77"), MACHINE);
    assertThat(news()).isEmpty();
    core.pass(Duration.ofMinutes(6));
    second();
    assertThat(nodes("host"))
        .singleElement()
        .satisfies(
            host -> {
              assertThat(host.path("id").asText()).isEqualTo("c7");
              assertThat(host.path("condition").asText()).isEqualTo("unlisted");
              assertThat(host.at("/warnings/0/detail").asText()).contains("F1-77", "by hand");
            });
    master(AgentReport.State.ACTIVE);
    second();
    assertThat(data("host"))
        .as("its agent is gone")
        .containsExactly("{\"id\":\"c7\",\"removed\":true}");
  }

  @Test
  void jobsAndTheirInstancesAreToldAsTheyComeChangeAndGo() {
    job("feed.web", 2);
    assertThat(names())
        .containsExactly("job feed.web", "instance feed.web#0", "instance feed.web#1");
    job("feed.web", 1);
    assertThat(names()).containsExactly("job feed.web", "instance feed.web#1 removed");
    offer();
    core.tell(launched("warden"), TaskState.RUNNING);
    offer();
    assertThat(names()).containsExactly("instance feed.web#0");
    Task web = launched("feed.web");
    core.tell(web, TaskState.RUNNING);
    assertThat(states()).containsExactly("RUNNING");
    second();
    assertThat(news()).as("nothing has changed").isEmpty();
    core.ask(new Event.RemoveJob("r", "feed.web", OptionalLong.empty()));
    assertThat(states()).containsExactly("STOPPING");
    core.tell(web, TaskState.KILLED);
    assertThat(names()).containsExactly("job feed.web removed");
  }

  @Test
  void whoseHealthCheckFailsTooOftenIsTold() {
    done(core.putJob(yaml(JOB.formatted("feed.web", 1) + "health: {command: [probe]}\n")));
    offer();
    core.tell(launched("warden"), TaskState.RUNNING);
    offer();
    Task web = launched("feed.web");
    core.tell(web, TaskState.RUNNING);
    core.tell(web, TaskState.RUNNING, Optional.of(false), false);
    assertThat(data("instance")).singleElement().asString().doesNotContain("CONDEMNED");
    core.tell(web, TaskState.RUNNING, Optional.of(false), true);
    second();
    assertThat(data("instance")).singleElement().asString().contains("CONDEMNED");
    second();
    assertThat(news()).as("nothing has changed").isEmpty();
    core.tell(web, TaskState.RUNNING);
    assertThat(data("instance")).singleElement().asString().doesNotContain("CONDEMNED");
  }

  @Test
  void aPoolIsToldWithWhatItsCloudDidNotDoAndWhenItGoes() {
    done(core.putPool(yaml(CLOUD)));
    done(core.putGroup(yaml("{path: feed, quotas: {cloud: {limit: {}}}}")));
    assertThat(names()).containsExactly("pool cloud");
    core.send(new Event.OrderRefused(ordered().token(), CloudTrouble.Kind.OUT_OF_STOCK, "no more"));
    assertThat(data("pool")).singleElement().asString().contains("out-of-stock", "no more");
    core.ask(new Event.RemoveJob("r", "feed.burst", OptionalLong.empty()));
    done(core.putGroup(yaml("{path: feed, quotas: {idc: {limit: {}}}}")));
    assertThat(names()).containsExactly("job feed.burst removed");
    done(core.ask(new Event.RemovePool("r", "cloud", OptionalLong.empty())));
    assertThat(data("pool")).containsExactly("{\"name\":\"cloud\",\"removed\":true}");
  }

  /** What has changed since the last look. */
  private List<News> news() {
    ClusterView now = core.view();
    List<News> all = News.between(told, now);
    told = now;
    return all;
  }

  private List<JsonNode> nodes(String event) {
    return news().stream()
        .filter(one -> one.event().equals(event))
        .<JsonNode>map(News::data)
        .toList();
  }

  private List<String> data(String event) {
    return nodes(event).stream().map(JsonNode::toString).toList();
  }

  private List<String> states() {
    return nodes("instance").stream().map(one -> one.path("state").asText()).toList();
  }

  /** Of what is no host. */
  private List<String> names() {
    return news().stream()
        .filter(one -> !one.event().equals("host"))
        .map(
            one ->
                one.event()
                    + " "
                    + one.data().path(one.event().equals("pool") ? "name" : "id").asText()
                    + (one.data().path("removed").asBoolean() ? " removed" : ""))
        .toList();
  }

  private List<String> hosts() {
    List<String> all = new ArrayList<>();
    for (JsonNode host : nodes("host")) {
      String condition = host.path("condition").asText();
      conditions.add(condition);
      all.add(host.path("id").asText() + " in " + host.path("pool").asText() + " " + condition);
    }
    return all;
  }

  private void second() {
    core.pass(Duration.ofSeconds(1));
    core.send(new Event.Tick());
  }

  private void offer() {
    core.offer("h1", Map.of("node", "h1", "place", "idc"), MACHINE);
    second();
  }

  /** The last task whose id begins so. */
  private Task launched(String prefix) {
    return effects.stream()
        .filter(Effect.Accept.class::isInstance)
        .flatMap(effect -> ((Effect.Accept) effect).launches().stream())
        .map(TaskLaunch::task)
        .filter(task -> task.id().startsWith(prefix))
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  /** A job waits that only a cloud's hosts can serve. */
  private Effect.OrderHosts ordered() {
    job("feed.burst", 1);
    second();
    told = core.view();
    return effects.stream()
        .filter(Effect.OrderHosts.class::isInstance)
        .map(Effect.OrderHosts.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private void job(String id, int instances) {
    done(core.putJob(yaml(JOB.formatted(id, instances))));
  }

  private void wish(Host.Wish wish) {
    done(core.ask(new Event.SetHostWish("r", "h1", wish)));
  }

  private void master(AgentReport.State state) {
    core.send(
        new Event.AgentsReported(
            List.of(
                new AgentReport(
                    "agent-h1", state, MACHINE, PortRanges.of(31000, 31999), Optional.empty())),
            Set.of(),
            Optional.empty()));
  }

  private void report(int secondsAhead) {
    core.send(
        new Event.HostReported(
            "agent-h1",
            new HostReport(
                core.now(),
                List.of(),
                Optional.of(
                    new HostReport.Machine(
                        4, 8192, 50_000, 40_000, Duration.ofSeconds(secondsAhead))),
                "")));
  }
}
