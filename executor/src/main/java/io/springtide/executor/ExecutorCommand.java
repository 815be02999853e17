package io.springtide.executor;

import java.util.ArrayList;
import java.util.List;

/**
 * How an agent starts the executor. Part of ExecutorInfo, so it must be equal for every launch on a
 * host: the framework uses these constants and nothing of its own.
 */
public final class ExecutorCommand {
  /** The file name under which the agent's fetcher puts the jar into the sandbox. */
  public static final String JAR = "executor.jar";

  /**
   * Flags that keep a JVM with a hundred containers well below 160 MB of resident memory: a small
   * heap with the collector that has no threads and tables of its own, the first compiler only (an
   * executor waits, it does not compute), small stacks, one malloc arena's worth of threads.
   */
  public static final List<String> FLAGS =
      List.of(
          "-Xms16m",
          "-Xmx64m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:ReservedCodeCacheSize=32m",
          "-XX:MaxMetaspaceSize=80m",
          "-XX:MaxDirectMemorySize=16m",
          "-Xss512k",
          "-XX:-UsePerfData",
          "-XX:+ExitOnOutOfMemoryError",
          "-Dio.netty.allocator.type=unpooled");

  private ExecutorCommand() {}

  /**
   * The argument list, for {@code CommandInfo} with {@code shell=false}: {@code value} is the first
   * argument, {@code arguments} all of them.
   *
   * @param java the JVM: {@code java} on the agent's path, or an absolute path
   */
  public static List<String> arguments(String java) {
    var arguments = new ArrayList<String>();
    arguments.add(java);
    arguments.addAll(FLAGS);
    arguments.add("-jar");
    arguments.add(JAR);
    return List.copyOf(arguments);
  }
}
