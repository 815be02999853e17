package io.springtide.harness.bench.registry;

import io.springtide.registry.RegistryProxyMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Our registry proxy in a process of its own, as {@code tide registry-proxy} starts it. */
final class ProxyProcess {
  private static final Pattern READY = Pattern.compile("registry-proxy listens on (\\d+)");

  /** As tide gives them. */
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms32m",
          "-Xmx96m",
          "-Xss512k",
          "-XX:MaxDirectMemorySize=64m",
          "-XX:ReservedCodeCacheSize=48m",
          "-XX:Tier4InvocationThreshold=50000",
          "-XX:Tier4MinInvocationThreshold=6000",
          "-XX:Tier4CompileThreshold=150000");

  private ProxyProcess() {}

  static Child start(Path directory, String upstreamUrl) throws IOException, InterruptedException {
    return start(directory, upstreamUrl, 0, "");
  }

  /**
   * @param port to listen on; 0 for any
   * @param more further YAML of the proxy's configuration
   */
  static Child start(Path directory, String upstreamUrl, int port, String more)
      throws IOException, InterruptedException {
    return start(command(directory, upstreamUrl, port, more));
  }

  static Child start(List<String> command) throws IOException, InterruptedException {
    return Child.start(command, READY, line -> {});
  }

  /** The command of a proxy whose configuration is written into {@code directory}. */
  static List<String> command(Path directory, String upstreamUrl, int port, String more)
      throws IOException {
    return command(
        directory,
        "listen: 127.0.0.1:"
            + port
            + "\nstore: {quota: 200GiB, minFree: 0B}\n"
            + "upstreams:\n- {name: up, url: \""
            + upstreamUrl
            + "\", default: true}\n"
            + more);
  }

  /**
   * The command of a proxy or peer whose configuration is written into {@code directory}, where its
   * data is, too.
   *
   * @param config YAML, all but {@code dataDir}
   */
  static List<String> command(Path directory, String config) throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve("proxy.yaml");
    Files.writeString(file, config + "dataDir: \"" + directory.resolve("data") + "\"\n");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            RegistryProxyMain.class.getName(),
            "--config",
            file.toString()));
    return command;
  }
}
