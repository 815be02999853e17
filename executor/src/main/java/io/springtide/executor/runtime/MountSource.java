package io.springtide.executor.runtime;

import io.springtide.mesos.Why;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Where a mount's source really is. A policy allows a group a directory; whoever may write in it
 * can set a symbolic link there, and an engine follows it to wherever it points.
 */
final class MountSource {
  private MountSource() {}

  /**
   * The source's path without symbolic links: what was looked at is what the engine is told.
   *
   * @throws RuntimeFailure when it leaves the directories that are allowed
   */
  static String of(ContainerSetup.Mount mount) {
    if (mount.roots().isEmpty()) {
      return mount.source();
    }
    Path real = real(mount.source());
    if (mount.roots().stream().noneMatch(root -> real.startsWith(real(root)))) {
      throw new RuntimeFailure(
          ("mount %s: that is really %s, which is not below any of %s; mount what it leads to by"
                  + " its own path, where the group's policy allows it")
              .formatted(mount.source(), real, mount.roots()));
    }
    return real.toString();
  }

  /** What is not there yet has no links; the engine will make it. */
  private static Path real(String source) {
    try {
      Path path = Path.of(source).normalize();
      Path there = path;
      while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
        there = there.getParent();
      }
      return there.toRealPath().resolve(there.relativize(path));
    } catch (IOException | InvalidPathException e) {
      throw new RuntimeFailure(
          "mount " + source + ": it cannot be followed on this host: " + Why.of(e), e);
    }
  }
}
