package io.springtide.registry.answer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.springtide.registry.client.ClientExchange;
import io.springtide.registry.fill.Fill;
import io.springtide.registry.fill.FillWatcher;
import io.springtide.registry.upstream.ContentFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a part of a file as the body of an answer, by sendfile unless TLS forbids it, as fast as
 * the client reads; and, if the file is still filling, as far as it is filled. Lives on the
 * connection's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write that fails ends the connection.
final class BlobBody implements FillWatcher {
  private static final Logger log = LoggerFactory.getLogger(BlobBody.class);

  /** With TLS or a rate the bytes go through memory or in measured steps. */
  private static final int SMALL_STEP = 128 << 10;

  /** The fill ran out of disk: the rest must come from elsewhere. */
  interface Rest {
    void from(long position);
  }

  private final ClientExchange client;
  private final Channel channel;
  private final Fill fill;
  private final Rest rest;
  private final long end;
  private final boolean throughMemory;
  private FileChannel file;
  private long position;
  private boolean over;
  private boolean paying;

  private volatile boolean waiting;

  private BlobBody(ClientExchange client, Fill fill, long from, long end, Rest rest) {
    this.client = client;
    this.channel = client.context().channel();
    this.fill = fill;
    this.rest = rest;
    this.position = from;
    this.end = end;
    this.throughMemory = channel.pipeline().get(SslHandler.class) != null;
  }

  /**
   * Sends {@code from} up to {@code end} of a whole file, which it then closes. The head is said
   * already.
   */
  static void send(ClientExchange client, FileChannel file, long from, long end) {
    BlobBody body = new BlobBody(client, null, from, end, position -> {});
    body.file = file;
    body.begin();
  }

  /**
   * Sends what a fill brings; false if the fill is over and must be looked for in the store.
   *
   * @param end negative if the size is not known yet
   * @param head says the head of the answer, called if true is returned
   */
  static boolean send(
      ClientExchange client, Fill fill, long from, long end, Runnable head, Rest rest) {
    BlobBody body = new BlobBody(client, fill, from, end, rest);
    Optional<FileChannel> file = fill.acquire(body);
    if (file.isEmpty()) {
      return false;
    }
    body.file = file.get();
    head.run();
    body.begin();
    return true;
  }

  @Override
  public void changed() {
    if (waiting) {
      channel.eventLoop().execute(this::pump);
    }
  }

  private void begin() {
    client.whenClosed(this::close);
    pump();
  }

  private void pump() {
    if (over || paying) {
      return;
    }
    waiting = false;
    if (fill == null) {
      step(end);
      return;
    }
    // In this order: what is verified or failed is final only if seen before what is available.
    boolean verified = fill.verified();
    var failure = fill.failure();
    long visible = end < 0 ? fill.available() : Math.min(end, fill.available());
    if (visible > position || (end >= 0 && position == end)) {
      step(visible);
    } else if (end < 0 && verified) {
      close();
      client.last();
    } else if (failure.isPresent()) {
      close();
      if (failure.get().kind() == ContentFailure.Kind.NO_ROOM) {
        rest.from(position);
      } else {
        client.fail(failure.get(), "BLOB_UNKNOWN");
      }
    } else {
      waiting = true;
      if (fill.available() > position || fill.verified() || fill.failure().isPresent()) {
        channel.eventLoop().execute(this::pump);
      }
    }
  }

  private void step(long visible) {
    if (position == visible && position == end) {
      close();
      client.last();
      return;
    }
    long count = visible - position;
    if (throughMemory || client.byteBucket().isPresent()) {
      count = Math.min(count, SMALL_STEP);
    }
    long wait = 0;
    if (client.byteBucket().isPresent()) {
      wait = client.byteBucket().get().take(count, System.nanoTime());
    }
    long bytes = count;
    if (wait > 0) {
      paying = true;
      channel
          .eventLoop()
          .schedule(
              () -> {
                paying = false;
                if (!over) {
                  write(bytes);
                }
              },
              wait,
              TimeUnit.NANOSECONDS);
    } else {
      write(bytes);
    }
  }

  private void write(long count) {
    ChannelFuture written;
    SharedRegion region = null;
    if (throughMemory) {
      ByteBuf buffer = channel.alloc().buffer((int) count);
      try {
        while (buffer.readableBytes() < count) {
          int read =
              buffer.writeBytes(
                  file, position + buffer.readableBytes(), (int) count - buffer.readableBytes());
          if (read < 0) {
            throw new IOException("file is shorter than it was");
          }
        }
      } catch (IOException e) {
        buffer.release();
        log.warn("cannot read what is being sent: {}", e.toString());
        close();
        client.abort();
        return;
      }
      written = client.send(new DefaultHttpContent(buffer));
    } else {
      region = new SharedRegion(file, position, count);
      written = client.send(region);
    }
    SharedRegion sent = region;
    paying = true;
    written.addListener(
        f -> {
          paying = false;
          if (f.isSuccess()) {
            position += count;
            client.sent(count);
            pump();
          } else {
            client.sent(sent == null ? 0 : sent.transferred());
            close();
            client.abort();
          }
        });
  }

  private void close() {
    if (over) {
      return;
    }
    over = true;
    if (fill != null) {
      fill.release(this);
    } else {
      try {
        file.close();
      } catch (IOException e) {
        log.warn("cannot close a file that was sent: {}", e.toString());
      }
    }
  }

  /** A region of a file that outlives the region. */
  private static final class SharedRegion extends DefaultFileRegion {
    SharedRegion(FileChannel file, long position, long count) {
      super(file, position, count);
    }

    @Override
    protected void deallocate() {
      // Closed by its owner: the body or the fill.
    }
  }
}
