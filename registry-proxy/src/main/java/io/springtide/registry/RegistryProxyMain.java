package io.springtide.registry;

import io.springtide.registry.config.ConfigException;
import io.springtide.registry.config.ConfigFile;
import io.springtide.registry.config.ProxyConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code tide registry-proxy --config f.yaml}: runs the proxy until the process is told to stop.
 */
@Command(
    name = "registry-proxy",
    mixinStandardHelpOptions = true,
    description = {
      "Brings images: a pull-through cache of registries for one place; or, with a peer section in"
          + " its configuration, one host's peer of such a cache.",
      ""
    },
    footer = {
      "",
      "The proxy of a place needs listen, dataDir and one upstream:",
      "  listen: 0.0.0.0:5000",
      "  dataDir: /var/lib/springtide/registry",
      "  upstreams: [{name: own, url: https://registry.example.com, default: true}]",
      "",
      "A host's peer needs its proxy instead, and a door for other peers:",
      "  listen: 127.0.0.1:5000",
      "  dataDir: /var/lib/springtide/peer",
      "  peer: {proxy: http://proxy.example:5000, listen: 0.0.0.0:5001}",
      "",
      "All keys, and what dockerd and containerd are told: docs/registry-proxy.md"
    })
public final class RegistryProxyMain implements Callable<Integer> {
  @Option(names = "--config", required = true, description = "the configuration, YAML")
  private Path configFile;

  @Option(
      names = "--check",
      description = "only read the configuration and say what is wrong with it")
  private boolean check;

  public static void main(String[] args) {
    if (System.getProperty("logback.configurationFile") == null) {
      System.setProperty("logback.configurationFile", "registry-proxy-logback.xml");
    }
    System.exit(new CommandLine(new RegistryProxyMain()).execute(args));
  }

  @Override
  public Integer call() {
    ProxyConfig config;
    try {
      config = ConfigFile.read(configFile);
    } catch (ConfigException e) {
      System.err.println(configFile + ": " + e.getMessage());
      return 2;
    }
    if (check) {
      System.out.println(configFile + " is good");
      return 0;
    }
    try (RegistryProxy proxy = RegistryProxy.start(config)) {
      Runtime.getRuntime().addShutdownHook(new Thread(proxy::close, "stop"));
      // The one line on stdout, for whoever started us with port 0.
      System.out.println("registry-proxy listens on " + proxy.address().getPort());
      proxy.awaitClose();
      return 0;
    } catch (IOException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }
}
