package io.springtide.harness.emulator;

import io.springtide.harness.emulator.master.Master;
import io.springtide.harness.emulator.master.OperatorCalls;
import io.springtide.harness.emulator.master.Registry;
import io.springtide.harness.emulator.script.ExecutorScript;
import io.springtide.harness.emulator.script.ScriptedExecutors;
import io.springtide.harness.emulator.time.VirtualLoop;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Ids;
import io.springtide.harness.emulator.wire.Reply;
import io.springtide.mesos.ProtobufGencode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/**
 * The same master and agents without sockets, processes, threads or the wall clock: scripted
 * executors on a virtual clock. Equal seeds give equal runs. Nothing happens but by {@link
 * #advance} and what is called here; one thread at a time.
 */
public final class SimulatedMesos {

  static {
    ProtobufGencode.allow();
  }

  private static final int FIRST_PORT = 20_000;

  private final EmulatorConfig config;
  private final VirtualLoop loop;
  private final Ids ids;
  private final ScriptedExecutors executors;
  private final Cluster cluster;
  private final Registry registry = new Registry();
  private Master master;
  private int nextPort = FIRST_PORT;

  /**
   * @param config its work directory is a name only, nothing is written
   * @param executorStart from the launch of an executor to its subscription
   */
  public SimulatedMesos(
      EmulatorConfig config,
      Instant start,
      long seed,
      ExecutorScript script,
      Duration executorStart) {
    this.config = config;
    this.loop = new VirtualLoop(start);
    this.ids = new Ids(new Random(seed));
    this.executors = new ScriptedExecutors(loop, ids, script, executorStart);
    this.cluster = new Cluster(loop, ids, executors);
    executors.agents(cluster::agent);
    startMaster();
  }

  /** The clock; what is due runs when it moves. */
  public VirtualLoop loop() {
    return loop;
  }

  public ScriptedExecutors executors() {
    return executors;
  }

  /** Moves the clock forward. */
  public void advance(Duration time) {
    loop.advance(time);
  }

  /** Starts an agent; it registers within the next virtual second. */
  public void addAgent(AgentSpec spec) {
    Infos.check(spec);
    Path workDir = config.workDir().resolve(spec.name());
    cluster.addAgent(Infos.agent(config, spec, nextPort++, workDir), () -> {});
  }

  /** As {@code kill -9} of the agent; its executors live on. */
  public void killAgent(String agent) {
    cluster.killAgent(agent);
    executors.agentGone(agent);
  }

  /** Starts an agent that is down, on its old work directory. */
  public void restartAgent(String agent) {
    cluster.restartAgent(agent);
  }

  /** As a host that is switched off: the agent and its executors are gone. */
  public void switchOff(String agent) {
    cluster.disk(agent).executorViews().forEach(executor -> executors.kill(executor.containerId()));
    cluster.killAgent(agent);
  }

  /** SIGUSR1: the agent says goodbye. */
  public void leaveAgent(String agent) {
    cluster.leaveAgent(agent);
  }

  /** The network between an agent and the master is cut, until {@link #heal}. */
  public void partition(String agent) {
    cluster.pauseAgent(agent);
  }

  /** The network is whole again. */
  public void heal(String agent) {
    cluster.resumeAgent(agent);
  }

  /** The master is gone; the caller drops the streams that it had. */
  public void killMaster() {
    if (master != null) {
      master.stop();
      master = null;
      cluster.lead(null);
    }
  }

  /** Another master leads, with the registry of the last. */
  public void startMaster() {
    killMaster();
    int port = 5050;
    master = new Master(loop, ids, Infos.master(config, ids.uuid().toString(), port), registry);
    master.start();
    cluster.lead(master);
  }

  /**
   * SUBSCRIBE of a scheduler; SUBSCRIBED, or ERROR and the end, follows on the stream.
   *
   * @return the stream's id, which the calls carry
   * @throws IllegalStateException when no master leads
   */
  public String subscribe(Call.Subscribe subscribe, EventStream<Event> stream) {
    String streamId = ids.uuid().toString();
    Master leading = leading();
    loop.execute(() -> leading.subscribe(subscribe, stream, streamId, ""));
    return streamId;
  }

  /** Another call of a scheduler, with the answer that HTTP would give. */
  public Reply call(Call call, String streamId) {
    return leading().call(call, streamId, "");
  }

  /** A call of an operator, with the answer that HTTP would give. */
  public Reply operator(org.apache.mesos.v1.master.Protos.Call call) {
    return new OperatorCalls(leading()).call(call);
  }

  /** A scheduler's connection breaks. */
  public void disconnect(EventStream<Event> stream) {
    leading().schedulerGone(stream);
  }

  private Master leading() {
    if (master == null) {
      throw new IllegalStateException("no master leads");
    }
    return master;
  }

  public List<FrameworkView> frameworks() {
    return leading().frameworks();
  }

  public List<TaskView> tasks() {
    return leading().tasks();
  }

  /** Whether an agent is registered and connected. */
  public boolean isRegistered(String agent) {
    return leading().registered(cluster.disk(agent).agentId());
  }
}
