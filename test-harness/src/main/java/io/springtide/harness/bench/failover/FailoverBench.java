package io.springtide.harness.bench.failover;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.harness.bench.Directories;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tide bench failover}. */
@Command(
    name = "failover",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures for how long nobody decides when the leader is killed.",
      "",
      "Two server processes on one ZooKeeper (in this process) run --tasks tasks on emulated Mesos"
          + " agents, 100 on each, whose executors are played and start nothing. Once all run, the"
          + " leader is killed (-9), and the other is asked to put a job until it says that the"
          + " job is durable: its first decision. Nobody can decide before ZooKeeper has ended the"
          + " dead leader's session; what is beyond that is the takeover's.",
      "",
      "Afterwards each task must run as before, and none beside another of its instance.",
      "",
      "Figures:",
      "  commandSeconds        from the kill to the first command that is durable",
      "  launchSeconds         from the kill to the task of that job running: subscribed, offered,"
          + " accepted",
      "  beyondSessionSeconds  commandSeconds without the session's time-out",
      "  lost, twice           tasks that no longer run; instances with more than one",
      "",
      "With 100,000 tasks: about 6 GiB of memory, and some minutes. For a quick look: --tasks 1000"
    })
public final class FailoverBench implements Callable<Integer> {
  private static final int MOST = 100_000;
  private static final double BEYOND_WANTED = 3;

  @Option(
      names = "--tasks",
      defaultValue = "100000",
      description = "how many run (default: ${DEFAULT-VALUE})")
  private int tasks;

  @Option(names = "--json", description = "print the figures as one JSON object")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (tasks < 1 || tasks > MOST) {
      throw refused("--tasks is 1 to " + MOST);
    }
    Path jar = Path.of(System.getProperty("springtide.executor.jar", ""));
    if (!Files.isRegularFile(jar)) {
      throw refused("no executor jar at '" + jar + "'; start the benchmark by ./tide");
    }
    Path directory = Files.createTempDirectory("tide-bench-failover");
    // Ctrl-C ends the JVM here: no server shall live on.
    try (TwoServers servers = new TwoServers(directory, jar.toAbsolutePath(), tasks)) {
      Thread hook = new Thread(servers::close, "bench-end");
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        servers.start();
        print(servers.failOver());
      } finally {
        Runtime.getRuntime().removeShutdownHook(hook);
      }
    } finally {
      Directories.delete(directory);
    }
    return 0;
  }

  private ParameterException refused(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  private void print(TwoServers.Figures figures) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode node = new ObjectMapper().createObjectNode();
      node.put("tasks", tasks);
      node.put("sessionSeconds", TwoServers.SESSION.toSeconds());
      node.put("commandSeconds", rounded(figures.command()));
      node.put("launchSeconds", rounded(figures.launch()));
      node.put("beyondSessionSeconds", rounded(figures.beyondSession()));
      node.put("beyondSessionSecondsWanted", BEYOND_WANTED);
      node.put("lost", figures.lost()).put("twice", figures.twice());
      out.println(node.toPrettyString());
    } else {
      out.printf(Locale.ROOT, "first command   %.2f s after the kill%n", figures.command());
      out.printf(Locale.ROOT, "first launch    %.2f s after the kill%n", figures.launch());
      out.printf(
          Locale.ROOT,
          "beyond session  %.2f s (wanted: %.0f)%n",
          figures.beyondSession(),
          BEYOND_WANTED);
      out.printf("lost, twice     %d, %d of %d tasks%n", figures.lost(), figures.twice(), tasks);
    }
    out.flush();
  }

  private static double rounded(double seconds) {
    return Math.round(seconds * 1000) / 1000.0;
  }
}
