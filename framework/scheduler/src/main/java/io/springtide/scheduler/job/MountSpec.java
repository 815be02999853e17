package io.springtide.scheduler.job;

import io.springtide.partition.model.InvalidModelException;

/**
 * A directory of the host inside a container.
 *
 * @param source absolute path on the host, without {@code ..}
 * @param target absolute path in the container, without {@code ..}
 * @param readOnly whether the container may only read it
 */
public record MountSpec(String source, String target, boolean readOnly) {
  public MountSpec {
    requirePath("source", source);
    requirePath("target", target);
  }

  /** Whether the source is {@code root} or lies below it. */
  public boolean isBelow(String root) {
    String directory = root.endsWith("/") ? root : root + "/";
    return (source + "/").startsWith(directory);
  }

  private static void requirePath(String field, String path) {
    if (path == null || !path.startsWith("/")) {
      throw new InvalidModelException(
          field, "'" + path + "' is not absolute", "write a path that begins with /");
    }
    for (String part : path.split("/", -1)) {
      if (part.equals("..") || part.equals(".")) {
        throw new InvalidModelException(
            field, "'" + path + "' leaves its directory", "write the path without . and ..");
      }
    }
  }
}
