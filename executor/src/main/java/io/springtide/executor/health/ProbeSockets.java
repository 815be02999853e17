package io.springtide.executor.health;

import io.springtide.executor.loop.EventLoop;
import io.springtide.executor.loop.ExecutorLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/**
 * All probes' sockets, on the executor's loop. A hundred instances that are asked every second are
 * most of what an executor does all day; a client made for more took ten times the processor time
 * for the same question.
 */
final class ProbeSockets implements AutoCloseable {
  /**
   * Answers are looked for together, so long after the first of them was asked for: most have come
   * by then, and the loop wakes once for all of them. Only what is late is waited for.
   */
  private static final Duration SOON = Duration.ofMillis(20);

  private final EventLoop loop;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(16 << 10);
  private final Set<Exchange> open = new HashSet<>();
  private final Runnable look = this::look;
  private List<Exchange> asked = new ArrayList<>();
  private boolean closed;

  private enum Phase {
    BEGIN,
    CONNECT,
    WRITE,
    READ
  }

  /** One question, taken a step further whenever it is run. On the loop's thread. */
  private final class Exchange implements Runnable {
    final CompletableFuture<Integer> answer = new CompletableFuture<>();
    private final InetSocketAddress to;
    private final ByteBuffer request; // null: the connection is the answer
    private final Duration timeout;
    private final HttpAnswer http = new HttpAnswer();
    private Phase phase = Phase.BEGIN;
    private SocketChannel channel;
    private ExecutorLoop.Timer deadline = () -> {};

    Exchange(InetSocketAddress to, ByteBuffer request, Duration timeout) {
      this.to = to;
      this.request = request;
      this.timeout = timeout;
    }

    @Override
    public void run() {
      if (answer.isDone()) {
        return;
      }
      try {
        switch (phase) {
          case BEGIN -> begin();
          case CONNECT -> connect(channel.finishConnect());
          case WRITE -> write();
          case READ -> read();
        }
      } catch (IOException e) {
        fail(e);
      }
    }

    private void begin() throws IOException {
      open.add(this);
      deadline = loop.after(timeout, () -> fail(new TimeoutException()));
      if (closed) {
        throw new IOException("the executor is ending");
      }
      if (to.isUnresolved()) {
        throw new IOException("no address is known for " + to.getHostString());
      }
      channel = SocketChannel.open();
      channel.configureBlocking(false);
      // On the host itself the other side has taken it by now.
      connect(channel.connect(to) || channel.finishConnect());
    }

    private void connect(boolean connected) throws IOException {
      if (!connected) {
        await(Phase.CONNECT, SelectionKey.OP_CONNECT);
      } else if (request == null) {
        succeed(0);
      } else {
        write();
      }
    }

    private void write() throws IOException {
      channel.write(request);
      if (request.hasRemaining()) {
        await(Phase.WRITE, SelectionKey.OP_WRITE);
      } else if (channel.isRegistered()) {
        await(Phase.READ, SelectionKey.OP_READ); // it is far away
      } else {
        phase = Phase.READ;
        if (asked.isEmpty()) {
          loop.after(SOON, look);
        }
        asked.add(this);
      }
    }

    private void read() throws IOException {
      while (true) {
        buffer.clear();
        int count = channel.read(buffer);
        if (count == 0) {
          await(Phase.READ, SelectionKey.OP_READ);
          return;
        }
        buffer.flip();
        boolean whole = count < 0 ? http.ended() : http.take(buffer);
        if (whole) {
          succeed(http.status());
          return;
        }
      }
    }

    private void await(Phase next, int operation) throws IOException {
      phase = next;
      loop.watch(channel, operation, this);
    }

    private void succeed(int status) {
      end();
      answer.complete(status);
    }

    private void fail(Exception why) {
      end();
      answer.completeExceptionally(why);
    }

    private void end() {
      open.remove(this);
      deadline.cancel();
      try {
        if (channel != null) {
          channel.close();
        }
      } catch (IOException alreadyGone) {
        return; // that is what we want
      }
    }
  }

  ProbeSockets(EventLoop loop) {
    this.loop = loop;
  }

  /**
   * Connects, and sends the request if there is one. May be called from any thread.
   *
   * @param request an HTTP request, read from its beginning and left as it is; null: to have a
   *     connection is enough
   * @return 0 or the answer's status once the whole answer has come; fails with an {@link
   *     IOException} or a {@link TimeoutException}
   */
  CompletableFuture<Integer> ask(InetSocketAddress to, ByteBuffer request, Duration timeout) {
    var exchange = new Exchange(to, request == null ? null : request.duplicate(), timeout);
    loop.execute(exchange);
    return exchange.answer;
  }

  private void look() {
    var now = asked;
    asked = new ArrayList<>();
    now.forEach(Exchange::run);
  }

  @Override
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          List.copyOf(open)
              .forEach(exchange -> exchange.fail(new IOException("the executor is ending")));
        });
  }
}
