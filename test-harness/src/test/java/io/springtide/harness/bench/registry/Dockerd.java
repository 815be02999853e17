package io.springtide.harness.bench.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.bench.registry.Command.Said;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** A dockerd of a test's own, which runs no containers, and its two ways to pull. */
final class Dockerd implements AutoCloseable {
  private final Path directory;
  private final List<String> docker;
  private final String bridge;
  private final Daemon daemon;

  private Dockerd(Path directory, List<String> docker, String bridge, Daemon daemon) {
    this.directory = directory;
    this.docker = docker;
    this.bridge = bridge;
    this.daemon = daemon;
  }

  /** {@code mirror}: for the names of Docker Hub. */
  static Dockerd start(Path directory, String mirror) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    Path config = directory.resolve("daemon.json");
    Files.writeString(config, "{\"registry-mirrors\": [\"" + mirror + "\"]}");
    String socket = "unix://" + directory.resolve("docker.sock");
    List<String> docker =
        List.of("docker", "--config", directory.resolve("client").toString(), "--host", socket);
    // Told to do without a bridge, dockerd takes docker0 away from the engine whose it is.
    String bridge = "tide-" + UUID.randomUUID().toString().substring(0, 8);
    List<String> dockerd =
        List.of(
            "dockerd",
            "--config-file=" + config,
            "--data-root=" + directory.resolve("data"),
            "--exec-root=" + directory.resolve("run"),
            "--pidfile=" + directory.resolve("pid"),
            "--host=" + socket,
            "--bridge=" + bridge,
            "--iptables=false",
            "--ip-forward=false");
    List<String> question = and(docker, "version");
    Command.mustRun(List.of("ip", "link", "add", "name", bridge, "type", "bridge"));
    try {
      return new Dockerd(directory, docker, bridge, Daemon.start(directory, dockerd, question));
    } catch (IOException | InterruptedException | RuntimeException e) {
      remove(bridge);
      throw e;
    }
  }

  private static void remove(String bridge) throws IOException {
    try {
      Command.run(List.of("ip", "link", "delete", bridge));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static List<String> and(List<String> docker, String... arguments) {
    return Stream.concat(docker.stream(), Stream.of(arguments)).toList();
  }

  /** Pulls what is named by {@code registry}, a {@code host:port}. */
  ImageClient byName(String registry) {
    return new Puller("dockerd", registry + "/feed/", "feed/");
  }

  /** Pulls names of Docker Hub through the mirror. */
  ImageClient byMirror() {
    return new Puller("dockerd mirror", "feed/", "feed/");
  }

  /** Pulls names of Docker Hub that have no slash through the mirror. */
  ImageClient byMirrorFromLibrary() {
    return new Puller("dockerd library", "", "library/");
  }

  /** {@code prefix} for dockerd is {@code place} for the registry. */
  private final class Puller implements ImageClient {
    private final String name;
    private final String prefix;
    private final String place;

    Puller(String name, String prefix, String place) {
      this.name = name;
      this.prefix = prefix;
      this.place = place;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String repository(String image) {
      return place + image;
    }

    @Override
    public boolean persistent() {
      return true;
    }

    private String named(LayeredImage image) {
      return prefix + image.name().substring(place.length());
    }

    @Override
    public Said pull(LayeredImage image) throws IOException, InterruptedException {
      return Command.run(and(docker, "pull", named(image)));
    }

    @Override
    public void assertWhole(LayeredImage image) throws IOException, InterruptedException {
      String format = "{{.Id}}{{range .RootFS.Layers}} {{.}}{{end}}";
      assertThat(Command.mustRun(and(docker, "image", "inspect", "--format", format, named(image))))
          .isEqualTo(image.id() + " " + String.join(" ", image.diffIds()));
      Path archive = Files.createTempFile(directory, "saved", ".tar");
      Command.mustRun(and(docker, "save", "--output", archive.toString(), named(image)));
      assertThat(layersIn(archive)).containsExactlyInAnyOrderElementsOf(image.diffIds());
      Files.delete(archive);
    }

    @Override
    public void forget(LayeredImage image) throws IOException, InterruptedException {
      Command.mustRun(and(docker, "image", "rm", named(image)));
    }
  }

  /** Digests of the layers in an archive that {@code docker save} made from its files. */
  static List<String> layersIn(Path archive) throws IOException {
    List<String> layers = new ArrayList<>();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(in, UTF_8.name())) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.getName().endsWith(".tar") && !entry.isSymbolicLink()) {
          layers.add(LayeredImage.digest(tar.readAllBytes()));
        }
      }
    }
    return layers;
  }

  @Override
  public void close() throws IOException {
    try {
      daemon.close();
    } finally {
      remove(bridge);
    }
  }
}
