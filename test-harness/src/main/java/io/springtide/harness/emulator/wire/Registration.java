package io.springtide.harness.emulator.wire;

import java.util.List;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Task;

/**
 * What an agent says of itself when it registers.
 *
 * @param info its AgentInfo; with an id when it registers again
 * @param pid {@code slave(1)@ip:port}
 * @param tasks tasks that it knows and that are not acknowledged as terminal
 * @param executors its executors, each with its framework_id
 * @param frameworks the frameworks of these
 */
public record Registration(
    AgentInfo info,
    String pid,
    List<Task> tasks,
    List<ExecutorInfo> executors,
    List<FrameworkInfo> frameworks) {

  public Registration {
    tasks = List.copyOf(tasks);
    executors = List.copyOf(executors);
    frameworks = List.copyOf(frameworks);
  }
}
