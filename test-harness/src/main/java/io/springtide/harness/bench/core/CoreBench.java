package io.springtide.harness.bench.core;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.server.http.HttpApi;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code tide bench core}: what the scheduler's core costs where much runs. */
@Command(
    name = "core",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures the scheduler's core where 100,000 containers run on 1,000 hosts, each figure"
          + " beside its target.",
      "",
      "The core is driven directly, in virtual time, turn by turn as the server drives it: up to"
          + " 256 events, a tick, a view. A master of nothing but answers stands behind it. Times"
          + " are CPU times of the core's thread, so a busy machine shows in them little; only the"
          + " listing is in wall time. All of it is first done with a tenth, to warm up."
    },
    footerHeading = "%nWhat is measured:%n",
    footer = {
      "  fill…         for each container from its job's submission until it runs, views",
      "                included: by the number of instances of a job",
      "  loneUpdate    one task fails: the turn with its update, match and sweep",
      "  loneLaunch    the turn that finds that one another place",
      "  view          the view after a turn with 256 updates of tasks that failed",
      "  agentLost     the turn in which the master has lost an agent",
      "  restore       from what is durable to a core that can be read",
      "  list          GET /v1/instances, page by page, through the real HTTP server;",
      "                listCpu: of the whole process meanwhile, client included;",
      "                listMiB: the most that one page allocates",
      "  heap          live heap of the core and its view, garbage collected",
      "  removal…      removing a job, for each event of it (the command and two updates",
      "                of each instance), views included",
      "",
      "Of calls the median counts, of the parts of a whole the mean; p99 stands beside it.",
      "One to two minutes. Progress goes to standard error, the result to standard output."
    })
public final class CoreBench implements Callable<Integer> {
  private static final int CALLS = 100;
  private static final int VIEWS = 40;
  private static final int RESTORES = 5;
  private static final int LISTINGS = 5;

  @Option(
      names = "--hosts",
      defaultValue = "1000",
      description = "how many hosts there are (default: ${DEFAULT-VALUE})")
  private int hosts;

  @Option(
      names = "--instances",
      defaultValue = "100000",
      description = "how many instances run on them in all (default: ${DEFAULT-VALUE})")
  private int instances;

  @Option(
      names = "--seed",
      defaultValue = "42",
      description = "of whom something happens to (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(names = "--json", description = "one JSON object on stdout, nothing else")
  private boolean json;

  @Spec private CommandSpec spec;

  private final List<Figure> figures = new ArrayList<>();

  @Override
  public Integer call() throws IOException, HttpApi.PortException {
    if (hosts < 1 || instances < hosts || instances > JobSpec.MAX_INSTANCES) {
      throw new ParameterException(
          spec.commandLine(),
          "--hosts is 1 or more, --instances as many or more, "
              + JobSpec.MAX_INSTANCES
              + " at most: as many as one job may have");
    }
    progress("warming up with a tenth");
    measure(Math.max(1, hosts / 10), Math.max(1, instances / 10));
    figures.clear();
    measure(hosts, instances);
    print();
    return 0;
  }

  private void measure(int hostCount, int count) throws IOException, HttpApi.PortException {
    int small = Math.max(1, count / 100);
    int large = 20 * small;
    CoreStory story = new CoreStory(seed);
    progress("%,d instances on %,d hosts in jobs of %,d", count, hostCount, small);
    Samples fill = story.fill(hostCount, Collections.nCopies(count / small, small));
    figures.add(Figure.ofParts("fillMicros.jobsOf" + small, fill, 150));
    progress("updates, views, lost agents");
    Samples updates = new Samples();
    Samples launches = new Samples();
    story.failures(CALLS, updates, launches);
    figures.add(Figure.ofCalls("loneUpdateMicros", updates, 1_000));
    figures.add(Figure.ofCalls("loneLaunchMicros", launches, 1_000));
    figures.add(Figure.ofCalls("viewMillis", story.views(VIEWS), 2));
    figures.add(Figure.ofCalls("agentLostMillis", story.lostAgents(CALLS), 1));
    progress("restores, listings");
    figures.add(Figure.ofCalls("restoreMillis", story.restores(RESTORES), 2_000));
    list(story, count / small * small);
    Samples heap = new Samples();
    heap.add(story.heapOfCore());
    figures.add(Figure.ofCalls("heapMiB", heap, 256));
    progress("the same in jobs of %,d and %,d, which are removed", large, small);
    List<Integer> sizes = new ArrayList<>(Collections.nCopies(4, large));
    sizes.addAll(Collections.nCopies(20, small));
    story.fill(hostCount, sizes);
    removal(story, small);
    removal(story, large);
    progress("the same in one job");
    fill = story.fill(hostCount, List.of(count));
    figures.add(Figure.ofParts("fillMicros.jobsOf" + count, fill, 150));
    removal(story, count);
  }

  private void removal(CoreStory story, int size) {
    figures.add(Figure.ofParts("removalMicros.jobsOf" + size, story.removals(size), 20));
  }

  private void list(CoreStory story, int count) throws IOException, HttpApi.PortException {
    try (Listing listing = new Listing(story.view())) {
      listing.all(2, count);
      Listing.Cost cost = listing.all(LISTINGS, count);
      figures.add(Figure.ofCalls("listMillis", cost.wall(), 1_000));
      figures.add(Figure.ofCalls("listCpuMillis", cost.cpu(), 1_000));
      figures.add(Figure.ofCalls("listMiB", cost.mebibytes(), 64));
    }
  }

  private void progress(String what, Object... numbers) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("core: " + String.format(Locale.ROOT, what, numbers));
    err.flush();
  }

  private void print() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectMapper mapper = new ObjectMapper();
      ObjectNode result = mapper.createObjectNode();
      result.put("hosts", hosts).put("instances", instances).put("seed", seed);
      result.put("machine", machine());
      result.set("figures", mapper.valueToTree(figures));
      out.println(result);
    } else {
      out.printf("%,d instances, %,d hosts, seed %d%n%s%n", instances, hosts, seed, machine());
      for (Figure one : figures) {
        out.printf(
            Locale.ROOT,
            "%-28s %,12.2f   p99 %,12.2f of %,4d   target %,6.0f %s%n",
            one.name(),
            one.value(),
            one.p99(),
            one.samples(),
            one.target(),
            one.met() ? "met" : "MISSED");
      }
    }
    out.flush();
  }

  private static String machine() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    String processor =
        !Files.isReadable(file)
            ? System.getProperty("os.arch")
            : Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
    return String.format(
        Locale.ROOT,
        "%d x %s, load %.1f, Java %s, heap of at most %d MiB",
        Runtime.getRuntime().availableProcessors(),
        processor,
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        Runtime.version(),
        Runtime.getRuntime().maxMemory() >> 20);
  }
}
