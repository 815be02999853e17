package io.springtide.harness.emulator.wire;

import com.google.protobuf.ByteString;
import java.util.List;
import org.apache.mesos.v1.Protos.DrainConfig;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.TaskInfo;

/** What the master tells an agent. Messages arrive later and in order, or not at all. */
public interface AgentPeer {

  void registered(String agentId);

  void reregistered(String agentId);

  /** Starts tasks in {@code executor}; {@code group} when they came as a LAUNCH_GROUP. */
  void run(FrameworkInfo framework, ExecutorInfo executor, List<TaskInfo> tasks, boolean group);

  void kill(String frameworkId, String taskId, KillPolicy policyOrNull);

  void shutdownExecutor(String frameworkId, String executorId);

  void shutdownFramework(String frameworkId);

  void message(String frameworkId, String executorId, ByteString data);

  void acknowledge(String frameworkId, String taskId, ByteString uuid);

  /** The framework (re)subscribed: pending updates are worth sending again. */
  void updateFramework(FrameworkInfo framework);

  /** The master has tasks that the agent did not name when it registered again. */
  void reconcile(String frameworkId, String taskId);

  void drain(DrainConfig config);

  void ping(boolean connected);

  /** The master has closed the connection: it takes the agent for unreachable. */
  void disconnected();

  void shutdown(String reason);
}
