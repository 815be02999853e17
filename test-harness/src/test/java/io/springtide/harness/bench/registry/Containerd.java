package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.bench.registry.Command.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A containerd of a test's own, and {@code ctr}'s two ways to pull. */
final class Containerd implements AutoCloseable {
  private static final String CERTS = "certs.d";

  private final Path directory;
  private final List<String> ctr;
  private final Daemon daemon;

  private Containerd(Path directory, List<String> ctr, Daemon daemon) {
    this.directory = directory;
    this.ctr = ctr;
    this.daemon = daemon;
  }

  /** {@code mirror}: for what is named {@code docker.io/…}. */
  static Containerd start(Path directory, String mirror) throws IOException, InterruptedException {
    Path host = Files.createDirectories(directory.resolve(CERTS).resolve("docker.io"));
    Files.writeString(
        host.resolve("hosts.toml"),
        "server = \"https://registry-1.docker.io\"\n[host.\""
            + mirror
            + "\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
    Path config = directory.resolve("config.toml");
    String socket = directory.resolve("containerd.sock").toString();
    // The plugins that would use a place of the machine's, or need more than images do.
    Files.writeString(
        config,
        """
        version = 2
        root = "DIR/root"
        state = "DIR/state"
        disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
        [grpc]
          address = "DIR/containerd.sock"
        """
            .replace("DIR", directory.toString()));
    List<String> ctr = List.of("ctr", "--address", socket);
    List<String> containerd = List.of("containerd", "--config", config.toString());
    return new Containerd(directory, ctr, Daemon.start(directory, containerd, and(ctr, "version")));
  }

  private static List<String> and(List<String> ctr, String... arguments) {
    return Stream.concat(ctr.stream(), Stream.of(arguments)).toList();
  }

  /** Pulls what is named by {@code registry}, a {@code host:port} without TLS. */
  ImageClient byName(String registry) {
    return new Puller("containerd", registry + "/", "", List.of("--plain-http"));
  }

  /** Pulls {@code docker.io/…} from the mirror, which learns so from {@code ?ns=}. */
  ImageClient byNamespace() {
    String hosts = directory.resolve(CERTS).toString();
    return new Puller(
        "containerd ns", "docker.io/", "?ns=docker.io", List.of("--hosts-dir", hosts));
  }

  private final class Puller implements ImageClient {
    private final String name;
    private final String prefix;
    private final String query;
    private final List<String> how;

    Puller(String name, String prefix, String query, List<String> how) {
      this.name = name;
      this.prefix = prefix;
      this.query = query;
      this.how = how;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String query() {
      return query;
    }

    @Override
    public boolean persistent() {
      return false;
    }

    @Override
    public Said pull(LayeredImage image) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>(and(ctr, "images", "pull"));
      command.addAll(how);
      command.add(prefix + image.name());
      return Command.run(command);
    }

    @Override
    public void assertWhole(LayeredImage image) throws IOException, InterruptedException {
      String filter = "name==" + prefix + image.name();
      assertThat(Command.mustRun(and(ctr, "images", "check", filter)))
          .contains("complete (4/4)")
          .endsWith("true");
      Path content = directory.resolve("root/io.containerd.content.v1.content/blobs/sha256");
      for (String digest : image.blobs()) {
        byte[] bytes = Files.readAllBytes(content.resolve(digest.substring("sha256:".length())));
        assertThat(LayeredImage.digest(bytes)).isEqualTo(digest);
      }
    }

    @Override
    public void forget(LayeredImage image) throws IOException, InterruptedException {
      Command.mustRun(and(ctr, "images", "rm", "--sync", prefix + image.name()));
    }
  }

  @Override
  public void close() throws IOException {
    daemon.close();
  }
}
