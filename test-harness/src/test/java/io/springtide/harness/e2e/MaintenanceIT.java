package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.Opened;
import io.springtide.harness.cluster.Api;
import io.springtide.harness.cluster.FrameworkProcess;
import io.springtide.harness.cluster.Leftovers;
import io.springtide.harness.emulator.AgentSpec;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.harness.emulator.Timings;
import io.springtide.mesos.OperatorClient;
import io.springtide.mesos.WireOptions;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.allocator.Protos.InverseOfferStatus;
import org.apache.mesos.v1.maintenance.Protos.ClusterStatus;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.apache.mesos.v1.maintenance.Protos.Window;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The master's operator plans that a machine goes away; a server process makes room for it. */
class MaintenanceIT {
  private static final Duration SOON = Patience.limit();

  @TempDir private Path scratch;
  private final Opened opened = new Opened();
  private FrameworkProcess framework;
  private OperatorClient operator;
  private Api api;

  @BeforeEach
  void start() throws Exception {
    MesosEmulator mesos =
        opened.add(
            MesosEmulator.start(
                EmulatorConfig.in(scratch.resolve("mesos"))
                    .withTimings(
                        Timings.ofMesos().withAllocationInterval(Duration.ofMillis(200)))));
    for (String host : List.of("h1", "h2")) {
      mesos.addAgent(
          AgentSpec.of(
                  host,
                  "cpus:4;mem:4096;disk:10000;ports:[31000-31099]",
                  Map.of("node", host, "place", "idc"))
              .withHostname(host + ".example"));
      mesos.awaitRegistered(host, SOON);
    }
    String master = mesos.masterUri().getAuthority();
    operator = opened.add(new OperatorClient(master, WireOptions.defaults()));
    framework = opened.add(server(master));
    framework.start();
    api = framework.api();
    ok(api.put("/v1/pools/idc", "{kind: owned, selector: {place: idc}}"));
    ok(
        api.put(
            "/v1/groups/feed",
            "{policy: {runtimes: [process]},"
                + " quotas: {idc: {guarantee: {cpus: 2, memoryMiB: 512}}}}"));
    ok(
        api.put(
            "/v1/jobs/feed.kept",
            "{instances: 2, resources: {cpus: 0.1, memoryMiB: 32}, runtime: process,"
                + " container: {command: [sleep, \"3600\"], network: host},"
                + " stop: {drain: 0s, grace: 1s}}"));
    Eventually.within(SOON, () -> assertThat(running()).hasSize(2));
  }

  @AfterEach
  void end() throws Exception {
    opened.close();
    Leftovers.below(scratch).kill();
  }

  @Test
  void aScheduledMachineIsEmptiedAgreedToAndShown() throws Exception {
    String leaving = running().get(0).path("host").asText();
    String stays = leaving.equals("h1") ? "h2" : "h1";
    Instant from =
        Instant.ofEpochSecond(Instant.now().plus(Duration.ofMinutes(30)).getEpochSecond());
    schedule(window(leaving, from));

    Eventually.within(
        SOON,
        () -> {
          JsonNode host = api.get("/v1/hosts/" + leaving).body();
          assertThat(host.path("condition").asText()).as("%s", host).isEqualTo("maintenance");
          assertThat(host.path("by").asText()).isEqualTo("mesos");
          assertThat(host.path("instances").asInt()).isZero();
          assertThat(host.at("/maintenance/start").asText()).isEqualTo(from.toString());
        });
    Eventually.within(
        SOON,
        () ->
            assertThat(running())
                .hasSize(2)
                .allSatisfy(one -> assertThat(one.path("host").asText()).isEqualTo(stays)));
    Eventually.within(
        SOON,
        () ->
            assertThat(answers())
                .as("what the operator sees of us")
                .containsExactly(InverseOfferStatus.Status.ACCEPT));
    String away = "from " + from + " to " + from.plus(Duration.ofHours(1));
    assertThat(Tide.run(framework, "host", "list").lines())
        .filteredOn(line -> line.startsWith(leaving))
        .singleElement()
        .asString()
        .contains("maintenance by mesos", away);
    assertThat(Tide.run(framework, "host", "get", leaving)).contains("its machine is away " + away);

    schedule(Schedule.getDefaultInstance());
    Eventually.within(
        SOON,
        () -> {
          JsonNode host = api.get("/v1/hosts/" + leaving).body();
          assertThat(host.path("condition").asText()).as("%s", host).isEqualTo("ready");
          assertThat(host.has("maintenance")).isFalse();
        });
  }

  private void schedule(Schedule schedule) throws Exception {
    operator.updateMaintenanceSchedule(schedule).get(Patience.seconds(), TimeUnit.SECONDS);
  }

  /** An hour. */
  private static Schedule window(String host, Instant from) {
    Schedule.Builder schedule = Schedule.newBuilder();
    Window.Builder window = schedule.addWindowsBuilder();
    window.addMachineIdsBuilder().setHostname(host + ".example").setIp("127.0.0.1");
    window
        .getUnavailabilityBuilder()
        .getStartBuilder()
        .setNanoseconds(TimeUnit.SECONDS.toNanos(from.getEpochSecond()));
    window
        .getUnavailabilityBuilder()
        .getDurationBuilder()
        .setNanoseconds(TimeUnit.HOURS.toNanos(1));
    return schedule.build();
  }

  private List<InverseOfferStatus.Status> answers() throws Exception {
    ClusterStatus status =
        operator.getMaintenanceStatus().get(Patience.seconds(), TimeUnit.SECONDS);
    return status.getDrainingMachinesList().stream()
        .flatMap(machine -> machine.getStatusesList().stream())
        .map(InverseOfferStatus::getStatus)
        .toList();
  }

  private List<JsonNode> running() throws IOException, InterruptedException {
    List<JsonNode> all = new java.util.ArrayList<>();
    api.get("/v1/instances?state=running").body().path("items").forEach(all::add);
    return all;
  }

  private FrameworkProcess server(String master) throws IOException {
    Path data = scratch.resolve("data");
    String config =
        "{mesos: {master: \"%s\"}, dataDir: %s, http: {address: \"127.0.0.1:0\"}}"
            .formatted(master, data);
    return new FrameworkProcess(
        Files.writeString(scratch.resolve("server.yaml"), config),
        data,
        scratch.resolve("server.log"),
        Path.of(System.getProperty("springtide.executor.jar")).toAbsolutePath(),
        SOON);
  }

  private static void ok(Api.Answer answer) {
    assertThat(answer.ok()).as("%s", answer.body()).isTrue();
  }
}
