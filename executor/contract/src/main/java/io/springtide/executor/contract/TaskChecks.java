package io.springtide.executor.contract;

import io.springtide.executor.contract.TaskDocument.Discovery;
import io.springtide.executor.contract.TaskDocument.Kind;
import io.springtide.executor.contract.TaskDocument.Port;
import io.springtide.executor.contract.TaskDocument.Runtime;
import io.springtide.executor.contract.TaskDocument.Tool;
import java.util.List;

/**
 * What the parts of a task document must be together. Each throws an {@link
 * IllegalArgumentException} that says what is wrong; what a part must be by itself is said there.
 */
final class TaskChecks {
  private TaskChecks() {}

  /** Of another version, neither fields nor their meaning are known. */
  static void version(int version) {
    if (version != TaskDocument.VERSION) {
      throw new IllegalArgumentException(
          "task document of version "
              + version
              + ": this executor reads version "
              + TaskDocument.VERSION
              + "; run the executor that belongs to the framework's release");
    }
  }

  static void task(Kind kind, String instance, long generation, long drainMillis) {
    if (kind == null) {
      throw new IllegalArgumentException("task document without a kind: warden or instance");
    }
    if (instance == null || instance.isEmpty()) {
      throw new IllegalArgumentException("task document without an instance id");
    }
    if (generation < 0) {
      throw new IllegalArgumentException("generation " + generation + " is negative");
    }
    if (drainMillis < 0) {
      throw new IllegalArgumentException("drainMillis " + drainMillis + " is negative");
    }
  }

  static void instance(
      String instance,
      Runtime runtime,
      List<String> command,
      List<Port> ports,
      List<Discovery> discovery,
      List<Tool> tools) {
    if (runtime == null) {
      throw new IllegalArgumentException(instance + " has no runtime: docker or process");
    }
    if (runtime == Runtime.PROCESS && command.isEmpty()) {
      throw new IllegalArgumentException(instance + " runs as a process and has no command");
    }
    if (runtime == Runtime.PROCESS && !tools.isEmpty()) {
      throw new IllegalArgumentException(
          instance + " runs as a process and has tools: tools need the docker runtime");
    }
    if (ports.stream().map(Port::name).distinct().count() != ports.size()) {
      throw new IllegalArgumentException(instance + " names a port twice");
    }
    if (tools.stream().map(Tool::name).distinct().count() != tools.size()) {
      throw new IllegalArgumentException(instance + " names a tool twice");
    }
    for (Discovery entry : discovery) {
      if (ports.stream().noneMatch(port -> port.name().equals(entry.portName()))) {
        throw new IllegalArgumentException(
            instance + " announces port " + entry.portName() + ", which it does not have");
      }
    }
  }
}
