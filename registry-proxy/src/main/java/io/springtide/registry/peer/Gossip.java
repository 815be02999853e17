package io.springtide.registry.peer;

import io.netty.handler.codec.http.HttpMethod;
import io.springtide.registry.http.HttpConnections;
import io.springtide.registry.http.Reply;
import io.springtide.registry.peer.Neighbours.Neighbour;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Have;
import java.io.IOException;
import java.util.function.Supplier;

/**
 * Tells the neighbours of one fetch what we have, and hears from their answers what they have.
 * Lives on the fetch's loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
final class Gossip {
  /** Between two tellings of the same neighbour: it hears of several pieces at once. */
  private static final long TELL_MILLIS = 10;

  private static final int MAX_HAVE = 1 << 20;

  private final FetchLoop loop;
  private final HttpConnections connections;
  private final SharedBlob blob;
  private final Supplier<Have> ours;

  /** {@code ours}: what we have now. */
  Gossip(FetchLoop loop, HttpConnections connections, SharedBlob blob, Supplier<Have> ours) {
    this.loop = loop;
    this.connections = connections;
    this.blob = blob;
    this.ours = ours;
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
            neighbour.address.uri("/swarm/have/" + blob.digest),
            blob.leave(),
            Messages.write(ours.get()),
            MAX_HAVE)
        .whenComplete((reply, error) -> loop.post(() -> told(neighbour, reply, error)));
  }

  private void told(Neighbour neighbour, Reply reply, Throwable error) {
    if (blob.neighbours.find(neighbour.number).isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    if (error != null || reply.status() != 200) {
      blob.neighbours.drop(neighbour.number, now);
      loop.pump();
      return;
    }
    try {
      int count = blob.pieces.count();
      Have have = Messages.have(reply.body(), count);
      if (have.complete()) {
        have.have().set(0, count);
      }
      blob.neighbours.heard(neighbour.address, have.have(), have.load(), now);
    } catch (IOException e) {
      blob.neighbours.drop(neighbour.number, now);
    }
    loop.later(
        TELL_MILLIS,
        () -> {
          neighbour.telling = false;
          if (neighbour.mustTell) {
            tell(neighbour);
          }
        });
    loop.pump();
  }
}
