package io.springtide.registry.peer;

import io.springtide.registry.store.Digest;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Opens the file into which a blob is just arriving. */
public interface PeerFiles {
  /**
   * The file of a blob that is arriving.
   *
   * @param changed called, on any thread, when the blob is whole and right or has failed
   * @return empty if the blob is not arriving
   */
  Optional<Arriving> open(Digest digest, Runnable changed);

  /**
   * A file and what becomes of it.
   *
   * @param file open until {@code release}, also after the blob is whole
   * @param failed whether it is not what it should be, or cannot be had
   */
  record Arriving(FileChannel file, BooleanSupplier failed, Runnable release) {}
}
