package io.springtide.registry.peer;

import io.netty.handler.codec.http.HttpMethod;
import io.springtide.registry.http.HttpConnections;
import io.springtide.registry.http.Reply;
import io.springtide.registry.peer.Neighbours.Neighbour;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Have;
import java.io.IOException;

/**
 * Tells the neighbours of one fetch what we have, and hears from their answers what they have.
 * Lives on the fetch's loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
final class Gossip {
  /** Between two tellings of the same neighbour: it hears of several pieces at once. */
  private static final long TELL_MILLIS = 10;

  private static final int MAX_HAVE = 1 << 20;

  private final SwarmFetch fetch;
  private final HttpConnections connections;
  private final Neighbours neighbours;

  Gossip(SwarmFetch fetch, HttpConnections connections, Neighbours neighbours) {
    this.fetch = fetch;
    this.connections = connections;
    this.neighbours = neighbours;
  }

  /** The first time, it is told of us whether or not it lacks anything. */
  void greet(Neighbour neighbour) {
    if (neighbour.mustTell) {
      tell(neighbour);
    }
  }

  void tell(Neighbour neighbour) {
    neighbour.mustTell = true;
    if (neighbour.telling) {
      return;
    }
    neighbour.mustTell = false;
    neighbour.telling = true;
    connections
        .ask(
            HttpMethod.POST,
            neighbour.address.uri("/swarm/have/" + fetch.digest()),
            fetch.headers(),
            Messages.write(fetch.have()),
            MAX_HAVE)
        .whenComplete((reply, error) -> fetch.post(() -> told(neighbour, reply, error)));
  }

  private void told(Neighbour neighbour, Reply reply, Throwable error) {
    if (neighbours.find(neighbour.number).isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    if (error != null || reply.status() != 200) {
      neighbours.drop(neighbour.number, now);
      fetch.pump();
      return;
    }
    try {
      int count = fetch.pieces().count();
      Have have = Messages.have(reply.body(), count);
      if (have.complete()) {
        have.have().set(0, count);
      }
      neighbours.heard(neighbour.address, have.have(), have.load(), now);
    } catch (IOException e) {
      neighbours.drop(neighbour.number, now);
    }
    fetch.later(
        TELL_MILLIS,
        () -> {
          neighbour.telling = false;
          if (neighbour.mustTell) {
            tell(neighbour);
          }
        });
    fetch.pump();
  }
}
