package io.springtide.harness.emulator;

import org.apache.mesos.v1.Protos.TaskState;

/**
 * A task as the master knows it.
 *
 * @param frameworkId its framework
 * @param taskId its id
 * @param agentId its agent
 * @param executorId its executor; empty for the agent's own command executor
 * @param state the state last forwarded to the framework
 */
public record TaskView(
    String frameworkId, String taskId, String agentId, String executorId, TaskState state) {}
