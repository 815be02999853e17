package io.springtide.registry.blob;

import io.springtide.registry.fill.Fill;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.StoredBlob;
import io.springtide.registry.upstream.BlobSource;

/** Where to read the content. */
public sealed interface Found {
  /** Bytes of all of it; -1: not known. */
  long size();

  /** Shows itself to the visitor, and hands back what that says. */
  <T> T accept(Visitor<T> visitor);

  /** Whoever must know every place where content can be. */
  interface Visitor<T> {
    T on(Whole found);

    T on(Filling found);

    T on(Passing found);
  }

  /**
   * All of it is on disk. {@code stale}: the upstream could not be asked again whether it still
   * shows it.
   */
  record Whole(StoredBlob blob, boolean stale) implements Found {
    @Override
    public long size() {
      return blob.size();
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** It is arriving. {@code begun}: this request began the fill. */
  record Filling(Fill fill, boolean begun) implements Found {
    @Override
    public long size() {
      return fill.size();
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /** It must be handed on without storing. */
  record Passing(BlobSource source, Digest digest) implements Found {
    @Override
    public long size() {
      return -1;
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }
}
