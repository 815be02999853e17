package io.springtide.registry.fill;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.http.AnswerSize;
import io.springtide.registry.http.Coding;
import io.springtide.registry.http.Exchange;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.Why;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Catalog.Place;
import io.springtide.registry.store.Digest;
import io.springtide.registry.store.Draft;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.Refusal;
import io.springtide.registry.upstream.RetryPolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One blob on its way from upstream into the store, once for all who want it, whether or not any of
 * them stays. Readers follow {@link #available()}; the last byte is held back until the digest is
 * verified, so that no reader ever gets a complete wrong answer. A connection that breaks is
 * continued by Range, from the registry's own address (what a redirect pointed to may have
 * expired).
 */
public final class Fill {
  private static final Logger log = LoggerFactory.getLogger(Fill.class);

  /** Told, on any thread, that {@link #available()} or the outcome changed. Must return at once. */
  public interface Watcher {
    void changed();
  }

  /** Where a fill's surroundings come from. */
  interface Surroundings {
    BlobStore store();

    /** Runs what blocks for the disk. */
    void blocking(Runnable action);

    /** Runs after {@code millis}. */
    void later(long millis, Runnable action);

    /** The fill is over, in one way or the other: {@code null} if it is in the store. */
    void over(Fill fill, Refusal failure);

    void received(int bytes);
  }

  /**
   * Readers are told of new bytes when this many came, or when a batch ends this long after the
   * last telling, and by the timer if no further batch ends: each telling costs every reader a
   * wake-up, and a fast upstream brings thousands of small pieces a second.
   */
  private static final int ANNOUNCE_BYTES = 2 << 20;

  /** An attempt that brought so much was worth it: what fails next is not counted against it. */
  private static final int PROGRESS = 64 << 10;

  private static final long ANNOUNCE_NANOS = 1_000_000;
  private static final int ANNOUNCE_MILLIS = 3;

  private final Digest digest;
  private final Place place;
  private final BlobSource source;
  private final Surroundings surroundings;
  private final RetryPolicy retries;
  private final CompletableFuture<Fill> ready = new CompletableFuture<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final FillReaders readers = new FillReaders();
  private final MessageDigest hash;

  private volatile long available;
  private volatile long size = -1;
  private volatile Refusal failure;
  private volatile boolean verified;
  private volatile boolean announcing;

  // Touched only by the one attempt under way.
  private volatile Optional<Coding> coding = Optional.empty();
  private Draft draft;
  private int attempts;
  private int fruitless;
  private long announced;

  Fill(
      Digest digest,
      Place place,
      BlobSource source,
      RetryPolicy retries,
      Surroundings surroundings) {
    this.digest = digest;
    this.place = place;
    this.source = source;
    this.retries = retries;
    this.surroundings = surroundings;
    this.hash = digest.newHash();
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
   * Refusal}.
   */
  public CompletableFuture<Fill> ready() {
    return ready;
  }

  /** Completes when the content is in the store; fails with a {@link Refusal}. */
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

  public Optional<Refusal> failure() {
    return Optional.ofNullable(failure);
  }

  /** Whether it failed because what is right could not be kept. */
  public boolean isOutOfRoom() {
    return failure != null && failure.kind() == Refusal.Kind.NO_ROOM;
  }

  void start() {
    source.open(0, attempts++, new Attempt(0));
  }

  /**
   * The file to read from, open until {@link #release}; empty if the fill is over and nobody reads
   * it any more.
   */
  public Optional<FileChannel> acquire(Watcher watcher) {
    return readers.acquire(watcher);
  }

  public void release(Watcher watcher) {
    readers.release(watcher);
  }

  private void publish() {
    if (coding.isPresent() && !verified) {
      return; // whether these bytes are the content only the digest knows
    }
    // The last byte waits for the verdict; without a known size any byte may be the last one.
    synchronized (this) {
      long written = draft.written();
      boolean maybeLast = size < 0 || written == size;
      long visible = verified ? written : Math.max(0, written - (maybeLast ? 1 : 0));
      if (visible < available) {
        return;
      }
      available = visible;
    }
    readers.tell();
  }

