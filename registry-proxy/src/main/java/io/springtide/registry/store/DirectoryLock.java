package io.springtide.registry.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A directory for one process alone: two stores in one place would remove each other's drafts, and
 * each would count only its own bytes. The lock ends with its process, however that ends.
 */
public final class DirectoryLock implements Closeable {
  private final FileChannel file;

  private DirectoryLock(FileChannel file) {
    this.file = file;
  }

  /** Locks {@code directory}, which is created if absent; fails if another process has it. */
  public static DirectoryLock take(Path directory) throws IOException {
    Files.createDirectories(directory);
    FileChannel file =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = file.tryLock();
      if (lock != null) {
        return new DirectoryLock(file);
      }
    } catch (OverlappingFileLockException e) {
      // held by this very process: refused below, as if by another
    } catch (IOException e) {
      file.close();
      throw e;
    }
    file.close();
    throw new IOException(
        directory + " is in use by another proxy: give each of them a dataDir of its own");
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
