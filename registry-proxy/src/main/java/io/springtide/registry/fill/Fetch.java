package io.springtide.registry.fill;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.http.AnswerSize;
import io.springtide.registry.http.Coding;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.ServerExchange;
import io.springtide.registry.http.Why;
import io.springtide.registry.store.BlobStore;
import io.springtide.registry.store.Digest;
import io.springtide.registry.upstream.BlobSource;
import io.springtide.registry.upstream.ContentFailure;
import io.springtide.registry.upstream.ContentFailure.Kind;
import io.springtide.registry.upstream.RetryPolicy;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the bytes of one {@link Fill}, once for all who want them. A connection that breaks is
 * continued by Range, from the registry's own address (what a redirect pointed to may have
 * expired).
 */
final class Fetch {
  private static final Logger log = LoggerFactory.getLogger(Fetch.class);

  /** What a fetch needs from its environment. */
  interface Surroundings {
    BlobStore store();

    /** Runs what blocks for the disk. */
    void blocking(Runnable action);

    /** Runs after {@code millis}. */
    void later(long millis, Runnable action);

    /** The fill is over, in one way or the other: {@code null} if it is in the store. */
    void over(Fill fill, ContentFailure failure);

    void received(int bytes);
  }

  /**
   * Readers are told of new bytes when this many came, or when a batch ends this long after the
   * last telling, and by the timer if no further batch ends: each telling costs every reader a
   * wake-up, and a fast upstream brings thousands of small pieces a second.
   */
  private static final int ANNOUNCE_BYTES = 2 << 20;

  /** An attempt that brought so many bytes was progress, and resets the count of failures. */
  private static final int PROGRESS = 64 << 10;

  private static final long ANNOUNCE_NANOS = 1_000_000;
  private static final int ANNOUNCE_MILLIS = 3;

  private final Fill fill;
  private final Digest digest;
  private final BlobSource source;
  private final RetryPolicy retries;
  private final Surroundings surroundings;
  private volatile boolean announcing;

  // Touched only by the one attempt under way.
  private Arrival arrival;
  private int attempts;
  private int fruitless;
  private long announced;

  Fetch(Fill fill, BlobSource source, RetryPolicy retries, Surroundings surroundings) {
    this.fill = fill;
    this.digest = fill.digest();
    this.source = source;
    this.retries = retries;
    this.surroundings = surroundings;
  }

  Fill fill() {
    return fill;
  }

  void start() {
    source.open(0, attempts++, new Attempt(0));
  }

  /** By the timer: tells readers of what came since the last time, unless it is over meanwhile. */
  private void announce() {
    announcing = false;
    if (!fill.verified() && fill.failure().isEmpty()) {
      fill.publish();
    }
  }

  private void fail(ContentFailure why) {
    if (arrival != null) {
      arrival.discard();
    }
    // In this order: whoever hears of the failure and asks anew gets another fill, not this one.
    surroundings.over(fill, why);
    fill.fail(why);
  }

  private void verify() {
    if (arrival.isRight()) {
      fill.settle();
      surroundings.blocking(this::commit);
    } else if (arrival.isCoded()) {
      surroundings.blocking(this::decode);
    } else {
      fail(new ContentFailure(Kind.CORRUPT, "upstream sent " + arrival.found() + " for " + digest));
    }
  }

  private void decode() {
    try {
      arrival.decode();
    } catch (ContentFailure why) {
      fail(why);
      return;
    }
    fill.settle();
    commit();
  }

  private void commit() {
    try {
      arrival.commit();
    } catch (IOException e) {
      log.warn("cannot keep {}: {}", digest, e.toString());
      ContentFailure why = new ContentFailure(Kind.NO_ROOM, "cannot keep " + digest);
      surroundings.over(fill, why);
      fill.notKept(why);
      return;
    }
    surroundings.over(fill, null);
    fill.kept();
  }

  private void tryAgain(IOException why, long asked) {
    // Nobody has a byte of it yet: whoever waits is told soon, and may go elsewhere.
    Optional<Long> delay = retries.delay(fruitless++, fill.available() > 0, asked);
    if (delay.isEmpty()) {
      fail(
          why instanceof ContentFailure failure
              ? failure
              : new ContentFailure(Kind.UNAVAILABLE, Why.of(why)));
      return;
    }
    long from = arrival == null ? 0 : arrival.written();
    log.info("{} broke off at byte {}, trying again: {}", digest, from, Why.of(why));
    surroundings.later(delay.get(), () -> source.open(from, attempts++, new Attempt(from)));
  }

