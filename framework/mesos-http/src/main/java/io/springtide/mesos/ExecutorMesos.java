package io.springtide.mesos;

import org.apache.mesos.v1.executor.Protos.Call;

/**
 * What an executor may ask of its agent; the executor's counterpart of {@link
 * org.apache.mesos.v1.scheduler.Mesos}.
 */
public interface ExecutorMesos {
  /**
   * Sends a call to the agent, after all calls sent before. An UPDATE is kept until the agent has
   * acknowledged it, through disconnections and agent restarts; other calls are sent at most once.
   * Returns at once; what is refused or fails is told to the {@link CallListener}.
   *
   * @param call UPDATE, MESSAGE or HEARTBEAT; SUBSCRIBE is sent by the client itself
   * @throws IllegalArgumentException for a call that can never be right: SUBSCRIBE, or an UPDATE
   *     without a 16-byte uuid
   */
  void send(Call call);

  /** Drops the connection to the agent and subscribes anew. */
  void reconnect();
}
