package io.springtide.executor.health;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All probes' sockets on one thread, which sleeps while there is nothing to do. A hundred instances
 * that are asked every second are most of what an executor does all day; a client made for more
 * took ten times the processor time for the same question.
 */
final class ProbeSockets implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ProbeSockets.class);

  private final Selector selector;
  private final Queue<Exchange> fresh = new ConcurrentLinkedQueue<>();
  private final PriorityQueue<Exchange> deadlines =
      new PriorityQueue<>(Comparator.comparingLong(it -> it.deadline));
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(16 << 10);
  private final AtomicBoolean closed = new AtomicBoolean();

  /** One question. Belongs to the thread. */
  private static final class Exchange {
    final CompletableFuture<Integer> answer = new CompletableFuture<>();
    final InetSocketAddress to;
    final ByteBuffer request; // null: the connection is the answer
    final long deadline;
    final HttpAnswer http = new HttpAnswer();
    SocketChannel channel;

    Exchange(InetSocketAddress to, ByteBuffer request, Duration timeout) {
      this.to = to;
      this.request = request;
      this.deadline = System.nanoTime() + timeout.toNanos();
    }
  }

  ProbeSockets() throws IOException {
    selector = Selector.open();
    var thread = new Thread(this::run, "probes");
    thread.setDaemon(true);
    thread.start();
  }

  /** Connects. Fails with an {@link IOException} or a {@link TimeoutException}. */
  CompletableFuture<Integer> connect(InetSocketAddress to, Duration timeout) {
    return begin(new Exchange(to, null, timeout));
  }

  /**
   * GET on a connection of its own.
   *
   * @param target path and query, encoded
   * @return the status, once the whole answer has come
   */
  CompletableFuture<Integer> get(
      InetSocketAddress to, String authority, String target, Duration timeout) {
    String request =
        "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: springtide\r\nConnection: close\r\n\r\n"
            .formatted(target, authority);
    return begin(
        new Exchange(to, ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)), timeout));
  }

  private CompletableFuture<Integer> begin(Exchange exchange) {
    fresh.add(exchange);
    selector.wakeup();
    if (closed.get()) {
      exchange.answer.completeExceptionally(new IOException("the executor is ending"));
    }
    return exchange.answer;
  }

  private void run() {
    while (!closed.get()) {
      try {
        long wait = untilDeadline();
        if (wait < 0) {
          selector.select(this::ready);
        } else {
          selector.select(this::ready, Math.max(1, wait));
        }
      } catch (IOException e) {
        log.error("probes cannot be made: {}", e.toString());
        break;
      }
      for (Exchange next = fresh.poll(); next != null; next = fresh.poll()) {
        open(next);
      }
      expire();
    }
    tidy();
  }

  /** In milliseconds, rounded up; negative where nobody waits. */
  private long untilDeadline() {
    while (!deadlines.isEmpty() && deadlines.peek().answer.isDone()) {
      deadlines.poll();
    }
    return deadlines.isEmpty()
        ? -1
        : Math.max(0, (deadlines.peek().deadline - System.nanoTime()) / 1_000_000 + 1);
  }

  private void expire() {
    long now = System.nanoTime();
    while (!deadlines.isEmpty()
        && (deadlines.peek().answer.isDone() || deadlines.peek().deadline - now <= 0)) {
      fail(deadlines.poll(), new TimeoutException());
    }
  }

  private void open(Exchange exchange) {
    try {
      if (exchange.to.isUnresolved()) {
        throw new IOException("no address is known for " + exchange.to.getHostString());
      }
      exchange.channel = SocketChannel.open();
      exchange.channel.configureBlocking(false);
      deadlines.add(exchange);
      if (exchange.channel.connect(exchange.to)) {
        connected(exchange);
      } else {
        exchange.channel.register(selector, SelectionKey.OP_CONNECT, exchange);
      }
    } catch (IOException e) {
      fail(exchange, e);
    }
  }

  private void ready(SelectionKey key) {
    var exchange = (Exchange) key.attachment();
    try {
      if (key.isConnectable() && exchange.channel.finishConnect()) {
        connected(exchange);
      } else if (key.isWritable()) {
        write(exchange);
      } else if (key.isReadable()) {
        read(exchange);
      }
    } catch (IOException e) {
      fail(exchange, e);
    }
  }

  private void connected(Exchange exchange) throws IOException {
    if (exchange.request == null) {
      succeed(exchange, 0);
    } else {
      write(exchange);
    }
  }

  private void write(Exchange exchange) throws IOException {
    exchange.channel.write(exchange.request);
    exchange.channel.register(
        selector,
        exchange.request.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ,
        exchange);
  }

  private void read(Exchange exchange) throws IOException {
    while (true) {
      buffer.clear();
      int count = exchange.channel.read(buffer);
      if (count == 0) {
        return;
      }
      buffer.flip();
      boolean whole = count < 0 ? exchange.http.ended() : exchange.http.take(buffer);
      if (whole) {
        succeed(exchange, exchange.http.status());
        return;
      }
    }
  }

  private static void succeed(Exchange exchange, int status) {
    close(exchange);
    exchange.answer.complete(status);
  }

  private static void fail(Exchange exchange, Exception why) {
    close(exchange);
    exchange.answer.completeExceptionally(why);
  }

  private static void close(Exchange exchange) {
    try {
      if (exchange.channel != null) {
        exchange.channel.close();
      }
    } catch (IOException alreadyGone) {
      return; // that is what we want
    }
  }

  private void tidy() {
    var left = new ArrayDeque<>(fresh);
    left.addAll(deadlines);
    left.forEach(exchange -> fail(exchange, new IOException("the executor is ending")));
    try {
      selector.close();
    } catch (IOException e) {
      log.debug("selector not closed: {}", e.toString());
    }
  }

  @Override
  public void close() {
    closed.set(true);
    selector.wakeup();
  }
}
