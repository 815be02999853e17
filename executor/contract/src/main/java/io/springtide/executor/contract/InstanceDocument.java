package io.springtide.executor.contract;

import static java.util.Objects.requireNonNull;

import io.springtide.executor.contract.TaskDocument.Discovery;
import io.springtide.executor.contract.TaskDocument.Kind;
import io.springtide.executor.contract.TaskDocument.Port;
import io.springtide.executor.contract.TaskDocument.Runtime;
import io.springtide.executor.contract.TaskDocument.Tool;
import java.util.List;
import java.util.Map;

/** Gathers an instance's document; what is not set has its default. */
public final class InstanceDocument {
  private final String job;
  private final String instance;
  private final long generation;
  private final Runtime runtime;
  private List<String> command = List.of();
  private Map<String, String> env = Map.of();
  private List<Port> ports = List.of();
  private List<Discovery> discovery = List.of();
  private long drainMillis;
  private List<Tool> tools = List.of();
  private String consul = "";
  private List<String> mountRoots = List.of();

  InstanceDocument(String job, String instance, long generation, Runtime runtime) {
    this.job = requireNonNull(job);
    this.instance = requireNonNull(instance);
    this.generation = generation;
    this.runtime = requireNonNull(runtime);
  }

  public InstanceDocument command(List<String> arguments) {
    this.command = requireNonNull(arguments);
    return this;
  }

  public InstanceDocument env(Map<String, String> variables) {
    this.env = requireNonNull(variables);
    return this;
  }

  public InstanceDocument ports(List<Port> assigned) {
    this.ports = requireNonNull(assigned);
    return this;
  }

  public InstanceDocument discovery(List<Discovery> entries) {
    this.discovery = requireNonNull(entries);
    return this;
  }

  public InstanceDocument drainMillis(long millis) {
    this.drainMillis = millis;
    return this;
  }

  public InstanceDocument tools(List<Tool> containers) {
    this.tools = requireNonNull(containers);
    return this;
  }

  public InstanceDocument consul(String address) {
    this.consul = requireNonNull(address);
    return this;
  }

  public InstanceDocument mountRoots(List<String> directories) {
    this.mountRoots = requireNonNull(directories);
    return this;
  }

  /**
   * The document.
   *
   * @throws IllegalArgumentException naming what is missing or contradicts itself
   */
  public TaskDocument build() {
    return new TaskDocument(
        TaskDocument.VERSION,
        Kind.INSTANCE,
        instance,
        job,
        generation,
        runtime,
        command,
        env,
        ports,
        discovery,
        drainMillis,
        tools,
        consul,
        mountRoots);
  }
}
