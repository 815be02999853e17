package io.springtide.executor.contract;

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
   *
   * <p>And one that sleeps while there is nothing to do: by default it looks four times a second
   * whether there are locks to tidy up, and stops all threads each second in case that helps.
   * Another release of Java need not know these two.
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
          "-XX:+IgnoreUnrecognizedVMOptions",
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:AsyncDeflationInterval=10000",
          "-XX:GuaranteedSafepointInterval=10000",
          "-XX:+ExitOnOutOfMemoryError",
          "-Dfile.encoding=UTF-8",
          "-Dio.netty.allocator.type=unpooled");

  /**
   * What runs before the JVM, given the jar's hash and then the JVM's argument list.
   *
   * <p>Mesos' fetcher copies the jar out of its cache into each sandbox, and has no way to link it.
   * So where an earlier sandbox of ours on this agent has the same bytes, this one gets a link to
   * them: the jar lies once on the agent's disk, not once for each run that waits to be collected.
   *
   * <p>Then the jar is checked: it came over plain HTTP, or out of a cache on the host, and it will
   * run as the agent's user. Where nothing can compute its hash, nothing is run.
   *
   * <p>Then a locale is chosen in which every name can be said. Java writes arguments, environment
   * and paths in the locale's encoding, and under POSIX, as agents' services mostly have it, that
   * makes a question mark of each character beyond ASCII. No flag changes that for paths.
   */
  private static final String SCRIPT =
      """
      wanted=$1
      shift
      for other in ../../../*/runs/*/%1$s; do
        if [ -f "$other" ] && ! [ "$other" -ef %1$s ] && cmp -s "$other" %1$s; then
          ln "$other" %1$s.link 2>/dev/null && mv %1$s.link %1$s
          break
        fi
      done
      if command -v sha256sum >/dev/null 2>&1; then
        found=$(sha256sum %1$s)
      elif command -v openssl >/dev/null 2>&1; then
        found=$(openssl dgst -sha256 -r %1$s)
      else
        echo "cannot start: %1$s cannot be checked: install sha256sum (coreutils) on this host" >&2
        exit 1
      fi
      found=${found%%%%[ *]*}
      if [ "$found" != "$wanted" ]; then
        echo "cannot start: the fetched %1$s is not the framework's: its SHA-256 is" \\
          "${found:-unknown}, and not $wanted; see what its URL serves, and clear the agent's" \\
          "fetcher cache" >&2
        exit 1
      fi
      for name in "$LC_ALL" C.UTF-8 en_US.UTF-8; do
        if [ "$(LC_ALL=$name locale charmap 2>/dev/null)" = UTF-8 ]; then
          LC_ALL=$name
          export LC_ALL
          break
        fi
      done
      MALLOC_ARENA_MAX=2
      export MALLOC_ARENA_MAX
      exec "$@"
      """
          .formatted(JAR);

  private ExecutorCommand() {}

  /**
   * The argument list, for {@code CommandInfo} with {@code shell=false}: {@code value} is the first
   * argument, {@code arguments} all of them.
   *
   * @param java the JVM: {@code java} on the agent's path, or an absolute path
   * @param sha256 of the jar, in lower-case hexadecimal: another one is not run
   */
  public static List<String> arguments(String java, String sha256) {
    var arguments = new ArrayList<String>();
    arguments.addAll(List.of("/bin/sh", "-c", SCRIPT, "springtide-executor", sha256, java));
    arguments.addAll(FLAGS);
    arguments.add("-jar");
    arguments.add(JAR);
    return List.copyOf(arguments);
  }
}
