package io.springtide.harness.bench.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.harness.bench.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Pulls one image cold and warm by 1, 8 and 64 clients through our proxy and through
 * docker-registry in proxy mode, both in front of the same docker-registry, one after the other on
 * an otherwise quiet machine.
 */
@Command(
    name = "registry",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Pulls an image cold and warm by 1, 8 and 64 clients at once, through our registry proxy and"
          + " through docker-registry in proxy mode, both in front of the same registry.",
      "",
      "Says how often the image was fetched from upstream, bytes a second, the time to the first"
          + " byte, and CPU and memory of the proxy's process alone."
    },
    footer = {
      "",
      "Needs docker-registry (apt-get install docker-registry), and three times the image's size"
          + " below the temporary directory (TIDE_JAVA_OPTS=-Djava.io.tmpdir=DIR).",
      "",
      "  ./tide bench registry",
      "  ./tide bench registry --mib 64 --layers 4 --clients 1,8 --json",
      "",
      "The default takes about three minutes. Other work on the machine shows in the figures."
    })
public final class RegistryBench implements Callable<Integer> {
  private static final double GB = 1e9;
  private static final long WARM_UP_BYTES = 64 << 20;

  @Option(names = "--json", description = "one JSON object on stdout, nothing else")
  private boolean json;

  @Option(
      names = "--mib",
      defaultValue = "1024",
      description = "size of the image in MiB (default: ${DEFAULT-VALUE})")
  private long mib;

  @Option(
      names = "--layers",
      defaultValue = "8",
      description = "how many layers it has (default: ${DEFAULT-VALUE})")
  private int layers;

  @Option(
      names = "--clients",
      split = ",",
      defaultValue = "1,8,64",
      description = "how many pull at once, one number after the other (default: ${DEFAULT-VALUE})")
  private List<Integer> clients;

  @Option(names = "--only", description = "ours or peer: run only that one")
  private String only;

  /** What one server did for one number of clients. */
  private record Run(
      PullClients.Result cold,
      double coldCpu,
      long upstreamBytes,
      PullClients.Result warm,
      double warmCpu,
      long rss) {
    double upstreamCopies(TestImage image) {
      return (double) upstreamBytes / image.bytes();
    }
  }

