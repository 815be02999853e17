package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.bench.registry.Command.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** podman with a store of its own, which copies layers: nothing is mounted. */
record Podman(Path directory, String registry) implements ImageClient {
  @Override
  public String name() {
    return "podman";
  }

  @Override
  public boolean persistent() {
    return false;
  }

  private List<String> podman(String... arguments) throws IOException {
    Files.createDirectories(directory);
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "TMPDIR=" + directory,
                "podman",
                "--root=" + directory.resolve("root"),
                "--runroot=" + directory.resolve("run"),
                "--tmpdir=" + directory.resolve("tmp"),
                "--storage-driver=vfs",
                "--cgroup-manager=cgroupfs",
                "--events-backend=none"));
    command.addAll(List.of(arguments));
    return OwnVarLib.around(command);
  }

  private String named(LayeredImage image) {
    return registry + "/" + image.name();
  }

  @Override
  public Said pull(LayeredImage image) throws IOException, InterruptedException {
    return Command.run(podman("pull", "--tls-verify=false", named(image)));
  }

  @Override
  public void assertWhole(LayeredImage image) throws IOException, InterruptedException {
    String format = "sha256:{{.Id}}{{range .RootFS.Layers}} {{.}}{{end}}";
    assertThat(Command.mustRun(podman("image", "inspect", "--format", format, named(image))))
        .isEqualTo(image.id() + " " + String.join(" ", image.diffIds()));
    Path archive = directory.resolve("saved.tar");
    Files.deleteIfExists(archive); // podman adds to no archive that is there
    Command.mustRun(podman("save", "--quiet", "--output", archive.toString(), named(image)));
    assertThat(Dockerd.layersIn(archive)).containsExactlyInAnyOrderElementsOf(image.diffIds());
    Files.delete(archive);
  }

  @Override
  public void forget(LayeredImage image) throws IOException, InterruptedException {
    Command.mustRun(podman("rmi", named(image)));
  }
}
