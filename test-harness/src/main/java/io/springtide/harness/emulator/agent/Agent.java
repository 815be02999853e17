package io.springtide.harness.emulator.agent;

import com.google.protobuf.ByteString;
import io.springtide.harness.emulator.AgentView;
import io.springtide.harness.emulator.time.Loop;
import io.springtide.harness.emulator.wire.AgentPeer;
import io.springtide.harness.emulator.wire.EventStream;
import io.springtide.harness.emulator.wire.Ids;
import io.springtide.harness.emulator.wire.MasterPeer;
import io.springtide.harness.emulator.wire.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.DrainConfig;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/**
 * One life of an agent process without its HTTP: from its start to its end. What is to survive is
 * in its {@link AgentDisk}. Everything happens on the loop.
 */
public final class Agent implements AgentPeer {

  /** From the start of the process to the end of reading its work directory. */
  private static final Duration BOOT = Duration.ofMillis(120);

  /** Where the process is. */
  enum Phase {
    BOOTING,
    RECOVERING,
    REGISTERING,
    REGISTERED,
    LEAVING,
    ENDED
  }

  final AgentConfig config;
  final AgentDisk disk;
  final Loop loop;
  final Ids ids;
  final Executors executors;
  final Instant started;
  private final TaskDelivery delivery;
  private final ExecutorCalls calls;
  Phase phase = Phase.BOOTING;
  DrainConfig draining;
  final MasterLink master = new MasterLink(this);
  private final Runnable ended;

  /**
   * @param ended called once when the process ends by itself
   */
  public Agent(
      AgentConfig config,
      AgentDisk disk,
      Loop loop,
      Ids ids,
      ExecutorLauncher launcher,
      Runnable ended) {
    this.config = config;
    this.disk = disk;
    this.loop = loop;
    this.ids = ids;
    this.started = loop.now();
    this.ended = ended;
    this.executors = new Executors(this, launcher);
    this.delivery = new TaskDelivery(this, executors);
    this.calls = new ExecutorCalls(this, executors, delivery);
  }

  /** Starts the process: it recovers, then registers once {@link #masterDetected} was called. */
  public void start() {
    disk.updates.attach(loop, config.timings(), master::forward);
    loop.after(
        BOOT,
        () -> {
          if (phase != Phase.BOOTING) {
            return;
          }
          phase = Phase.RECOVERING;
          Duration wait =
              executors.recover()
                  ? config.timings().executorReregistrationTimeout()
                  : Duration.ZERO;
          loop.after(
              wait,
              () -> {
                if (phase == Phase.RECOVERING) {
                  executors.recovered();
                  phase = Phase.REGISTERING;
                  master.registerSoon();
                }
              });
        });
  }

  /**
   * A leading master is there to register with; null when there is none.
   *
   * @param selfOrNull this agent as the master shall reach it
   */
  public void masterDetected(MasterPeer peerOrNull, AgentPeer selfOrNull) {
    master.detected(peerOrNull, selfOrNull);
    if (phase == Phase.REGISTERED) {
      phase = Phase.REGISTERING;
      disk.updates.pause();
    }
    if (phase == Phase.REGISTERING) {
      master.registerSoon();
    }
  }

  /** What it is, with its id once it has one. */
  AgentInfo info() {
    return disk.agentId.isEmpty()
        ? config.info()
        : config.info().toBuilder().setId(AgentID.newBuilder().setValue(disk.agentId)).build();
  }

  /** The process is gone, as by {@code kill -9}; executors live on. */
  public void kill() {
    phase = Phase.ENDED;
    master.stopRegistering();
    disk.updates.pause();
    executors.abandon();
  }

  /** SIGUSR1: unregister, shut the executors down, end. */
  public void leave() {
    master.unregister();
    shutdown("SIGUSR1");
  }

  /** An executor that ended may have been the last thing to wait for. */
  void executorsChanged() {
    if (disk.runs.isEmpty()) {
      draining = null;
      if (phase == Phase.LEAVING) {
        end();
      }
    }
  }

  private void end() {
    phase = Phase.ENDED;
    executors.abandon();
    ended.run();
  }

