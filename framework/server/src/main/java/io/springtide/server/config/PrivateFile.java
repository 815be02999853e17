package io.springtide.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * A file that a configuration names and that holds a secret: every user of the machine must not
 * read it. A group may, since that is how a secret is shared with a service.
 */
public final class PrivateFile {
  private static final int MAX_BYTES = 1 << 20;

  private PrivateFile() {}

  /**
   * What it holds; at most 1 MiB.
   *
   * @param key of the configuration that names it
   * @throws ConfigException if it cannot be read, or everybody may read it
   */
  public static byte[] read(String key, Path file) throws ConfigException {
    byte[] bytes = readOpen(key, file);
    try {
      Set<PosixFilePermission> rights = Files.getPosixFilePermissions(file);
      if (rights.contains(PosixFilePermission.OTHERS_READ)) {
        throw new ConfigException(
            "%s: every user of this machine may read %s; chmod o-rwx it, and take a new secret if somebody has"
                .formatted(key, file));
      }
    } catch (IOException e) {
      throw unreadable(key, file, FileTrouble.of(e));
    }
    return bytes;
  }

  /**
   * What a file holds that everybody may read; at most 1 MiB.
   *
   * @throws ConfigException if it cannot be read
   */
  public static byte[] readOpen(String key, Path file) throws ConfigException {
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw unreadable(key, file, "it is larger than 1 MiB");
      }
      return bytes;
    } catch (IOException e) {
      throw unreadable(key, file, FileTrouble.of(e));
    }
  }

  private static ConfigException unreadable(String key, Path file, String why) {
    return new ConfigException(
        "%s: %s cannot be read: %s; name a file that this process may read"
            .formatted(key, file, why));
  }
}
