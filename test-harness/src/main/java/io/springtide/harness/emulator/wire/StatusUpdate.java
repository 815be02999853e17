package io.springtide.harness.emulator.wire;

import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/**
 * A status update on its way from an agent to the master.
 *
 * @param frameworkId whose task it is
 * @param status the update for the framework; its uuid is set
 * @param timestamp seconds since the epoch; goes to the framework where the status has none itself
 * @param latestState the newest state that the agent knows, which may be ahead of {@code status}
 */
public record StatusUpdate(
    String frameworkId, TaskStatus status, double timestamp, TaskState latestState) {}
