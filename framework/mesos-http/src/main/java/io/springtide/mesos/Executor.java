package io.springtide.mesos;

import org.apache.mesos.v1.executor.Protos.Event;

/**
 * An executor, as the client calls it; the counterpart of {@link
 * org.apache.mesos.v1.scheduler.Scheduler}. All methods are called on one thread, one at a time. A
 * method that throws ends the client, so that the process does not live on deaf.
 */
public interface Executor {
  /** The agent has taken the subscription; events follow. */
  void connected(ExecutorMesos mesos);

  /**
   * The subscription has ended. The client subscribes again by itself, for as long as the agent's
   * recovery timeout allows.
   */
  void disconnected(ExecutorMesos mesos);

  /** The agent says something. The first event is mostly SUBSCRIBED, but may be SHUTDOWN. */
  void received(ExecutorMesos mesos, Event event);

  /**
   * The client has given up on the agent and will not subscribe again: the agent did not come back
   * within the recovery timeout (or at all, without checkpointing), or says that it does not know
   * this executor. Unless told otherwise, this is received as SHUTDOWN, as Mesos' own executor
   * library does.
   *
   * @param reason a sentence for the log
   */
  default void gaveUp(ExecutorMesos mesos, String reason) {
    received(mesos, Event.newBuilder().setType(Event.Type.SHUTDOWN).build());
  }
}
