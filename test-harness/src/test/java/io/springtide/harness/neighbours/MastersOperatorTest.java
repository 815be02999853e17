package io.springtide.harness.neighbours;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.emulator.AgentSpec;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.SimulatedMesos;
import io.springtide.harness.emulator.script.ExecutorScript;
import io.springtide.harness.emulator.script.ScriptedExecutor;
import io.springtide.partition.model.HostCondition;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.view.ClusterView.HostView;
import io.springtide.scheduler.view.ClusterView.InstanceView;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.MachineID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.allocator.Protos.InverseOfferStatus;
import org.apache.mesos.v1.maintenance.Protos.Window;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Response;
import org.apache.mesos.v1.master.Protos.Response.GetAgents;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody else runs the master, and takes hosts out of service there. */
class MastersOperatorTest {
  private SimulatedMesos mesos;
  private VirtualSpringtide springtide;

  /** As our executor does: it ends with its warden, once nothing is left to do. */
  private static final class Ours implements ExecutorScript {
    private final ExecutorScript obedient =
        ExecutorScript.obedient(Duration.ofMillis(500), Duration.ofSeconds(3));

    @Override
    public void launched(ScriptedExecutor executor, TaskInfo task) {
      obedient.launched(executor, task);
    }

    @Override
    public void kill(ScriptedExecutor executor, String taskId) {
      obedient.kill(executor, taskId);
      executor.after(
          Duration.ofSeconds(4),
          () -> {
            if (executor.tasks().isEmpty()) {
              executor.exit(0);
            }
          });
    }
  }

  @BeforeEach
  void start() {
    mesos =
        new SimulatedMesos(
            EmulatorConfig.in(Path.of("simulated")),
            Instant.parse("2026-11-20T20:00:00Z"),
            1,
            new Ours(),
            Duration.ofSeconds(2));
    for (int i = 0; i < 3; i++) {
      mesos.addAgent(
          AgentSpec.of(
                  "a" + i,
                  "cpus:4;mem:4096;disk:10000;ports:[31000-31099]",
                  Map.of("node", "h" + i))
              .withHostname("h" + i + ".example"));
    }
    mesos.advance(Duration.ofSeconds(2));
    springtide = new VirtualSpringtide(mesos);
    springtide.pool("idc", "{\"kind\": \"owned\"}");
    springtide.group("feed", "{\"quotas\": {\"idc\": {\"limit\": {\"cpus\": 1000}}}}");
    mesos.advance(Duration.ofSeconds(10));
    springtide.job(
        "feed.web",
        "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 256}, \"reclaimable\": true,"
            + " \"instances\": 3, \"container\": {\"image\": \"feed/api:1\"},"
            + " \"constraints\": [{\"maxPer\": \"host\", \"count\": 2}]}");
    mesos.advance(Duration.ofSeconds(10));
    assertThat(running()).hasSize(3);
  }

  private GetAgents.Agent agent(String host) {
    Call ask = Call.newBuilder().setType(Call.Type.GET_AGENTS).build();
    return ((Response) mesos.operator(ask).message())
        .getGetAgents().getAgentsList().stream()
            .filter(a -> a.getAgentInfo().getAttributes(0).getText().getValue().equals(host))
            .findFirst()
            .orElseThrow();
  }

  private void operator(Call.Builder call) {
    mesos.loop().execute(() -> assertThat(mesos.operator(call.build()).status()).isEqualTo(200));
  }

  private HostView host(String id) {
    return springtide.view().hosts().get(id);
  }

  private List<Instance> running() {
    return springtide.view().jobs().get("feed.web").instances().stream()
        .map(InstanceView::instance)
        .filter(instance -> instance.state() == InstanceState.RUNNING)
        .toList();
  }

  private String busyHost() {
    return running().get(0).task().orElseThrow().host();
  }

