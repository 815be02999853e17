package io.springtide.registry.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where blobs lie on disk: {@code blobs/<algorithm>/<first two hex>/<hex>.<size>}, and what is
 * still arriving in {@code drafts/}. The size in the name lets a start find cut files without
 * reading them; a file's modification time is the time of its last use.
 */
final class BlobFiles {
  private static final Logger log = LoggerFactory.getLogger(BlobFiles.class);

  private final Path blobs;
  private final Path drafts;
  private final AtomicLong draftNumber = new AtomicLong();

  /** Creates what is absent, and removes the drafts of an earlier process. */
  BlobFiles(Path root) throws IOException {
    blobs = root.resolve("blobs");
    drafts = root.resolve("drafts");
    Files.createDirectories(blobs);
    Files.createDirectories(drafts);
    try (var files = Files.list(drafts)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * Calls {@code action} with every blob and the time of its last use; removes files that are not
   * what their name says.
   */
  void forEach(BiConsumer<StoredBlob, FileTime> action) throws IOException {
    Files.walkFileTree(
        blobs,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Optional<StoredBlob> blob = named(file);
            if (blob.isPresent() && blob.get().size() == attributes.size()) {
              action.accept(blob.get(), attributes.lastModifiedTime());
            } else {
              log.warn("removed {}: {} bytes are not what its name says", file, attributes.size());
              Files.delete(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static Optional<StoredBlob> named(Path file) {
    String name = file.getFileName().toString();
    int dot = name.indexOf('.');
    String algorithm = file.getParent().getParent().getFileName().toString();
    if (dot < 0 || !name.substring(dot + 1).matches("[0-9]{1,18}")) {
      return Optional.empty();
    }
    return Digest.parse(algorithm + ":" + name.substring(0, dot))
        .map(digest -> new StoredBlob(digest, file, Long.parseLong(name.substring(dot + 1))));
  }

  /** A new empty file for content that arrives; {@code reserved} as in {@link Draft}. */
  Draft draft(Digest digest, long reserved) throws IOException {
    Path path = drafts.resolve(digest.hex() + "." + draftNumber.incrementAndGet());
    FileChannel file =
        FileChannel.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new Draft(digest, path, file, reserved);
  }

  /** Where the draft's content will lie. */
  StoredBlob place(Draft draft) {
    Digest digest = draft.digest();
    Path path =
        blobs
            .resolve(digest.algorithm())
            .resolve(digest.hex().substring(0, 2))
            .resolve(digest.hex() + "." + draft.written());
    return new StoredBlob(digest, path, draft.written());
  }

  /** Renames the draft, whose bytes are on disk, to its place. */
  void install(Draft draft, StoredBlob blob) throws IOException {
    Files.createDirectories(blob.path().getParent());
    Files.move(draft.path(), blob.path(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Makes the names in a directory survive a crash. */
  void syncNames(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      log.warn("what is new in {} might not survive a crash: {}", directory, e.toString());
    }
  }

  /** Whether the blob's file is there, and as long as it should be. */
  boolean isWhole(StoredBlob blob) {
    try {
      return Files.size(blob.path()) == blob.size();
    } catch (IOException e) {
      return false;
    }
  }

  void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.warn("cannot delete {}: {}", path, e.toString());
    }
  }

  /** Bytes of the file system that this process may still write. */
  long free() {
    // By statvfs: a FileStore wants a mount point, which a process in a chroot does not see.
    return drafts.toFile().getUsableSpace();
  }
}
