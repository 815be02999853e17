package io.springtide.server;

import io.springtide.server.config.ConfigException;
import io.springtide.server.config.FileTrouble;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/** This process's directory, locked: two processes on one would break each other's data. */
final class DataDir implements AutoCloseable {
  private final Path path;
  private final FileChannel lock;

  private DataDir(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  static DataDir open(Path path) throws ConfigException {
    FileChannel channel = null;
    try {
      create(path);
      channel =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock held = channel.tryLock();
      if (held != null) {
        return new DataDir(path, channel);
      }
      channel.close();
    } catch (OverlappingFileLockException e) {
      close(channel);
    } catch (IOException e) {
      close(channel);
      throw new ConfigException(
          "dataDir: "
              + path
              + " cannot be used: "
              + FileTrouble.of(e)
              + "; name a directory that this process may write");
    }
    throw new ConfigException(
        "dataDir: another process uses " + path + "; stop it, or name another directory");
  }

  /** A directory that we make is ours alone; one that is there has the rights that it was given. */
  private static void create(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      Files.createDirectories(path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /** Writes a file at once, never half of it. */
  void write(String name, String text) throws IOException {
    Path part = path.resolve(name + ".part");
    Files.writeString(part, text);
    Files.move(part, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  @Override
  public void close() {
    close(lock);
  }

  private static void close(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // The lock goes with the process at the latest.
      }
    }
  }
}