  /** One request upstream and its answer. */
  private final class Attempt implements ResponseListener {
    private final long from;
    private long skip;
    private ServerExchange exchange;
    private boolean dead;

    Attempt(long from) {
      this.from = from;
    }

    private void stop() {
      dead = true;
      exchange.cancel();
    }

    private void refuse(Kind kind, String why) {
      stop();
      fail(new ContentFailure(kind, why));
    }

    @Override
    public void head(int status, HttpHeaders headers, ServerExchange exchange) {
      this.exchange = exchange;
      if (status == 200 || (status == 206 && from > 0)) {
        accept(status, headers);
        return;
      }
      stop();
      ContentFailure failure = ContentFailure.ofStatus(status, digest.toString());
      // A verdict in the middle of a blob (a token that expired, a replica that lags) is worth
      // another try.
      if (failure.isVerdict() && arrival == null) {
        fail(failure);
      } else {
        String asked = headers.get(HttpHeaderNames.RETRY_AFTER);
        tryAgain(failure, RetryPolicy.asked(asked, System.currentTimeMillis()));
      }
    }

    private void accept(int status, HttpHeaders headers) {
      Optional<Long> total =
          status == 200 ? AnswerSize.length(headers) : AnswerSize.total(headers, from);
      if (status == 206 && total.isEmpty()) {
        stop();
        tryAgain(new IOException("upstream's 206 is not the range that was asked for"), 0);
        return;
      }
      if (arrival != null && fill.size() >= 0 && total.isPresent() && total.get() != fill.size()) {
        refuse(Kind.CORRUPT, "the size of " + digest + " changed upstream");
        return;
      }
      skip = status == 200 ? from : 0;
      if (arrival == null) {
        begin(total.orElse(-1L), Coding.of(headers));
      }
    }

    private void begin(long length, Optional<Coding> coding) {
      Optional<Arrival> begun = Arrival.begin(surroundings.store(), digest, length, coding);
      if (begun.isEmpty()) {
        refuse(Kind.NO_ROOM, "no room for " + digest);
        return;
      }
      arrival = begun.get();
      fill.begun(arrival, length);
    }

    @Override
    public void data(ByteBuf bytes) {
      take(bytes, false);
    }

    @Override
    public void inPlace(ByteBuf bytes) {
      take(bytes, true);
    }

    private void take(ByteBuf bytes, boolean inPlace) {
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
      long after = arrival.written() + bytes.readableBytes();
      if (fill.size() >= 0 && after > fill.size()) {
        refuse(Kind.CORRUPT, "upstream sent more than the size of " + digest);
        return;
      }
      if (fill.size() < 0 && !arrival.grow(after)) {
        refuse(Kind.NO_ROOM, "no room for more of " + digest);
        return;
      }
      try {
        arrival.append(bytes, inPlace);
        if (arrival.written() - from >= PROGRESS) {
          fruitless = 0;
        }
      } catch (IOException e) {
        stop();
        log.warn("cannot store {}, handing it on without storing: {}", digest, e.toString());
        fill.publish();
        fail(new ContentFailure(Kind.NO_ROOM, "cannot write " + digest));
      }
    }

    @Override
    public void batch() {
      if (dead || arrival == null) {
        return;
      }
      long now = System.nanoTime();
      if (arrival.written() - fill.available() >= ANNOUNCE_BYTES
          || now - announced >= ANNOUNCE_NANOS
          || fill.available() == 0) {
        announced = now;
        fill.publish();
      } else if (!announcing) {
        announcing = true;
        surroundings.later(ANNOUNCE_MILLIS, Fetch.this::announce);
      }
    }

    @Override
    public void end() {
      if (dead) {
        return;
      }
      dead = true;
      if (fill.size() >= 0 && arrival.written() < fill.size()) {
        fill.publish();
        String why = "the answer ended at byte " + arrival.written() + " of " + fill.size();
        tryAgain(new IOException(why), 0);
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
      if (arrival != null && fill.size() < 0 && arrival.isRight()) {
        verify(); // all of it came, only the mark of its end is lost
        return;
      }
      if (arrival != null) {
        fill.publish();
      }
      tryAgain(why, 0);
    }
  }
}
