package io.springtide.registry.fill;

import io.springtide.registry.http.Coding;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.Draft;
import io.springtide.registry.upstream.ContentFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.security.MessageDigest;
import java.util.Optional;

/** Content that arrived as the code of itself. */
final class Decoding {
  private static final int STEP = 64 << 10;

  private Decoding() {}

  /**
   * A new draft with the content that {@code code} is the code of, right by its digest. Blocks for
   * the disk; room is made step by step, so that a small code of endless content ends in {@code
   * NO_ROOM}. {@code code} is left as it is.
   *
   * @throws ContentFailure if it is not the content that the digest names, or there is no room for
   *     it
   */
  static Draft decoded(Draft code, Coding coding, BlobStore store) throws ContentFailure {
    Digest digest = code.digest();
    Optional<Draft> begun = store.begin(digest, -1);
    if (begun.isEmpty()) {
      throw new ContentFailure(ContentFailure.Kind.NO_ROOM, "no room for " + digest);
    }
    Draft plain = begun.get();
    try {
      copy(code, coding, plain, store);
      return plain;
    } catch (IOException e) {
      store.discard(plain);
      try {
        plain.close();
      } catch (IOException closing) {
        e.addSuppressed(closing);
      }
      throw e instanceof ContentFailure failure
          ? failure
          : new ContentFailure(
              ContentFailure.Kind.CORRUPT,
              "upstream sent other bytes for " + digest + ": " + said(e));
    }
  }

  private static String said(IOException e) {
    return e.getMessage() == null ? "it breaks off" : e.getMessage();
  }

  private static void copy(Draft code, Coding coding, Draft plain, BlobStore store)
      throws IOException {
    Digest digest = code.digest();
    MessageDigest hash = digest.newHash();
    byte[] step = new byte[STEP];
    // Not closed: it would close the draft's file, which others own.
    InputStream decoder = coding.decoded(Channels.newInputStream(code.file().position(0)));
    for (int n = decoder.read(step); n >= 0; n = decoder.read(step)) {
      if (!store.grow(plain, plain.written() + n)) {
        throw new ContentFailure(ContentFailure.Kind.NO_ROOM, "no room for more of " + digest);
      }
      plain.append(ByteBuffer.wrap(step, 0, n));
      hash.update(step, 0, n);
    }
    Digest found = Digest.of(digest.algorithm(), hash);
    if (!found.equals(digest)) {
      throw new ContentFailure(
          ContentFailure.Kind.CORRUPT, "upstream sent " + found + " for " + digest);
    }
  }
}
