package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.Needs;
import io.springtide.harness.demo.ContainerEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real dockerd pulls an image by the proxy's name: cold, warm, and with the registry gone. */
class DockerPullTest {
  @TempDir Path directory;
  private final List<String> images = new ArrayList<>();

  @AfterEach
  void removeImages() throws Exception {
    for (String image : images) {
      docker("rmi", "-f", image);
    }
  }

  @Test
  void anImageComesThroughTheProxyAlsoWhenTheRegistryIsGone() throws Exception {
    Needs.dockerRegistry();
    try (ContainerEngine engine = Needs.docker()) {
      assertThat(engine).isNotNull();
    }
    try (DebianRegistry upstream =
            DebianRegistry.start(directory.resolve("upstream"), Optional.empty());
        Child proxy = ProxyProcess.start(directory.resolve("proxy"), upstream.url())) {
      String pushed = image(upstream.port());
      String pulled = image(proxy.port());
      assertThat(docker("import", rootfs().toString(), pushed).exitCode).isZero();
      String id = docker("inspect", "-f", "{{.Id}}", pushed).text;
      assertThat(docker("push", "-q", pushed).exitCode).isZero();
      assertThat(docker("rmi", pushed).exitCode).isZero();
      for (String state : List.of("cold", "warm", "registry gone")) {
        if (state.equals("registry gone")) {
          upstream.child().kill();
        }
        Said pull = docker("pull", "-q", pulled);
        assertThat(pull.exitCode).as("%s: %s", state, pull.text).isZero();
        assertThat(docker("inspect", "-f", "{{.Id}}", pulled).text).as(state).isEqualTo(id);
        assertThat(docker("rmi", pulled).exitCode).isZero();
      }
      assertThat(upstream.blobBytesSent()).as("one copy").isBetween(3_000_000L, 4_000_000L);
    }
  }

  private String image(int port) {
    String image = "127.0.0.1:" + port + "/springtide-test/pull:1.0";
    images.add(image);
    return image;
  }

  /** A root file system of one file of noise, as a tar. */
  private Path rootfs() throws IOException, InterruptedException {
    byte[] noise = new byte[3_000_000];
    new Random(4).nextBytes(noise);
    Path root = Files.createDirectory(directory.resolve("root"));
    Files.write(root.resolve("data"), noise);
    Path tar = directory.resolve("root.tar");
    assertThat(run(List.of("tar", "-C", root.toString(), "-cf", tar.toString(), ".")).exitCode)
        .isZero();
    return tar;
  }

  private record Said(int exitCode, String text) {}

  private static Said docker(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("docker"));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private static Said run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Said(process.waitFor(), text);
  }
}
