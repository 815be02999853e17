package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.MachineID;
import org.apache.mesos.v1.agent.Protos.Call.ListFiles;
import org.apache.mesos.v1.agent.Protos.Call.ReadFile;
import org.apache.mesos.v1.maintenance.Protos.ClusterStatus;
import org.apache.mesos.v1.maintenance.Protos.Schedule;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.master.Protos.Call.DeactivateAgent;
import org.apache.mesos.v1.master.Protos.Call.DrainAgent;
import org.apache.mesos.v1.master.Protos.Call.MarkAgentGone;
import org.apache.mesos.v1.master.Protos.Call.ReactivateAgent;
import org.apache.mesos.v1.master.Protos.Call.StartMaintenance;
import org.apache.mesos.v1.master.Protos.Call.StopMaintenance;
import org.apache.mesos.v1.master.Protos.Call.UpdateMaintenanceSchedule;
import org.apache.mesos.v1.master.Protos.Response;

/**
 * The v1 operator API of masters and agents.
 *
 * <p>Each call has a connection of its own and is sent at most once to a master that leads:
 * redirects are followed, and of several masters the next is asked when one cannot be reached. A
 * future fails with {@link OperatorException}.
 *
 * <p>Thread-safe. Futures complete on the client's I/O thread: do not block in what depends on
 * them.
 */
public final class OperatorClient implements AutoCloseable {
  static {
    ProtobufGencode.allow();
  }

  static final String PATH = "/api/v1";
  private static final int MAX_HOPS = 5;

  private final WireOptions options;
  private final MasterDetector detector;
  private final Wire wire;
  private final Timer timer;

  /**
   * @param masters where the masters are, see {@link MasterDetector#of(String)}
   * @throws IllegalArgumentException if {@code masters} does not parse
   */
  public OperatorClient(String masters, WireOptions options) {
    this(MasterDetector.of(masters), options, Timer::on);
  }

  OperatorClient(MasterDetector detector, WireOptions options, Function<EventLoop, Timer> timer) {
    this.detector = requireNonNull(detector, "detector");
    this.options = requireNonNull(options, "options");
    wire = new Wire("mesos-operator-io", options.connectTimeout());
    this.timer = timer.apply(wire.loop());
    detector.start(() -> {});
  }

  /**
   * Any call to the leading master but SUBSCRIBE. Calls that only change answer without content.
   */
  public CompletableFuture<Response> master(Call call) {
    if (call.getType() == Call.Type.SUBSCRIBE) {
      throw new IllegalArgumentException("SUBSCRIBE has an endless answer: use OperatorEvents");
    }
    CompletableFuture<Response> result = new CompletableFuture<>();
    begin(result, () -> ask(call, 0, detector.candidate(0), Response.parser(), result));
    return result;
  }

  /** Any call to an agent that has one whole answer. */
  public CompletableFuture<org.apache.mesos.v1.agent.Protos.Response> agent(
      Endpoint agent, org.apache.mesos.v1.agent.Protos.Call call) {
    CompletableFuture<org.apache.mesos.v1.agent.Protos.Response> result = new CompletableFuture<>();
    begin(
        result,
        () ->
            ask(
                call,
                MAX_HOPS,
                Optional.of(agent),
                org.apache.mesos.v1.agent.Protos.Response.parser(),
                result));
    return result;
  }

  public CompletableFuture<Response.GetAgents> getAgents() {
    return master(call(Call.Type.GET_AGENTS).build()).thenApply(Response::getGetAgents);
  }

  public CompletableFuture<Response.GetTasks> getTasks() {
    return master(call(Call.Type.GET_TASKS).build()).thenApply(Response::getGetTasks);
  }

  public CompletableFuture<Response.GetFrameworks> getFrameworks() {
    return master(call(Call.Type.GET_FRAMEWORKS).build()).thenApply(Response::getGetFrameworks);
  }

