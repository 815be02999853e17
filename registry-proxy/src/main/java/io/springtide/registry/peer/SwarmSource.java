package io.springtide.registry.peer;

import io.netty.handler.codec.http.HttpHeaders;
import io.springtide.registry.http.Filtered;
import io.springtide.registry.http.Reply;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.http.ServerExchange;
import io.springtide.registry.store.Digest;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.upstream.BlobSource;
import java.io.IOException;
import java.util.BitSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reads a blob from the swarm, if the proxy says that there is one; else, and whenever the swarm
 * fails, straight from the proxy, from where the swarm ended.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
final class SwarmSource implements BlobSource {
  private final PeerKit kit;
  private final SwarmFetches fetches;
  private final Digest digest;
  private final String repository;
  private final BlobSource straight;
  private final AtomicBoolean tried = new AtomicBoolean();

  SwarmSource(
      PeerKit kit, SwarmFetches fetches, Digest digest, String repository, BlobSource straight) {
    this.kit = kit;
    this.fetches = fetches;
    this.digest = digest;
    this.repository = repository;
    this.straight = straight;
  }

  @Override
  public void open(long from, int attempt, ResponseListener listener) {
    if (from > 0 || attempt > 0 || tried.getAndSet(true)) {
      straight.open(from, attempt, listener);
      return;
    }
    Announce announce = new Announce(kit.self(), new BitSet(), 0, false, Set.of());
    kit.proxy()
        .announce(repository, digest, announce)
        .whenComplete((reply, error) -> answered(reply, error, listener));
  }

  private void answered(Reply reply, Throwable error, ResponseListener listener) {
    Optional<Introduction> introduction = Optional.empty();
    if (error == null && reply.status() == 200) {
      try {
        introduction = Messages.introduction(reply.body());
      } catch (IOException e) {
        introduction =
            Optional.empty(); // no tracker that we understand; it may still be a registry
      }
    }
    if (introduction.isEmpty()) {
      kit.counters().straight.increment();
      straight.open(0, 0, listener);
      return;
    }
    fetches.begin(kit, repository, digest, listener, introduction.get(), () -> rest(listener));
  }

  /**
   * There is no file to put pieces into: reads all of it from the proxy; its head was told already.
   */
  private void rest(ResponseListener listener) {
    kit.counters().straight.increment();
    straight.open(0, 0, new Headless(listener));
  }

  /** Hands on a body whose head was told before. */
  private static final class Headless extends Filtered {
    Headless(ResponseListener listener) {
      super(listener);
    }

    @Override
    public void head(int status, HttpHeaders headers, ServerExchange exchange) {
      if (status != 200) {
        refuse(exchange, new IOException("the proxy answered " + status));
      }
    }
  }
}
