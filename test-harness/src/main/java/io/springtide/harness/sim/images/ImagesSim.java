package io.springtide.harness.sim.images;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.swarm.SwarmRules;
import java.util.concurrent.Callable;
import java.util.function.DoubleConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How long one image takes to reach a fleet of hosts that all ask for it at once, beside the least
 * time in which that is possible: an origin of 10 Gb/s, hosts of 1 Gb/s each way with 0.5 to 2 ms
 * latency, 5 % of them with a tenth of the uplink, 2 % that leave midway and as many that join.
 */
@Command(
    name = "images",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "How long an image takes to reach a fleet of hosts that all ask for it at once: the peers' own"
          + " scheduling code on simulated links, in virtual time, beside the least time in which"
          + " that is possible at all (the fluid bound).",
      "",
      "The origin sends 10 Gb/s, hosts 1 Gb/s each way with 0.5 to 2 ms latency; 5 %% of them have a"
          + " tenth of the uplink, 2 %% leave midway, and as many join and are timed from joining."
    },
    footer = {
      "",
      "Ratios are times over the bound: p50, p99 and the last host. originCopies is how often the"
          + " origin sent the image in all. The same seed gives the same figures on any machine.",
      "",
      "  ./tide sim images",
      "  ./tide sim images --hosts 4000 --image 1GiB --json",
      "",
      "1,000 hosts take some seconds and 100 MB of memory, 4,000 about half a minute."
    })
public final class ImagesSim implements Callable<Integer> {
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,5})(MiB|GiB)");
  private static final long LARGEST = 1L << 40;

  @Spec private CommandSpec spec;

  @Option(
      names = "--hosts",
      defaultValue = "1000",
      description = "how many hosts, 1 to 20000 (default: ${DEFAULT-VALUE})")
  private int hosts;

  @Option(
      names = "--image",
      defaultValue = "1GiB",
      description =
          "size of the image, 1MiB to 1024GiB, such as 512MiB or 1GiB (default: ${DEFAULT-VALUE})")
  private String image;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "of all that is random (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(names = "--json", description = "one JSON object on stdout, nothing else")
  private boolean json;

  @Override
  public Integer call() {
    Matcher size = SIZE.matcher(image);
    if (hosts < 1 || hosts > 20_000) {
      throw new ParameterException(
          spec.commandLine(), "--hosts: " + hosts + " is not allowed; allowed is 1 to 20000");
    }
    if (!size.matches()) {
      throw new ParameterException(
          spec.commandLine(),
          "--image: \"" + image + "\" is not allowed; allowed is a size such as 512MiB or 1GiB");
    }
    long bytes = Long.parseLong(size.group(1)) << (size.group(2).equals("GiB") ? 30 : 20);
    if (bytes > LARGEST) {
      throw new ParameterException(
          spec.commandLine(), "--image: " + image + " is not allowed; allowed is up to 1024GiB");
    }
    ObjectNode result;
    try (ProgressLine progress = new ProgressLine(System.err, System.console() != null)) {
      result = simulate(hosts, bytes, seed, SwarmRules.DEFAULT, progress::share);
    }
    System.out.println(json ? result.toString() : result.toPrettyString());
    return 0;
  }

  static ObjectNode simulate(
      int hosts, long bytes, long seed, SwarmRules rules, DoubleConsumer progress) {
    Pieces pieces = Pieces.of(bytes);
    double expected = bytes * 8e9 / Fleet.DOWN;
    Fleet fleet = new Fleet(hosts, expected, seed);
    double bound = fleet.bound(bytes * 8.0);
    SwarmSim sim = new SwarmSim(fleet, pieces, rules, seed);
    double[] times = sim.run(progress);
    ObjectNode result = new ObjectMapper().createObjectNode();
    result
        .put("hosts", hosts)
        .put("imageBytes", bytes)
        .put("pieces", pieces.count())
        .put("seed", seed);
    result.put("boundSeconds", round(bound));
    put(result, "p50", times[times.length / 2], bound);
    put(result, "p99", times[(int) Math.ceil(times.length * 0.99) - 1], bound);
    put(result, "last", times[times.length - 1], bound);
    result.put("originCopies", round(sim.originCopies()));
    return result;
  }

  private static void put(ObjectNode result, String name, double seconds, double bound) {
    result.put(name + "Seconds", round(seconds)).put(name + "Ratio", round(seconds / bound));
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
