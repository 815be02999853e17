package io.springtide.executor.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * Signals whole process groups, and makes sure that none outlives its executor.
 *
 * <p>Java can neither signal a group nor promise anything for the case that the JVM itself is
 * killed. A small shell does both: it holds the read end of a pipe, sends the signals that it reads
 * from it, and when the pipe ends, because the executor closed it or died in whatever way, kills
 * every group that it was told to watch.
 */
final class Keeper implements AutoCloseable {
  private static final String SCRIPT =
      """
      trap '' TERM INT HUP
      groups=
      while read -r verb group; do
        case $verb in
          WATCH) groups="$groups $group" ;;
          FORGET)
            kept=
            for g in $groups; do [ "$g" = "$group" ] || kept="$kept $g"; done
            groups=$kept ;;
          TERM|KILL) kill -s "$verb" -- "-$group" ;;
        esac
      done
      for g in $groups; do kill -s KILL -- "-$g"; done
      """;

  private final Process shell;
  private final Writer pipe;

  Keeper() {
    var builder = new ProcessBuilder("/bin/sh", "-c", SCRIPT, "springtide-keeper");
    builder.environment().clear();
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      shell = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start /bin/sh to look after processes", e);
    }
    pipe = shell.outputWriter(StandardCharsets.US_ASCII);
  }

  void watch(long group) {
    say("WATCH", group);
  }

  void forget(long group) {
    say("FORGET", group);
  }

  void terminate(long group) {
    say("TERM", group);
  }

  void kill(long group) {
    say("KILL", group);
  }

  private synchronized void say(String verb, long group) {
    try {
      pipe.write(verb + " " + group + "\n");
      pipe.flush();
    } catch (IOException e) {
      throw new RuntimeFailure(
          "the shell that looks after processes has ended; restart the executor", e);
    }
  }

  /** Kills every group that is still watched. */
  @Override
  public synchronized void close() {
    try {
      pipe.close();
    } catch (IOException e) {
      shell.destroy();
    }
  }
}
