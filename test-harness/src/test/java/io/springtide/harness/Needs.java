package io.springtide.harness;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.springtide.harness.consul.ConsulProcess;
import io.springtide.harness.demo.ContainerEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * What a test needs of the machine. What is missing skips the test with a line that names it and
 * how to install it; under {@code CI=true} it fails it.
 */
public final class Needs {
  private Needs() {}

  /** The path of a real Consul. */
  public static Path consul() {
    return ConsulProcess.program()
        .orElseGet(
            () ->
                missing("Consul", "put a consul program on the PATH, or its path into CONSUL_BIN"));
  }

  /** A Docker engine that answers; to be closed. */
  public static ContainerEngine docker() {
    return ContainerEngine.find()
        .orElseGet(() -> missing("a Docker engine", "apt-get install docker.io, start dockerd"));
  }

  /** Debian's docker-registry, as {@code /usr/bin/docker-registry}. */
  public static void dockerRegistry() {
    if (!Files.isExecutable(Path.of("/usr/bin/docker-registry"))) {
      missing("docker-registry", "apt-get install docker-registry");
    }
  }

  /** The programs of four clients that pull images, and root, whom their daemons must be. */
  public static void imageClients() {
    for (String program : List.of("dockerd", "docker", "containerd", "ctr", "skopeo", "podman")) {
      if (!onPath(program)) {
        missing(program, "apt-get install docker.io containerd skopeo podman");
      }
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      missing("the rights of root", "run it as root");
    }
  }

  private static boolean onPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(":", -1))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /** For where the machine's static busybox was not found. */
  public static AssertionError busybox() {
    return missing("a static busybox", "apt-get install busybox-static");
  }

  static <T> T missing(String component, String howToInstall) {
    String line = "needs " + component + ", which this machine lacks: " + howToInstall;
    // Surefire counts a skip but keeps its reason for the report: say it where people look.
    System.out.println("skipped: " + line);
    return "true".equals(System.getenv("CI")) ? fail(line) : abort(line);
  }
}
