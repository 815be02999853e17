package io.springtide.executor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.executor.runtime.ContainerSetup.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountSourceTest {
  @TempDir Path scratch;
  private Path host;
  private Path allowed;
  private Path secret;

  @BeforeEach
  void make() throws IOException {
    host = scratch.toRealPath();
    allowed = Files.createDirectories(host.resolve("data/feed"));
    secret = Files.createDirectories(host.resolve("secret"));
  }

  @Test
  void whatLiesBelowIsMounted() throws IOException {
    Files.createDirectories(allowed.resolve("a"));
    assertThat(of("data/feed/a", "data/feed")).isEqualTo(allowed.resolve("a").toString());
    assertThat(of("data/feed", "data/feed")).isEqualTo(allowed.toString());
    assertThat(of("data/feed/new/one", "data/feed")).isEqualTo(allowed + "/new/one");
  }

  @Test
  void aLinkThatStaysBelowIsMountedAsWhatItMeans() throws IOException {
    Files.createDirectories(allowed.resolve("v2"));
    Files.createSymbolicLink(allowed.resolve("current"), Path.of("v2"));
    assertThat(of("data/feed/current", "data/feed")).isEqualTo(allowed.resolve("v2").toString());
  }

  @Test
  void aLinkThatLeavesIsNot() throws IOException {
    Files.createSymbolicLink(allowed.resolve("out"), secret);
    Files.createSymbolicLink(allowed.resolve("up"), Path.of("../../secret"));
    for (String source : List.of("data/feed/out", "data/feed/up", "data/feed/out/deeper")) {
      assertThatThrownBy(() -> of(source, "data/feed"))
          .isInstanceOf(RuntimeFailure.class)
          .hasMessageContaining("really " + secret)
          .hasMessageContaining("not below any of");
    }
    // One that a policy allows as well.
    assertThat(of("data/feed/out", "data/feed", "secret")).isEqualTo(secret.toString());
  }

  @Test
  void aLinkToNowhereIsNotEither() throws IOException {
    Files.createSymbolicLink(allowed.resolve("later"), secret.resolve("not/yet"));
    assertThatThrownBy(() -> of("data/feed/later", "data/feed"))
        .hasMessageContaining("cannot be followed");
  }

  @Test
  void aNameThatBeginsAlikeIsNotBelow() throws IOException {
    Files.createDirectories(host.resolve("data/feed-secret"));
    assertThatThrownBy(() -> of("data/feed-secret", "data/feed")).hasMessageContaining("not below");
  }

  /** The operator's own links: /data may well be one. */
  @Test
  void theAllowedDirectoryMayBeALinkItself() throws IOException {
    Files.createSymbolicLink(host.resolve("disk"), host.resolve("data"));
    assertThat(of("disk/feed", "disk/feed")).isEqualTo(allowed.toString());
  }

  private String of(String source, String... roots) {
    return MountSource.of(
        new Mount(
            host.resolve(source).toString(),
            "/target",
            false,
            List.of(roots).stream().map(root -> host.resolve(root).toString()).toList()));
  }
}
