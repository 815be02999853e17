package io.springtide.executor.runtime;

import io.springtide.executor.contract.TaskDocument.Port;
import io.springtide.executor.contract.TaskDocument.Tool;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A container to run.
 *
 * @param task task id; letters, digits, '.', '_', '-' and '#' only
 * @param directory where its output goes: {@code stdout}, {@code stderr}; the working directory of
 *     a process
 * @param image empty for a process
 * @param command the whole argument list; empty: the image's own
 * @param env complete environment
 * @param labels its own labels; the owner's are added
 * @param network how it is connected
 * @param ports what is mapped to the host, where the network is not the host's
 * @param mounts directories of the host
 * @param limits of the main process
 * @param options rarer wishes
 * @param tools that share network and volumes; their environment complete too
 */
public record ContainerSetup(
    String task,
    Path directory,
    String image,
    List<String> command,
    Map<String, String> env,
    Map<String, String> labels,
    Network network,
    List<Port> ports,
    List<Mount> mounts,
    Limits limits,
    Options options,
    List<Tool> tools) {

  /** How a container is connected. */
  public sealed interface Network {
    /** It has the host's network. */
    record Host() implements Network {}

    /** It has an address behind the engine's bridge; ports are mapped. */
    record Bridge() implements Network {}

    /** It has an address in a network of this name. */
    record Named(String name) implements Network {}
  }

  /**
   * A directory of the host inside the container.
   *
   * @param roots below one of these the source must lie, once its symbolic links are followed;
   *     empty: wherever it leads
   */
  public record Mount(String source, String target, boolean readOnly, List<String> roots) {}

  /**
   * What a container may use.
   *
   * @param cpus its share when the host is busy, in cores
   * @param cpuQuota what it may never exceed, in cores; empty: whatever is idle
   * @param memoryBytes beyond this it is killed; 0: no limit
   */
  public record Limits(double cpus, Optional<Double> cpuQuota, long memoryBytes) {}

  /** Rarer wishes. */
  public record Options(boolean forcePull, boolean privileged) {}
}