  /**
   * Runs on the timer: tells readers of what came in since the last time, unless the fill is over
   * meanwhile.
   */
  private void announce() {
    announcing = false;
    if (!verified && failure == null) {
      publish();
    }
  }

  private void fail(Refusal why) {
    if (draft != null) {
      surroundings.store().discard(draft);
    }
    // In this order: whoever hears of the failure and asks anew gets another fill, not this one.
    surroundings.over(this, why);
    failure = why;
    ready.completeExceptionally(why);
    done.completeExceptionally(why);
    readers.tell();
    readers.fillIsOver();
  }

  /** Content from the start up to {@code bytes}, as a hash that can go on. */
  public record Hashed(long bytes, MessageDigest hash) {}

  /** What came before the disk was full; only after that failure. */
  public Hashed hashed() {
    return new Hashed(draft.written(), hashSoFar());
  }

  private MessageDigest hashSoFar() {
    try {
      return (MessageDigest) hash.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("every Java runtime can copy its SHA-2 hashes", e);
    }
  }

  private boolean isWhole() {
    return Digest.of(digest.algorithm(), hashSoFar()).equals(digest);
  }

  private void verify() {
    Digest found = Digest.of(digest.algorithm(), hash);
    if (!found.equals(digest) && coding.isPresent()) {
      surroundings.blocking(this::decode);
      return;
    }
    if (!found.equals(digest)) {
      fail(new Refusal(Refusal.Kind.CORRUPT, "upstream sent " + found + " for " + digest));
      return;
    }
    settle();
    surroundings.blocking(this::commit);
  }

  private void settle() {
    if (size < 0) {
      size = draft.written();
    }
    verified = true;
    ready.complete(this);
    publish();
  }

  /** What came is the code of the content, by the word of the answer: nobody has read of it. */
  private void decode() {
    try {
      Draft plain = Decoding.decoded(draft, coding.get(), surroundings.store());
      surroundings.store().discard(draft);
      closeCode();
      draft = plain;
      readers.opened(plain);
    } catch (Refusal why) {
      fail(why);
      return;
    }
    settle();
    commit();
  }

  private void closeCode() {
    try {
      draft.close();
    } catch (IOException e) {
      log.warn("cannot close the code of {}: {}", digest, e.toString());
    }
  }

  private void commit() {
    Refusal why = null;
    try {
      surroundings.store().commit(draft);
    } catch (IOException e) {
      // The bytes are right and readable, only not kept: whoever reads them goes on.
      log.warn("cannot keep {}: {}", digest, e.toString());
      why = new Refusal(Refusal.Kind.NO_ROOM, "cannot keep " + digest);
    }
    surroundings.over(this, why);
    if (why == null) {
      done.complete(null);
    } else {
      done.completeExceptionally(why);
    }
    readers.fillIsOver();
  }

  private void tryAgain(IOException why, long asked) {
    // Nobody has a byte of it yet: whoever waits is told soon, and may go elsewhere.
    Optional<Long> delay = retries.delay(fruitless++, available > 0, asked);
    if (delay.isEmpty()) {
      fail(
          why instanceof Refusal refusal
              ? refusal
              : new Refusal(Refusal.Kind.UNAVAILABLE, Why.of(why)));
      return;
    }
    long from = draft == null ? 0 : draft.written();
    log.info("{} broke off at byte {}, trying again: {}", digest, from, Why.of(why));
    surroundings.later(delay.get(), () -> source.open(from, attempts++, new Attempt(from)));
  }

  /** One request upstream and its answer. */
  private final class Attempt implements ResponseListener {
    private final long from;
    private long skip;
    private Exchange exchange;
    private boolean dead;

    Attempt(long from) {
      this.from = from;
    }

    @Override
    public void head(int status, HttpHeaders headers, Exchange exchange) {
      this.exchange = exchange;
      if (status == 200 || (status == 206 && from > 0)) {
        accept(status, headers);
        return;
      }
      dead = true;
      exchange.cancel();
      Refusal refusal = Refusal.ofStatus(status, digest.toString());
      // A verdict in the middle of a blob (a token that expired, a replica that lags) is worth
      // another try.
      if (refusal.isVerdict() && draft == null) {
        fail(refusal);
      } else {
        String asked = headers.get(HttpHeaderNames.RETRY_AFTER);
        tryAgain(refusal, RetryPolicy.asked(asked, System.currentTimeMillis()));
      }
    }

