package io.springtide.registry.swarm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Requests that wait for a peer's uplink, which serves one or few at a time: pieces pass on whole
 * as early as they can. Who has least is served first, so that the hosts finish together instead of
 * some early and some late.
 */
public final class UploadQueue {
  /** {@code progress}: how many pieces the asking peer had. */
  public record Request(int peer, int piece, int progress) {}

  private final int limit;
  private final List<Request> waiting = new ArrayList<>();
  private final int slots;
  private int sending;

  /**
   * @param limit requests that may wait
   * @param slots how many are sent at a time
   */
  public UploadQueue(int limit, int slots) {
    this.limit = limit;
    this.slots = slots;
  }

  /** Queues a request; false if the queue is full: the peer asks somebody else. */
  public boolean offer(Request request) {
    if (waiting.size() >= limit) {
      return false;
    }
    waiting.add(request);
    return true;
  }

  /** What to send now; empty if the uplink is busy or nobody waits. Ends with {@link #sent}. */
  public Optional<Request> next() {
    if (sending >= slots || waiting.isEmpty()) {
      return Optional.empty();
    }
    int best = 0;
    for (int i = 1; i < waiting.size(); i++) {
      if (waiting.get(i).progress() < waiting.get(best).progress()) {
        best = i;
      }
    }
    sending++;
    return Optional.of(waiting.remove(best));
  }

  /** What {@link #next} gave is sent, or given up. */
  public void sent() {
    sending--;
  }

  /** Forgets what a peer that left had asked for. */
  public void gone(int peer) {
    waiting.removeIf(request -> request.peer() == peer);
  }

  /** Requests ahead of a new one. */
  public int load() {
    return waiting.size() + sending;
  }
}
