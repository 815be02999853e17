package io.springtide.registry.fill;

import io.netty.buffer.ByteBuf;
import io.springtide.registry.http.Coding;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.Draft;
import io.springtide.registry.upstream.ContentFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bytes of a blob that came so far: their draft in the store, and their hash. */
final class Arrival {
  private static final Logger log = LoggerFactory.getLogger(Arrival.class);

  private final BlobStore store;
  private final Digest digest;
  private final Optional<Coding> coding;
  private final MessageDigest hash;
  private volatile Draft draft;

  private Arrival(BlobStore store, Draft draft, Optional<Coding> coding) {
    this.store = store;
    this.digest = draft.digest();
    this.coding = coding;
    this.draft = draft;
    this.hash = digest.newHash();
  }

  /**
   * Begins with no byte yet; empty if there is no room.
   *
   * @param length in bytes; negative if unknown
   * @param coding what somebody on the way did to the content
   */
  static Optional<Arrival> begin(
      BlobStore store, Digest digest, long length, Optional<Coding> coding) {
    return store.begin(digest, length).map(draft -> new Arrival(store, draft, coding));
  }

  Draft draft() {
    return draft;
  }

  long written() {
    return draft.written();
  }

  /** Whether what comes is the code of the content, as the answer says, and not yet decoded. */
  boolean isCoded() {
    return coding.isPresent();
  }

  /** Makes room for so many bytes in all; false if there is none. */
  boolean grow(long size) {
    return store.grow(draft, size);
  }

  /** The next bytes; {@code inPlace}: they stand in the draft's file already. */
  void append(ByteBuf bytes, boolean inPlace) throws IOException {
    for (ByteBuffer part : bytes.nioBuffers()) {
      // In this order: the hash is always of what is written, also when the disk is full.
      if (inPlace) {
        draft.advance(part.remaining());
      } else {
        draft.append(part.duplicate());
      }
      hash.update(part);
    }
  }

  /** The digest of what came so far. */
  Digest found() {
    return Digest.of(digest.algorithm(), hashSoFar());
  }

  boolean isRight() {
    return found().equals(digest);
  }

  HashedStart hashed() {
    return new HashedStart(draft.written(), hashSoFar());
  }

  private MessageDigest hashSoFar() {
    try {
      return (MessageDigest) hash.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("every Java runtime can copy its SHA-2 hashes", e);
    }
  }

  /**
   * Puts the content, right by its digest, in the place of the code that came. Nobody has read of
   * the code. Blocks for the disk.
   *
   * @throws ContentFailure if it is not the content, or there is no room for it
   */
  void decode() throws ContentFailure {
    Draft code = draft;
    draft = Decoding.decoded(code, coding.orElseThrow(), store);
    store.discard(code);
    try {
      code.close();
    } catch (IOException e) {
      log.warn("cannot close the code of {}: {}", digest, e.toString());
    }
  }

  /** Puts it into the store. Blocks for the disk. */
  void commit() throws IOException {
    store.commit(draft);
  }

  void discard() {
    store.discard(draft);
  }
}