  @Override
  public void registered(String agentId) {
    if (phase == Phase.REGISTERING) {
      disk.agentId = agentId;
      up();
    }
  }

  @Override
  public void reregistered(String agentId) {
    if (phase == Phase.REGISTERING) {
      up();
    }
  }

  private void up() {
    phase = Phase.REGISTERED;
    master.stopRegistering();
    disk.updates.resume();
  }

  @Override
  public void run(
      FrameworkInfo framework, ExecutorInfo executor, List<TaskInfo> tasks, boolean group) {
    if (alive()) {
      delivery.run(framework, executor, tasks, group);
    }
  }

  @Override
  public void kill(String frameworkId, String taskId, KillPolicy policyOrNull) {
    if (alive()) {
      delivery.killTask(frameworkId, taskId, policyOrNull);
    }
  }

  @Override
  public void shutdownExecutor(String frameworkId, String executorId) {
    if (alive()) {
      executors.shutdown(frameworkId, executorId);
    }
  }

  @Override
  public void shutdownFramework(String frameworkId) {
    if (alive()) {
      executors.shutdownFramework(frameworkId);
    }
  }

  @Override
  public void message(String frameworkId, String executorId, ByteString data) {
    if (alive()) {
      delivery.message(frameworkId, executorId, data);
    }
  }

  @Override
  public void acknowledge(String frameworkId, String taskId, ByteString uuid) {
    if (alive()) {
      delivery.acknowledged(frameworkId, taskId, uuid);
    }
  }

  @Override
  public void updateFramework(FrameworkInfo framework) {
    if (alive()) {
      String id = framework.getId().getValue();
      if (disk.frameworks.containsKey(id)) {
        disk.frameworks.put(id, framework);
      }
      disk.updates.resume();
    }
  }

  @Override
  public void reconcile(String frameworkId, String taskId) {
    if (alive()) {
      delivery.reconcile(frameworkId, taskId);
    }
  }

  @Override
  public void drain(DrainConfig drainConfig) {
    if (alive()) {
      draining = drainConfig;
      delivery.drain(drainConfig);
      executorsChanged();
    }
  }

  @Override
  public void ping(boolean connected) {
    if (alive()) {
      master.pong();
    }
  }

  @Override
  public void disconnected() {
    if (phase == Phase.REGISTERED) {
      phase = Phase.REGISTERING;
      disk.updates.pause();
      master.registerSoon();
    }
  }

  @Override
  public void shutdown(String reason) {
    if (phase == Phase.ENDED) {
      return;
    }
    phase = Phase.LEAVING;
    disk.updates.pause();
    executors.shutdownAll();
    if (disk.runs.isEmpty()) {
      loop.execute(this::end);
    }
  }

  private boolean alive() {
    return phase != Phase.ENDED && phase != Phase.LEAVING;
  }

  /** SUBSCRIBE of an executor: null, and events on the stream, or a refusal. */
  public Reply subscribe(Call call, EventStream<Event> stream) {
    return calls.subscribe(call, stream);
  }

  /**
   * Whether a call is about another executor than the one whose token came with it.
   *
   * @return the refusal, or null
   */
  public Reply foreign(Call call, ExecutorTokens.Found.Bearer bearer) {
    return calls.foreign(call, bearer);
  }

  /** The connection of an executor's subscription broke. */
  public void executorGone(EventStream<Event> stream) {
    executors.disconnected(stream);
  }

  /** Any other call of an executor, already validated by itself. */
  public Reply call(Call call) {
    return calls.call(call);
  }

  /** Whether calls can be taken at all yet. */
  public boolean booted() {
    return phase != Phase.BOOTING;
  }

  /** The live executors, for tests. */
  public List<AgentView.ExecutorView> executorViews() {
    return disk.executorViews();
  }

  public AgentConfig config() {
    return config;
  }

  public AgentDisk disk() {
    return disk;
  }

  public boolean isRegistered() {
    return phase == Phase.REGISTERED;
  }

  public boolean isEnded() {
    return phase == Phase.ENDED;
  }
}
