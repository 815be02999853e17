package io.springtide.executor.runtime;

import io.springtide.mesos.Why;
import java.io.File;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/**
 * Runs a command as a child process: no image, no isolation but a session and process group of its
 * own, so that all of it can be signalled and none of it outlives the executor.
 */
public final class ProcessRuntime implements ContainerRuntime {
  private static final List<Path> SETSID =
      List.of(Path.of("/usr/bin/setsid"), Path.of("/bin/setsid"));

  /**
   * The child waits for a line before it becomes the command: so there is no moment in which the
   * executor could die between the child's birth and the keeper knowing of it. Without the line
   * (the pipe ends) it leaves.
   */
  private static final String GATE = "read -r go && exec \"$@\" </dev/null";

  private static final long TABLE_NANOS = 1_000_000_000L;
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private final ExecutorService worker =
      Executors.newSingleThreadExecutor(
          step -> {
            var thread = new Thread(step, "processes");
            thread.setDaemon(true);
            return thread;
          });
  private Keeper keeper; // worker's, as are the two below
  private ProcessTable table;
  private long tableRead;

  @Override
  public String name() {
    return "process";
  }

  @Override
  public CompletionStage<Readiness> probe() {
    return CompletableFuture.completedFuture(
        setsid().isPresent()
            ? Readiness.yes("process")
            : Readiness.no("no setsid on this host: install util-linux"));
  }

  /** Processes end with their executor, so there are none. */
  @Override
  public CompletionStage<List<String>> removeLeftovers() {
    return CompletableFuture.completedFuture(List.of());
  }

  @Override
  public Start start(ContainerSetup setup) {
    var container = CompletableFuture.supplyAsync(() -> spawn(setup), worker);
    return new Start() {
      @Override
      public CompletionStage<Container> container() {
        return container;
      }

      @Override
      public String progress() {
        return "";
      }

      @Override
      public void cancel() {} // it takes milliseconds
    };
  }

  private Container spawn(ContainerSetup setup) {
    Path setsid =
        setsid()
            .orElseThrow(() -> new RuntimeFailure("no setsid on this host: install util-linux"));
    var env = environment(setup.env());
    requireWritable(setup.command());
    requireWritable(env.keySet());
    requireWritable(env.values());
    String program = resolve(setup, env.get("PATH"));
    var arguments =
        Stream.concat(
                Stream.of(setsid.toString(), "/bin/sh", "-c", GATE, setup.task(), program),
                setup.command().stream().skip(1))
            .toList();
    try {
      Files.createDirectories(setup.directory());
      if (keeper == null) {
        keeper = new Keeper();
      }
      var builder = new ProcessBuilder(arguments).directory(setup.directory().toFile());
      builder.environment().clear();
      builder.environment().putAll(env);
      builder.redirectOutput(output(setup, "stdout"));
      builder.redirectError(output(setup, "stderr"));
      Process process = builder.start();
      // setsid(1) makes a child that leads no group the leader of a new session: group = process
      // id.
      keeper.watch(process.pid());
      try (var gate = process.outputWriter(StandardCharsets.US_ASCII)) {
        gate.write("go\n");
      } catch (IOException e) {
        keeper.kill(process.pid());
        keeper.forget(process.pid());
        throw e;
      }
      return new ProcessContainer(process, setup, env, keeper, worker, this::table);
    } catch (IOException e) {
      throw new RuntimeFailure("cannot start " + setup.command().get(0) + ": " + Why.of(e), e);
    }
  }

  /** What is asked for all containers at once is looked for once. */
  private ProcessTable table() {
    long now = System.nanoTime();
    if (table == null || now - tableRead > TABLE_NANOS) {
      table = ProcessTable.read();
      tableRead = now;
    }
    return table;
  }

  /**
   * Java hands arguments and environment over in an encoding of its own choice, and writes a
   * question mark for what that does not have: another command than the one that was asked for.
   */
  static void requireWritable(Collection<String> texts) {
    // Since 18 the locale's encoding; before, the default one, which our flags make UTF-8.
    Charset charset =
        Runtime.version().feature() >= 18
            ? Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"))
            : Charset.defaultCharset();
    for (String text : texts) {
      if (!charset.newEncoder().canEncode(text)) {
        throw new RuntimeFailure(
            "cannot start: \"%s\" cannot be written in %s; install a UTF-8 locale on this host"
                .formatted(text, charset.name()));
      }
    }
  }

  private static ProcessBuilder.Redirect output(ContainerSetup setup, String name) {
    return ProcessBuilder.Redirect.appendTo(setup.directory().resolve(name).toFile());
  }

  /** Nothing of the executor's own environment: it may hold the agent's token for this executor. */
  static Map<String, String> environment(Map<String, String> own) {
    var env = new java.util.TreeMap<>(own);
    env.putIfAbsent("PATH", PATH);
    return env;
  }

  /** Finds the program before there is a child, so that "not found" is an error with a name. */
  private static String resolve(ContainerSetup setup, String path) {
    String program = setup.command().get(0);
    try {
      return resolved(setup, program, path);
    } catch (InvalidPathException e) {
      throw new RuntimeFailure(
          "cannot start %s: its path cannot be written in %s (%s); install a UTF-8 locale on this host"
              .formatted(program, System.getProperty("sun.jnu.encoding"), e.getReason()),
          e);
    }
  }

  private static String resolved(ContainerSetup setup, String program, String path) {
    if (program.contains("/")) {
      Path file = setup.directory().resolve(program);
      if (!Files.isExecutable(file) || Files.isDirectory(file)) {
        throw new RuntimeFailure("cannot start " + program + ": no such program on this host");
      }
      return program;
    }
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, program))
        .filter(file -> Files.isExecutable(file) && !Files.isDirectory(file))
        .map(Path::toString)
        .findFirst()
        .orElseThrow(
            () -> new RuntimeFailure("cannot start " + program + ": not found in PATH " + path));
  }

  private static Optional<Path> setsid() {
    return SETSID.stream().filter(Files::isExecutable).findFirst();
  }

  @Override
  public void close() {
    if (!worker.isShutdown()) {
      worker.execute(
          () -> {
            if (keeper != null) {
              keeper.close();
            }
          });
      worker.shutdown();
    }
  }
}
