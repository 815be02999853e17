package io.springtide.registry.peer;

import io.springtide.registry.http.TokenBucket;
import io.springtide.registry.swarm.UploadQueue;
import io.springtide.registry.swarm.UploadQueue.Request;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The host's uplink: whose piece is sent next, by {@link UploadQueue}, and how fast. */
final class Uploads {
  private final UploadQueue queue;
  private final Optional<TokenBucket> rate;

  // Guarded by this.
  private final Map<Integer, Runnable> waiting = new HashMap<>();
  private int tickets;

  /** {@code bytesPerSecond}: 0 for no limit. */
  Uploads(int limit, int slots, long bytesPerSecond, long now) {
    this.queue = new UploadQueue(limit, slots);
    this.rate =
        bytesPerSecond == 0 ? Optional.empty() : Optional.of(new TokenBucket(bytesPerSecond, now));
  }

  /**
   * Queues an upload; empty if too many wait already.
   *
   * @param progress pieces that the asking peer has
   * @param send called once, on any thread, when it is its turn; whatever comes of it, {@link
   *     #sent} must follow
   * @return to be given to {@link #gone} if the peer leaves
   */
  Optional<Integer> offer(int piece, int progress, Runnable send) {
    int ticket;
    Optional<Runnable> turn;
    synchronized (this) {
      ticket = tickets++;
      if (!queue.offer(new Request(ticket, piece, progress))) {
        return Optional.empty();
      }
      waiting.put(ticket, send);
      turn = turn();
    }
    turn.ifPresent(Runnable::run);
    return Optional.of(ticket);
  }

  /** What was to be sent is, or never will be. */
  void sent() {
    Optional<Runnable> turn;
    synchronized (this) {
      queue.sent();
      turn = turn();
    }
    turn.ifPresent(Runnable::run);
  }

  /** A peer that waited left; false if its turn had come already. */
  synchronized boolean gone(int ticket) {
    if (waiting.remove(ticket) == null) {
      return false;
    }
    queue.gone(ticket);
    return true;
  }

  synchronized int load() {
    return queue.load();
  }

  /** Nanoseconds until {@code bytes} may go. */
  long delay(int bytes, long now) {
    return rate.map(bucket -> bucket.take(bytes, now)).orElse(0L);
  }

  /** {@code bytes} that were to go after their {@link #delay} never will. */
  void spared(int bytes) {
    rate.ifPresent(bucket -> bucket.giveBack(bytes));
  }

  /**
   * Whose turn it is now; to be run outside of the lock. Taken in the same step as what makes a
   * turn possible (one comes, or one is through, so there is one at most): else who asks in between
   * is sent away from a full queue while the uplink idles.
   */
  private Optional<Runnable> turn() {
    return queue.next().map(request -> waiting.remove(request.peer()));
  }
}