    private void accept(int status, HttpHeaders headers) {
      Optional<Long> total =
          status == 200 ? AnswerSize.length(headers) : AnswerSize.total(headers, from);
      if (status == 206 && total.isEmpty()) {
        abandon(new IOException("upstream's 206 is not the range that was asked for"));
        return;
      }
      if (draft != null && size >= 0 && total.isPresent() && total.get() != size) {
        dead = true;
        exchange.cancel();
        fail(new Refusal(Refusal.Kind.CORRUPT, "the size of " + digest + " changed upstream"));
        return;
      }
      skip = status == 200 ? from : 0;
      if (draft == null) {
        coding = Coding.of(headers);
        begin(total.orElse(-1L));
      }
    }

    private void begin(long length) {
      Optional<Draft> begun = surroundings.store().begin(digest, length);
      if (begun.isEmpty()) {
        dead = true;
        exchange.cancel();
        fail(new Refusal(Refusal.Kind.NO_ROOM, "no room for " + digest));
        return;
      }
      draft = begun.get();
      readers.opened(draft);
      size = length;
      if (length != 0 && coding.isEmpty()) {
        ready.complete(Fill.this);
      } // else the head alone would be a whole answer: it waits for the verdict
    }

    @Override
    public void data(ByteBuf bytes) {
      take(bytes, false);
    }

    @Override
    public void inPlace(ByteBuf bytes) {
      take(bytes, true);
    }

    private void take(ByteBuf bytes, boolean written) {
      if (dead) {
        return;
      }
      surroundings.received(bytes.readableBytes());
      if (skip > 0) {
        int step = (int) Math.min(skip, bytes.readableBytes());
        bytes.skipBytes(step);
        skip -= step;
      }
      if (!bytes.isReadable()) {
        return;
      }
      if (size >= 0 && draft.written() + bytes.readableBytes() > size) {
        dead = true;
        exchange.cancel();
        fail(new Refusal(Refusal.Kind.CORRUPT, "upstream sent more than the size of " + digest));
        return;
      }
      if (size < 0 && !surroundings.store().grow(draft, draft.written() + bytes.readableBytes())) {
        dead = true;
        exchange.cancel();
        fail(new Refusal(Refusal.Kind.NO_ROOM, "no room for more of " + digest));
        return;
      }
      try {
        for (ByteBuffer part : bytes.nioBuffers()) {
          // In this order: the hash is always of what is written, also when the disk is full.
          if (written) {
            draft.advance(part.remaining());
          } else {
            draft.append(part.duplicate());
          }
          hash.update(part);
        }
        if (draft.written() - from >= PROGRESS) {
          fruitless = 0;
        }
      } catch (IOException e) {
        dead = true;
        exchange.cancel();
        log.warn("cannot store {}, handing it on without storing: {}", digest, e.toString());
        publish();
        fail(new Refusal(Refusal.Kind.NO_ROOM, "cannot write " + digest));
      }
    }

    @Override
    public void batch() {
      if (dead || draft == null) {
        return;
      }
      long now = System.nanoTime();
      if (draft.written() - available >= ANNOUNCE_BYTES
          || now - announced >= ANNOUNCE_NANOS
          || available == 0) {
        announced = now;
        publish();
      } else if (!announcing) {
        announcing = true;
        surroundings.later(ANNOUNCE_MILLIS, Fill.this::announce);
      }
    }

    @Override
    public void end() {
      if (dead) {
        return;
      }
      dead = true;
      if (size >= 0 && draft.written() < size) {
        publish();
        tryAgain(new IOException("the answer ended at byte " + draft.written() + " of " + size), 0);
      } else {
        verify();
      }
    }

    @Override
    public void failed(IOException why) {
      if (dead) {
        return;
      }
      dead = true;
      if (draft != null && size < 0 && isWhole()) {
        verify(); // only the mark of its end is lost
        return;
      }
      if (draft != null) {
        publish();
      }
      tryAgain(why, 0);
    }

    private void abandon(IOException why) {
      dead = true;
      exchange.cancel();
      tryAgain(why, 0);
    }
  }
}