  /** Everything the master knows, at once; as large as the cluster. */
  public CompletableFuture<Response.GetState> getState() {
    return master(call(Call.Type.GET_STATE).build()).thenApply(Response::getGetState);
  }

  public CompletableFuture<Boolean> getHealth() {
    return master(call(Call.Type.GET_HEALTH).build())
        .thenApply(response -> response.getGetHealth().getHealthy());
  }

  /**
   * Offers nothing of this agent any more and kills its tasks. It stays so, through restarts, until
   * {@link #reactivateAgent}. An executor without tasks keeps an agent draining for ever.
   *
   * @param maxGracePeriod caps the grace of each kill policy; empty for no cap
   * @param markGone whether to mark the agent gone when it is empty, which cannot be undone
   */
  public CompletableFuture<Void> drainAgent(
      AgentID agent, Optional<Duration> maxGracePeriod, boolean markGone) {
    DrainAgent.Builder drain = DrainAgent.newBuilder().setAgentId(agent).setMarkGone(markGone);
    maxGracePeriod.ifPresent(
        grace ->
            drain.setMaxGracePeriod(
                com.google.protobuf.Duration.newBuilder()
                    .setSeconds(grace.getSeconds())
                    .setNanos(grace.getNano())));
    return change(call(Call.Type.DRAIN_AGENT).setDrainAgent(drain));
  }

  /** Offers nothing of this agent any more; its tasks run on. */
  public CompletableFuture<Void> deactivateAgent(AgentID agent) {
    return change(
        call(Call.Type.DEACTIVATE_AGENT)
            .setDeactivateAgent(DeactivateAgent.newBuilder().setAgentId(agent)));
  }

  /** Undoes {@link #deactivateAgent} and {@link #drainAgent}. */
  public CompletableFuture<Void> reactivateAgent(AgentID agent) {
    return change(
        call(Call.Type.REACTIVATE_AGENT)
            .setReactivateAgent(ReactivateAgent.newBuilder().setAgentId(agent)));
  }

  /** The agent never comes back: its tasks are gone. Cannot be undone. */
  public CompletableFuture<Void> markAgentGone(AgentID agent) {
    return change(
        call(Call.Type.MARK_AGENT_GONE)
            .setMarkAgentGone(MarkAgentGone.newBuilder().setAgentId(agent)));
  }

  public CompletableFuture<Schedule> getMaintenanceSchedule() {
    return master(call(Call.Type.GET_MAINTENANCE_SCHEDULE).build())
        .thenApply(response -> response.getGetMaintenanceSchedule().getSchedule());
  }

  public CompletableFuture<ClusterStatus> getMaintenanceStatus() {
    return master(call(Call.Type.GET_MAINTENANCE_STATUS).build())
        .thenApply(response -> response.getGetMaintenanceStatus().getStatus());
  }

  /** Replaces the whole schedule; machines that are down must stay in it. */
  public CompletableFuture<Void> updateMaintenanceSchedule(Schedule schedule) {
    return change(
        call(Call.Type.UPDATE_MAINTENANCE_SCHEDULE)
            .setUpdateMaintenanceSchedule(
                UpdateMaintenanceSchedule.newBuilder().setSchedule(schedule)));
  }

  /** Takes scheduled machines down: their agents are removed, their tasks lost. */
  public CompletableFuture<Void> startMaintenance(List<MachineID> machines) {
    return change(
        call(Call.Type.START_MAINTENANCE)
            .setStartMaintenance(StartMaintenance.newBuilder().addAllMachines(machines)));
  }

  /** Lets machines that are down come back. */
  public CompletableFuture<Void> stopMaintenance(List<MachineID> machines) {
    return change(
        call(Call.Type.STOP_MAINTENANCE)
            .setStopMaintenance(StopMaintenance.newBuilder().addAllMachines(machines)));
  }

