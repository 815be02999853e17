package io.springtide.harness.bench.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.bench.registry.Command.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** skopeo, which copies an image's blobs into a directory. */
record Skopeo(Path directory, String registry) implements ImageClient {
  @Override
  public String name() {
    return "skopeo";
  }

  @Override
  public boolean persistent() {
    return false;
  }

  private Path place(LayeredImage image) {
    return directory.resolve(image.repository().replace('/', '-'));
  }

  @Override
  public Said pull(LayeredImage image) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    return Command.run(
        OwnVarLib.around(
            List.of(
                "skopeo",
                "--insecure-policy",
                "copy",
                "--src-tls-verify=false",
                "docker://" + registry + "/" + image.name(),
                "dir:" + place(image))));
  }

  @Override
  public void assertWhole(LayeredImage image) throws IOException {
    for (String digest : image.blobs()) {
      Path file = place(image).resolve(digest.substring("sha256:".length()));
      assertThat(LayeredImage.digest(Files.readAllBytes(file))).isEqualTo(digest);
    }
  }

  @Override
  public void forget(LayeredImage image) throws IOException {
    try (var files = Files.list(place(image))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(place(image));
  }
}
