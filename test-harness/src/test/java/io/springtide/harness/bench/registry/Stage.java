package io.springtide.harness.bench.registry;

import io.springtide.harness.emulator.http.KeptPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A real registry, a relay before it that can go wrong, and the proxy as a process before that.
 * Each has the same port for good, however often it dies.
 */
final class Stage implements AutoCloseable {
  private static final int NO_LIMIT = 0;

  private final Path directory;
  private final Random random;
  private DebianRegistry registry;
  private final FaultRelay relay;
  private String config;
  private int fileLimit;
  private Path data;
  private Child proxy;
  private final KeptPort port = KeptPort.any();
  private final KeptPort registryPort = KeptPort.any();

  /**
   * With a first proxy.
   *
   * @param config further YAML of its configuration
   * @param seed of the noise in the images
   */
  Stage(Path directory, String config, long seed) throws IOException, InterruptedException {
    this.directory = directory;
    this.random = new Random(seed);
    startRegistry();
    relay = new FaultRelay(registry.port());
    try {
      proxy(config, NO_LIMIT);
    } catch (IOException | InterruptedException e) {
      close();
      throw e;
    }
  }

  /** The same with a seed of its own, which is printed. */
  static Stage seeded(Path directory, String config) throws IOException, InterruptedException {
    long seed = new Random().nextLong();
    System.out.println("seed of the images: " + seed);
    return new Stage(directory, config, seed);
  }

  FaultRelay relay() {
    return relay;
  }

  /** Of the proxy. */
  int port() {
    return port.number();
  }

  LayeredImage push(String repository, String tag) throws IOException, InterruptedException {
    return LayeredImage.push(registry.url(), repository, tag, random);
  }

  /** A new proxy, unless the one that runs is like it. */
  void proxy(String more) throws IOException, InterruptedException {
    proxy(more, NO_LIMIT);
  }

  /** {@code kib}: the proxy cannot write files that are larger. */
  void proxy(String more, int kib) throws IOException, InterruptedException {
    if (more.equals(config) && kib == fileLimit) {
      return;
    }
    if (proxy != null) {
      proxy.kill();
    }
    config = more;
    fileLimit = kib;
    data = Files.createTempDirectory(directory, "proxy");
    startProxy();
  }

  void killProxy() throws InterruptedException {
    proxy.kill();
  }

  /** With the data of the one that was killed. */
  void startProxy() throws IOException, InterruptedException {
    List<String> command =
        ProxyProcess.command(
            data,
            "listen: 127.0.0.1:"
                + port.number()
                + "\nstore: {quota: 1GiB, minFree: 0B}\n"
                + "upstreams:\n- {name: hub, default: true, namespaces: [docker.io],"
                + " prefix: docker.io, library: true, url: \""
                + relay.url()
                + "\"}\n"
                + config);
    proxy =
        ProxyProcess.start(fileLimit == NO_LIMIT ? command : FullDisk.above(fileLimit, command));
  }

  void killRegistry() throws InterruptedException {
    registry.child().kill();
  }

  void startRegistry() throws IOException, InterruptedException {
    registry =
        DebianRegistry.start(
            directory.resolve("registry"), Optional.empty(), registryPort.number());
  }

  @Override
  public void close() throws IOException {
    if (proxy != null) {
      proxy.close();
    }
    relay.close();
    registry.close();
    port.close();
    registryPort.close();
  }
}