  /** Lists a directory that the agent shows, for example a sandbox. */
  public CompletableFuture<org.apache.mesos.v1.agent.Protos.Response.ListFiles> listFiles(
      Endpoint agent, String path) {
    return agent(
            agent,
            org.apache.mesos.v1.agent.Protos.Call.newBuilder()
                .setType(org.apache.mesos.v1.agent.Protos.Call.Type.LIST_FILES)
                .setListFiles(ListFiles.newBuilder().setPath(path))
                .build())
        .thenApply(org.apache.mesos.v1.agent.Protos.Response::getListFiles);
  }

  /**
   * Reads a part of a file that the agent shows.
   *
   * @param offset in bytes from the start
   * @param length at most so many bytes; the agent may send fewer
   */
  public CompletableFuture<org.apache.mesos.v1.agent.Protos.Response.ReadFile> readFile(
      Endpoint agent, String path, long offset, long length) {
    return agent(
            agent,
            org.apache.mesos.v1.agent.Protos.Call.newBuilder()
                .setType(org.apache.mesos.v1.agent.Protos.Call.Type.READ_FILE)
                .setReadFile(
                    ReadFile.newBuilder().setPath(path).setOffset(offset).setLength(length))
                .build())
        .thenApply(org.apache.mesos.v1.agent.Protos.Response::getReadFile);
  }

  /** Closes all connections and ends all threads; calls under way fail. */
  @Override
  public void close() {
    detector.close();
    wire.close();
  }

  private static Call.Builder call(Call.Type type) {
    return Call.newBuilder().setType(type);
  }

  private CompletableFuture<Void> change(Call.Builder call) {
    return master(call.build()).thenApply(response -> null);
  }

  private void begin(CompletableFuture<?> result, Runnable ask) {
    if (!wire.run(ask)) {
      fail(result, OperatorException.NO_ANSWER, "the client is closed");
    }
  }

  private <R> void ask(
      MessageLite call,
      int hops,
      Optional<Endpoint> endpoint,
      Parser<R> parser,
      CompletableFuture<R> result) {
    if (endpoint.isEmpty()) {
      fail(result, OperatorException.NO_ANSWER, "no leading master is known");
      return;
    }
    Endpoint asked = endpoint.get();
    OneCall.send(
        wire,
        timer,
        asked,
        Request.to(asked, PATH, options.credential(), Optional.empty()),
        call,
        options.answerTimeout(),
        options.maxRecordBytes(),
        new OneCall.Listener() {
          @Override
          public void answered(int status, HttpHeaders headers, byte[] body) {
            Optional<Endpoint> leader =
                status / 100 == 3
                    ? asked.redirectedTo(headers.get("Location", ""))
                    : Optional.empty();
            if (leader.isPresent() && hops < MAX_HOPS) {
              ask(call, hops + 1, leader, parser, result);
            } else if (status == 200 || status == 202) {
              complete(body, parser, result);
            } else {
              fail(
                  result,
                  status,
                  asked + " answered " + status + " " + new String(body, StandardCharsets.UTF_8));
            }
          }

          @Override
          public void failed(boolean sent, String reason) {
            Optional<Endpoint> next =
                sent || hops >= MAX_HOPS ? Optional.empty() : detector.candidate(hops + 1);
            if (next.isPresent() && !next.get().equals(asked)) {
              ask(call, hops + 1, next, parser, result);
            } else {
              fail(result, OperatorException.NO_ANSWER, asked + ": " + reason);
            }
          }
        });
  }

  private static <R> void complete(byte[] body, Parser<R> parser, CompletableFuture<R> result) {
    try {
      result.complete(parser.parseFrom(body));
    } catch (InvalidProtocolBufferException e) {
      fail(result, 200, "the answer does not parse: " + Why.of(e));
    }
  }

  private static void fail(CompletableFuture<?> result, int status, String message) {
    result.completeExceptionally(new OperatorException(status, message));
  }
}
