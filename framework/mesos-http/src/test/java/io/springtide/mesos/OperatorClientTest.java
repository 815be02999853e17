package io.springtide.mesos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.netty.buffer.Unpooled;
import io.springtide.mesos.ScriptedServer.Exchange;
import io.springtide.testing.Patience;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.MachineID;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperatorClientTest {
  private static final AgentID AGENT = AgentID.newBuilder().setValue("S0").build();

  private final ScriptedServer master = new ScriptedServer();
  private final ScriptedServer other = new ScriptedServer();
  private final VirtualTimer time = new VirtualTimer();
  private final OperatorClient client =
      new OperatorClient(
          new FixedMasters(List.of(master.endpoint(), other.endpoint())),
          WireOptions.defaults().withCredential(Credential.basic("op", "secret")),
          time::on);

  @AfterEach
  void close() {
    client.close();
    master.close();
    other.close();
  }

  @Test
  void readsWhatTheMasterKnows() throws Exception {
    CompletableFuture<Response.GetAgents> agents = client.getAgents();
    Exchange asked = master.take();
    assertThat(asked.path).isEqualTo("/api/v1");
    assertThat(asked.headers.get("Authorization")).startsWith("Basic ");
    assertThat(asked.read(Call.parser()).getType()).isEqualTo(Call.Type.GET_AGENTS);
    Response.GetAgents content =
        Response.GetAgents.newBuilder()
            .addRecoveredAgents(org.apache.mesos.v1.Protos.AgentInfo.newBuilder().setHostname("h1"))
            .build();
    answer(
        asked,
        Response.newBuilder().setType(Response.Type.GET_AGENTS).setGetAgents(content).build());
    assertThat(agents.get(Patience.seconds(), TimeUnit.SECONDS)).isEqualTo(content);
    assertThat(asked.closedByClient()).isTrue();
  }

  @Test
  void changesWhatTheMasterDoes() throws Exception {
    CompletableFuture<Void> drained =
        client.drainAgent(AGENT, Optional.of(Duration.ofSeconds(30)), true);
    Call.DrainAgent drain = takeCall(Call.Type.DRAIN_AGENT).getDrainAgent();
    assertThat(drain.getAgentId()).isEqualTo(AGENT);
    assertThat(drain.getMaxGracePeriod().getSeconds()).isEqualTo(30);
    assertThat(drain.getMarkGone()).isTrue();
    assertThat(drained.get(Patience.seconds(), TimeUnit.SECONDS)).isNull();

    var unused = client.deactivateAgent(AGENT);
    assertThat(takeCall(Call.Type.DEACTIVATE_AGENT).getDeactivateAgent().getAgentId())
        .isEqualTo(AGENT);
    unused = client.reactivateAgent(AGENT);
    assertThat(takeCall(Call.Type.REACTIVATE_AGENT).getReactivateAgent().getAgentId())
        .isEqualTo(AGENT);
    unused = client.markAgentGone(AGENT);
    assertThat(takeCall(Call.Type.MARK_AGENT_GONE).getMarkAgentGone().getAgentId())
        .isEqualTo(AGENT);
    List<MachineID> machines = List.of(MachineID.newBuilder().setHostname("h1").build());
    unused = client.startMaintenance(machines);
    assertThat(takeCall(Call.Type.START_MAINTENANCE).getStartMaintenance().getMachinesList())
        .isEqualTo(machines);
    unused = client.stopMaintenance(machines);
    assertThat(takeCall(Call.Type.STOP_MAINTENANCE).getStopMaintenance().getMachinesList())
        .isEqualTo(machines);
    unused = client.updateMaintenanceSchedule(Schedule.getDefaultInstance());
    assertThat(takeCall(Call.Type.UPDATE_MAINTENANCE_SCHEDULE).hasUpdateMaintenanceSchedule())
        .isTrue();
  }

  @Test
  void followsTheRedirectToTheLeader() throws Exception {
    CompletableFuture<Boolean> healthy = client.getHealth();
    master
        .take()
        .answer(307, "", "Location", "//" + other.endpoint().authority() + "/master/api/v1");
    Exchange asked = other.take();
    assertThat(asked.path).isEqualTo("/api/v1");
    answer(
        asked,
        Response.newBuilder()
            .setGetHealth(Response.GetHealth.newBuilder().setHealthy(true))
            .build());
    assertThat(healthy.get(Patience.seconds(), TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aCircleOfRedirectsEnds() throws Exception {
    CompletableFuture<Boolean> healthy = client.getHealth();
    for (int i = 0; i < 6; i++) {
      ScriptedServer asked = i % 2 == 0 ? master : other;
      ScriptedServer next = i % 2 == 0 ? other : master;
      asked.take().answer(307, "", "Location", "//" + next.endpoint().authority() + "/x");
    }
    assertFails(healthy, 307);
  }

  @Test
  void asksTheNextMasterWhenOneCannotBeReached() throws Exception {
    master.die();
    CompletableFuture<Void> gone = client.markAgentGone(AGENT);
    other.take().answer(200, "");
    assertThat(gone.get(Patience.seconds(), TimeUnit.SECONDS)).isNull();
  }

  @Test
  void aCallThatMayHaveArrivedIsNotSentTwice() throws Exception {
    CompletableFuture<Void> gone = client.markAgentGone(AGENT);
    master.take().hangUp();
    assertFails(gone, OperatorException.NO_ANSWER);
    assertThat(other.hasRequest()).isFalse();
  }

  @Test
  void saysWhatTheMasterSaid() throws Exception {
    CompletableFuture<Void> started = client.startMaintenance(List.of());
    master.take().answer(400, "List of machines is empty");
    assertThatThrownBy(() -> started.get(Patience.seconds(), TimeUnit.SECONDS))
        .hasMessageContaining("answered 400 List of machines is empty");
    assertFails(started, 400);
  }

  @Test
  void aCallThatIsNotAnsweredFails() throws Exception {
    CompletableFuture<Boolean> healthy = client.getHealth();
    master.take();
    time.advance(Duration.ofSeconds(30));
    assertFails(healthy, OperatorException.NO_ANSWER);
  }

  @Test
  void readsAnAgentsFiles() throws Exception {
    var read = client.readFile(other.endpoint(), "/sandbox/stdout", 10, 100);
    Exchange asked = other.take();
    var call = asked.read(org.apache.mesos.v1.agent.Protos.Call.parser());
    assertThat(call.getReadFile().getPath()).isEqualTo("/sandbox/stdout");
    assertThat(call.getReadFile().getOffset()).isEqualTo(10);
    assertThat(call.getReadFile().getLength()).isEqualTo(100);
    answer(
        asked,
        org.apache.mesos.v1.agent.Protos.Response.newBuilder()
            .setReadFile(
                org.apache.mesos.v1.agent.Protos.Response.ReadFile.newBuilder()
                    .setSize(15)
                    .setData(ByteString.copyFromUtf8("hello")))
            .build());
    assertThat(read.get(Patience.seconds(), TimeUnit.SECONDS).getData().toStringUtf8())
        .isEqualTo("hello");

    var list = client.listFiles(other.endpoint(), "/sandbox");
    asked = other.take();
    call = asked.read(org.apache.mesos.v1.agent.Protos.Call.parser());
    assertThat(call.getListFiles().getPath()).isEqualTo("/sandbox");
    asked.answer(404, "");
    assertFails(list, 404);
  }

  @Test
  void aClosedClientSaysSo() {
    client.close();
    assertFails(client.getHealth(), OperatorException.NO_ANSWER);
  }

  private Call takeCall(Call.Type type) throws Exception {
    Exchange exchange = master.take();
    Call call = exchange.read(Call.parser());
    assertThat(call.getType()).isEqualTo(type);
    exchange.answer(200, "");
    return call;
  }

  private static void answer(Exchange exchange, MessageLite response) {
    exchange.answer(200, Unpooled.wrappedBuffer(response.toByteArray()));
  }

  private static void assertFails(CompletableFuture<?> future, int status) {
    assertThatThrownBy(() -> future.get(Patience.seconds(), TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            OperatorException.class, e -> assertThat(e.status()).isEqualTo(status));
  }
}