  @Test
  void aDrainedHostSaysThatMesosDrainedItAndServesAgainWhenReactivated() {
    String busy = busyHost();
    Call.Builder drain = Call.newBuilder().setType(Call.Type.DRAIN_AGENT);
    drain.getDrainAgentBuilder().setAgentId(agent(busy).getAgentInfo().getId());
    operator(drain);
    mesos.advance(Duration.ofSeconds(30));
    assertThat(host(busy).host().condition()).isEqualTo(HostCondition.DRAINED);
    assertThat(host(busy).by()).isEqualTo("mesos");
    assertThat(running()).hasSize(3);
    assertThat(running()).allMatch(i -> !i.task().orElseThrow().host().equals(busy));

    Call.Builder reactivate = Call.newBuilder().setType(Call.Type.REACTIVATE_AGENT);
    reactivate.getReactivateAgentBuilder().setAgentId(agent(busy).getAgentInfo().getId());
    operator(reactivate);
    mesos.advance(Duration.ofSeconds(60));
    assertThat(host(busy).host().condition()).isEqualTo(HostCondition.READY);
    assertThat(host(busy).by()).isEmpty();
  }

  @Test
  void aDeactivatedHostKeepsItsWorkAndTakesNone() {
    String busy = busyHost();
    Call.Builder deactivate = Call.newBuilder().setType(Call.Type.DEACTIVATE_AGENT);
    deactivate.getDeactivateAgentBuilder().setAgentId(agent(busy).getAgentInfo().getId());
    operator(deactivate);
    mesos.advance(Duration.ofSeconds(30));
    assertThat(host(busy).host().condition()).isEqualTo(HostCondition.DEACTIVATED);
    assertThat(host(busy).by()).isEqualTo("mesos");
    assertThat(running()).anyMatch(i -> i.task().orElseThrow().host().equals(busy));
  }

  @Test
  void aMaintenanceScheduleEmptiesItsHostWhichServesAgainAfterwards() {
    String busy = busyHost();
    long start = mesos.loop().now().plus(Duration.ofMinutes(30)).getEpochSecond();
    MachineID machine =
        MachineID.newBuilder()
            .setHostname(agent(busy).getAgentInfo().getHostname())
            .setIp("127.0.0.1")
            .build();
    Call.Builder update = Call.newBuilder().setType(Call.Type.UPDATE_MAINTENANCE_SCHEDULE);
    Window.Builder window =
        update.getUpdateMaintenanceScheduleBuilder().getScheduleBuilder().addWindowsBuilder();
    window.addMachineIds(machine);
    window.getUnavailabilityBuilder().getStartBuilder().setNanoseconds(start * 1_000_000_000L);
    window.getUnavailabilityBuilder().getDurationBuilder().setNanoseconds(3_600_000_000_000L);
    operator(update);
    mesos.advance(Duration.ofMinutes(2));
    assertThat(host(busy).host().condition()).isEqualTo(HostCondition.MAINTENANCE);
    assertThat(host(busy).by()).isEqualTo("mesos");
    assertThat(running()).hasSize(3);
    assertThat(running()).allMatch(i -> !i.task().orElseThrow().host().equals(busy));
    assertThat(agreed()).as("the operator sees that nothing of ours is left").isTrue();

    Call.Builder down = Call.newBuilder().setType(Call.Type.START_MAINTENANCE);
    down.getStartMaintenanceBuilder().addMachines(machine);
    operator(down);
    mesos.advance(Duration.ofMinutes(40));
    assertThat(host(busy).host().condition()).isEqualTo(HostCondition.MAINTENANCE);
    assertThat(running()).hasSize(3);

    Call.Builder up = Call.newBuilder().setType(Call.Type.STOP_MAINTENANCE);
    up.getStopMaintenanceBuilder().addMachines(machine);
    operator(up);
    mesos.loop().execute(() -> mesos.restartAgent(busy.replace('h', 'a')));
    mesos.advance(Duration.ofMinutes(2));
    assertThat(host(busy).host().condition()).isEqualTo(HostCondition.READY);
  }

  private boolean agreed() {
    Call ask = Call.newBuilder().setType(Call.Type.GET_MAINTENANCE_STATUS).build();
    return ((Response) mesos.operator(ask).message())
        .getGetMaintenanceStatus().getStatus().getDrainingMachines(0).getStatusesList().stream()
            .allMatch(status -> status.getStatus() == InverseOfferStatus.Status.ACCEPT);
  }
}
