package io.springtide.registry.peer;

import io.netty.handler.codec.http.HttpMethod;
import io.springtide.registry.http.Request;
import io.springtide.registry.http.Why;
import io.springtide.registry.peer.Flight.Goal;
import io.springtide.registry.peer.Neighbours.Neighbour;
import io.springtide.registry.swarm.Download;
import io.springtide.registry.swarm.Download.Ask;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.PeerAddress;
import java.io.IOException;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pieces of one fetch that are on their way: asks for what {@link Download} wants, and tells it
 * what became of that. Lives on the fetch's loop.
 */
final class Flights {
  private static final Logger log = LoggerFactory.getLogger(Flights.class);
  private static final byte[] NO_BODY = {};

  private final FetchLoop loop;
  private final PeerKit kit;
  private final SharedBlob blob;
  private final PieceFile file;
  private final FetchAnnouncements announcements;
  private final Set<Flight> all = new HashSet<>();
  private long progress;

  /** {@code file}: where pieces land. */
  Flights(
      FetchLoop loop,
      PeerKit kit,
      SharedBlob blob,
      PieceFile file,
      FetchAnnouncements announcements) {
    this.loop = loop;
    this.kit = kit;
    this.blob = blob;
    this.file = file;
    this.announcements = announcements;
    this.progress = System.nanoTime();
  }

  /** When the last new piece came, or the first was asked for, by nanoTime. */
  long progress() {
    return progress;
  }

  /** Asks for what is wanted next. */
  void ask() {
    long now = System.nanoTime();
    for (Optional<Ask> ask = blob.download.next(now);
        ask.isPresent();
        ask = blob.download.next(now)) {
      askNeighbour(ask.get(), now);
    }
    while (blob.download.askOrigin(now)) {
      Flight flight = launch(Flight.ORIGIN, Goal.ANY, now);
      Messages.Ask ask =
          new Messages.Ask(
              kit.self().id(), blob.download.heldForOrigin(), blob.download.isStuck(now));
      kit.proxy().piece(blob.repository, blob.digest, ask, flight);
    }
  }

  private void askNeighbour(Ask ask, long now) {
    Optional<Neighbour> neighbour = blob.neighbours.find(ask.neighbour());
    if (neighbour.isEmpty()) {
      blob.download.gone(ask.neighbour());
      return;
    }
    int piece = ask.piece();
    Flight flight = launch(ask.neighbour(), new Goal(piece, blob.hashes.of(piece)), now);
    String path = blob.digest + "/" + blob.pieces.pieceSize() + "/" + piece;
    String query = "?progress=" + blob.download.count();
    URI uri = neighbour.get().address.uri("/swarm/pieces/" + path + query);
    kit.connections().send(new Request(HttpMethod.GET, uri, blob.leave(), NO_BODY, flight));
  }

  private Flight launch(int from, Goal goal, long now) {
    Flight flight =
        new Flight(file, (over, end) -> loop.post(() -> over(over, end)), from, goal, now);
    all.add(flight);
    return flight;
  }

  private void over(Flight flight, Flight.End end) {
    if (end.outcome() == Flight.Outcome.CANNOT_WRITE) {
      cannotWrite(end.why().orElseThrow());
      return;
    }
    if (!all.remove(flight)) {
      return; // given up meanwhile
    }
    long now = System.nanoTime();
    switch (end.outcome()) {
      case LANDED -> landed(flight, end.load(), now);
      case NOTHING -> blob.download.originAnswered(now + end.again());
      case BUSY -> {
        blob.download.refused(flight.from, flight.piece(), end.load());
        return; // the next tick asks somebody else, or the same one again
      }
      case REFUSED -> refused(flight, now);
      case LIED -> lied(flight, now);
      default -> drop(flight, Why.of(end.why().orElseThrow()), now);
    }
    loop.pump();
  }

  private void landed(Flight flight, int load, long now) {
    int piece = flight.piece();
    if (!file.has(piece)) {
      all.stream()
          .filter(other -> other.hasClaim() && other.piece() == piece)
          .findFirst()
          .ifPresent(
              other -> {
                // Its bytes come too late, and must not be written over those that are verified.
                all.remove(other);
                other.abandon();
                land(other, now);
              });
      try {
        flight.store();
      } catch (IOException e) {
        cannotWrite(e);
        return;
      }
      file.verified(piece);
      (flight.from == Flight.ORIGIN ? kit.counters().fromProxy : kit.counters().fromPeers)
          .add(blob.pieces.length(piece));
      progress = now;
    }
    if (flight.from == Flight.ORIGIN) {
      blob.hashes.addAll(piece, flight.expected());
      blob.download.originAnswered(now);
    }
    if (blob.download.arrived(flight.from, piece, load, now)) {
      announcements.pieceCame();
    }
  }

  /** What was asked is not under way any more. */
  private void land(Flight flight, long again) {
    if (flight.from == Flight.ORIGIN) {
      blob.download.originAnswered(again);
    } else {
      blob.download.refused(flight.from, flight.piece(), 1);
    }
  }

  private void refused(Flight flight, long now) {
    land(flight, now + kit.rules().stall());
    if (flight.from == Flight.ORIGIN) {
      announcements.soon(); // a proxy that started anew knows nothing of us
    } else {
      blob.neighbours.drop(flight.from, now);
    }
  }

  /** Gives up those that take too long, even if bytes still trickle in. */
  void dropSlow(long now) {
    for (Flight flight : List.copyOf(all)) {
      if (now - flight.since > kit.limits().piece().toNanos()) {
        all.remove(flight);
        drop(flight, "is too slow", now);
      }
    }
  }

  private void drop(Flight flight, String why, long now) {
    flight.abandon();
    land(flight, now + kit.rules().stall());
    if (flight.from != Flight.ORIGIN) {
      blob.neighbours
          .find(flight.from)
          .ifPresent(
              neighbour -> log.info("{}: without {}: {}", blob.digest, neighbour.address, why));
      blob.neighbours.drop(flight.from, now);
    }
  }

  private void lied(Flight flight, long now) {
    kit.counters().lies.increment();
    Optional<Neighbour> liar = blob.neighbours.find(flight.from);
    if (liar.isEmpty()) {
      land(flight, now + kit.rules().stall());
      return;
    }
    PeerAddress address = liar.get().address;
    log.warn("{} sent other bytes for piece {} of {}", address, flight.piece(), blob.digest);
    blob.download.lied(flight.from, flight.piece());
    blob.neighbours.drop(flight.from, now);
    kit.guests().ban(address.id());
    announcements.accuse(address.id());
  }

  private void cannotWrite(IOException why) {
    loop.giveUp(new IOException("cannot write a piece: " + Why.of(why), why));
  }

  void abandonAll() {
    List.copyOf(all).forEach(Flight::abandon);
    all.clear();
  }
}
