package io.springtide.executor;

import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * What a test needs of its machine: where that is missing, the test is skipped, but not under CI.
 */
public final class Needs {
  private Needs() {}

  /** A Docker engine at its usual place, and a static busybox to make an image of. */
  public static void docker() {
    var config = DefaultDockerClientConfig.createDefaultConfigBuilder().build();
    var http = new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build();
    try (var client = DockerClientImpl.getInstance(config, http)) {
      client.pingCmd().exec();
    } catch (IOException | RuntimeException e) {
      skip("no Docker engine: apt-get install docker.io, and start dockerd", e);
    }
    if (!Files.isExecutable(BUSYBOX)) {
      skip("no static busybox: apt-get install busybox-static", null);
    }
  }

  public static final Path BUSYBOX = Path.of("/bin/busybox");

  /** A Consul binary: CONSUL_BIN, or on the PATH. */
  public static Path consul() {
    Optional<Path> found =
        Stream.concat(
                Stream.ofNullable(System.getenv("CONSUL_BIN"))
                    .filter(named -> !named.isEmpty())
                    .map(Path::of),
                Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                    .map(directory -> Path.of(directory, "consul")))
            .filter(Files::isExecutable)
            .filter(Files::isRegularFile)
            .findFirst();
    if (found.isEmpty()) {
      skip("no consul: put one on the PATH, or name it in CONSUL_BIN", null);
    }
    return found.orElseThrow();
  }

  private static void skip(String message, Throwable cause) {
    if ("true".equals(System.getenv("CI"))) {
      Assertions.fail(message, cause);
    }
    System.err.println("SKIPPED: " + message);
    Assumptions.abort(message);
  }
}
