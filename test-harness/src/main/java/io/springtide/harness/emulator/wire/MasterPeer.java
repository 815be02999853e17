package io.springtide.harness.emulator.wire;

import com.google.protobuf.ByteString;

/** What an agent tells the master. Messages arrive later and in order, or not at all. */
public interface MasterPeer {

  void register(Registration registration, AgentPeer agent);

  void reregister(Registration registration, AgentPeer agent);

  void unregister(String agentId);

  void statusUpdate(String agentId, StatusUpdate update);

  void executorMessage(String agentId, String frameworkId, String executorId, ByteString data);

  /** An executor ended; {@code status} is its raw wait status. */
  void executorExited(String agentId, String frameworkId, String executorId, int status);

  void pong(String agentId);

  /** The connection of the agent broke: its process ended. */
  void disconnected(String agentId);
}