  private interface Server {
    Child start(Path directory, String upstream) throws IOException, InterruptedException;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!DebianRegistry.isInstalled()) {
      System.err.println(DebianRegistry.MISSING);
      return 1;
    }
    Path root = Files.createTempDirectory("springtide-bench-registry");
    long free = root.toFile().getUsableSpace();
    long wanted = 3 * (mib << 20) + (256L << 20);
    if (free < wanted) {
      System.err.printf(
          "%s has %d MiB free, %d MiB are needed: set TIDE_JAVA_OPTS=-Djava.io.tmpdir=DIR, or use"
              + " a smaller --mib%n",
          root.getParent(), free >> 20, wanted >> 20);
      Files.delete(root);
      return 1;
    }
    Thread tidy = new Thread(() -> tidy(root), "tidy");
    Runtime.getRuntime().addShutdownHook(tidy);
    try (DebianRegistry upstream =
        DebianRegistry.start(root.resolve("upstream"), Optional.empty())) {
      System.err.printf(
          "pushing an image of %d MiB in %d layers to docker-registry%n", mib, layers);
      TestImage image = TestImage.push(upstream.url(), "bench/image", "1.0", mib << 20, layers, 42);
      ObjectNode result = new ObjectMapper().createObjectNode();
      result.putObject("image").put("bytes", image.bytes()).put("layers", layers);
      if (!"peer".equals(only)) {
        result.set("ours", measure("ours", root, upstream, image, ProxyProcess::start));
      }
      if (!"ours".equals(only)) {
        result.set(
            "peer",
            measure(
                "peer",
                root,
                upstream,
                image,
                (directory, url) -> DebianRegistry.start(directory, Optional.of(url)).child()));
      }
      if (only == null) {
        compare(result);
      }
      System.out.println(json ? result.toString() : result.toPrettyString());
      return 0;
    } finally {
      Directories.delete(root);
    }
  }

  /** At an interrupt: no server and no file stays behind. */
  private static void tidy(Path root) {
    for (ProcessHandle child : ProcessHandle.current().descendants().toList()) {
      child.destroyForcibly();
      child.onExit().join();
    }
    try {
      Directories.delete(root);
    } catch (IOException | UncheckedIOException e) {
      System.err.println("left " + root + " behind: " + e);
    }
  }

  private ObjectNode measure(
      String name, Path root, DebianRegistry upstream, TestImage image, Server server)
      throws IOException, InterruptedException {
    ObjectNode node = new ObjectMapper().createObjectNode();
    long rss = 0;
    for (int count : clients) {
      System.err.printf(
          "%s: %d %s, cold and warm%n", name, count, count == 1 ? "client" : "clients");
      Run run = run(root.resolve(name + count), upstream, image, server, count);
      System.err.printf(
          "  cold %.0f MB/s, %.2f CPU s/GB, %.2f upstream copies; warm %.0f MB/s, %.2f CPU s/GB;"
              + " %d MiB RSS%n",
          run.cold.bytes() / run.cold.seconds() / 1e6,
          run.coldCpu / (run.cold.bytes() / GB),
          run.upstreamCopies(image),
          run.warm.bytes() / run.warm.seconds() / 1e6,
          run.warmCpu / (run.warm.bytes() / GB),
          run.rss >> 20);
      rss = Math.max(rss, run.rss);
      node.put("coldUpstreamCopies" + count, round(run.upstreamCopies(image)));
      node.put("coldUpstreamBytes" + count, run.upstreamBytes);
      node.put("coldBytesPerSecond" + count, Math.round(run.cold.bytes() / run.cold.seconds()));
      node.put("coldCpuSecondsPerGb" + count, round(run.coldCpu / (run.cold.bytes() / GB)));
      node.put("coldFirstByteP99Millis" + count, run.cold.p99FirstByteMicros() / 1000.0);
      node.put("warmBytesPerSecond" + count, Math.round(run.warm.bytes() / run.warm.seconds()));
      node.put("warmCpuSecondsPerGb" + count, round(run.warmCpu / (run.warm.bytes() / GB)));
      node.put("warmFirstByteP99Millis" + count, run.warm.p99FirstByteMicros() / 1000.0);
      node.put("rssBytes" + count, run.rss);
    }
    node.put("rssBytes", rss);
    node.put("cpuSecondsPerGb", node.get("warmCpuSecondsPerGb" + most()).asDouble());
    return node;
  }

  private Run run(
      Path directory, DebianRegistry upstream, TestImage image, Server server, int count)
      throws IOException, InterruptedException {
    TestImage warmUp = TestImage.push(upstream.url(), "bench/warm-up", "1.0", WARM_UP_BYTES, 32, 7);
    try (Child child = server.start(directory, upstream.url())) {
      // Both have served before, as a proxy in use has: what is measured is work, not the first use
      // of code.
      PullClients.pull(child.port(), warmUp, Math.min(count, 4), false);
      PullClients.pull(child.port(), warmUp, Math.min(count, 4), false);
      long sentBefore = upstream.blobBytesSent();
      touchMemory(directory.resolveSibling("memory"), image.bytes());
      Duration before = child.cpu();
      PullClients.Result cold = PullClients.pull(child.port(), image, count, false);
      double coldCpu = seconds(child.cpu().minus(before));
      // Until everything is stored the next pull is not warm; this one also checks every byte.
      PullClients.pull(child.port(), image, 1, true);
      long fetched = upstream.blobBytesSent() - sentBefore;
      before = child.cpu();
      PullClients.Result warm = PullClients.pull(child.port(), image, count, false);
      double warmCpu = seconds(child.cpu().minus(before));
      return new Run(cold, coldCpu, fetched, warm, warmCpu, child.peakRss());
    } finally {
      Directories.delete(directory);
    }
  }

  /**
   * Has the machine hand out as much memory as the image's files will take. On a virtual machine
   * that was idle, the first use of memory costs several times what a server does with it, and
   * would be charged to whoever comes first.
   */
  private static void touchMemory(Path file, long bytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocate(1 << 20);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long written = 0; written < bytes; ) {
        written += channel.write(zeros.clear());
      }
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private void compare(ObjectNode result) {
    String most = Integer.toString(most());
    result.put("warmRatio", ratio(result, "warmBytesPerSecond" + most));
    result.put("cpuWarmRatio", ratio(result, "warmCpuSecondsPerGb" + most));
    double worst = 0;
    for (int count : clients) {
      worst = Math.max(worst, ratio(result, "coldCpuSecondsPerGb" + count));
      result.put("cpuColdRatio" + count, ratio(result, "coldCpuSecondsPerGb" + count));
    }
    // The least flattering of them: with many clients a proxy that fetches once wins by that alone.
    result.put("cpuColdRatio", worst);
  }

  private static double ratio(ObjectNode result, String field) {
    return round(
        result.get("ours").get(field).asDouble() / result.get("peer").get(field).asDouble());
  }

  private int most() {
    return clients.stream().max(Comparator.naturalOrder()).orElseThrow();
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
