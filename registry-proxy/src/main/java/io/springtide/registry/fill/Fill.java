package io.springtide.registry.fill;

import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import io.springtide.registry.upstream.ContentFailure;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One blob on its way from upstream into the store, as those see it who want it, whether or not any
 * of them stays. Readers follow {@link #available()}; the last byte is held back until the digest
 * is verified, so that no reader ever gets a complete wrong answer.
 */
public final class Fill {
  private final Digest digest;
  private final Place place;
  private final CompletableFuture<Fill> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final FillReaders readers = new FillReaders();

  private volatile Arrival arrival;
  private volatile long available;
  private volatile long size = -1;
  private volatile ContentFailure failure;
  private volatile boolean verified;

  Fill(Digest digest, Place place) {
    this.digest = digest;
    this.place = place;
  }

  public Digest digest() {
    return digest;
  }

  /** Whom the fill was begun for, and with whose rights. */
  public Place place() {
    return place;
  }

  /**
   * Completes once the upstream has begun to answer and the size is known, if it says any; of empty
   * content, and of what somebody on the way encoded, only when it is verified. Fails with a {@link
   * ContentFailure}.
   */
  public CompletableFuture<Fill> ready() {
    return ready;
  }

  /** Completes when the content is in the store; fails with a {@link ContentFailure}. */
  public CompletableFuture<Void> done() {
    return done;
  }

  /** Bytes in all; negative if the upstream does not say. */
  public long size() {
    return size;
  }

  /** Bytes from the start that may be handed to readers now. */
  public long available() {
    return available;
  }

  /** Whether {@link #available()} is final because the content is whole and right. */
  public boolean verified() {
    return verified;
  }

  public Optional<ContentFailure> failure() {
    return Optional.ofNullable(failure);
  }

  /** Whether it failed because right content could not be stored. */
  public boolean isOutOfRoom() {
    return failure != null && failure.kind() == ContentFailure.Kind.NO_ROOM;
  }

  /**
   * The file to read from, open until {@link #release}; empty if the fill is over and nobody reads
   * it any more.
   */
  public Optional<FileChannel> acquire(FillWatcher watcher) {
    return readers.acquire(watcher);
  }

  public void release(FillWatcher watcher) {
    readers.release(watcher);
  }

  /** What came before the disk was full; only after that failure. */
  public HashedStart hashed() {
    return arrival.hashed();
  }

  // What the one fetch tells of it.

  /** Bytes come into a file from now on; {@code length} negative if it is not known. */
  void begun(Arrival begun, long length) {
    arrival = begun;
    readers.opened(begun.draft());
    size = length;
    if (length != 0 && !begun.isCoded()) {
      ready.complete(this);
    } // else the head alone would be a whole answer: it waits for the verdict
  }

  /** Lets readers have what came, as far as they may. */
  void publish() {
    if (arrival.isCoded() && !verified) {
      return; // whether these bytes are the content only the digest knows
    }
    // The last byte waits for the verdict; without a known size any byte may be the last one.
    synchronized (this) {
      long written = arrival.written();
      boolean maybeLast = size < 0 || written == size;
      long visible = verified ? written : Math.max(0, written - (maybeLast ? 1 : 0));
      if (visible < available) {
        return;
      }
      available = visible;
    }
    readers.tell();
  }

  /** All of it came and is right. */
  void settle() {
    readers.opened(arrival.draft());
    if (size < 0) {
      size = arrival.written();
    }
    verified = true;
    ready.complete(this);
    publish();
  }

  /** It is in the store. */
  void kept() {
    done.complete(null);
    readers.fillIsOver();
  }

  /** The content is right and its readers go on, but the store could not keep it. */
  void notKept(ContentFailure why) {
    done.completeExceptionally(why);
    readers.fillIsOver();
  }

  void fail(ContentFailure why) {
    failure = why;
    ready.completeExceptionally(why);
    done.completeExceptionally(why);
    readers.tell();
    readers.fillIsOver();
  }
}
