package io.springtide.registry.swarm;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * One peer's side of fetching one blob: what it has, what its neighbours have, what to ask whom for
 * next.
 */
public final class Download {
  /** Ask this neighbour for this piece. */
  public record Ask(int neighbour, int piece) {}

  private static final class Neighbour {
    final int id;
    final BitSet has;
    int load;
    int inFlight;
    double serviceNanos;
    boolean banned;

    Neighbour(int id, int pieces) {
      this.id = id;
      this.has = new BitSet(pieces);
    }
  }

  private record Flight(Neighbour from, int piece, long since, int ahead) {}

  private final SwarmRules rules;
  private final int pieces;
  private final SplittableRandom random;
  private final Wanted wanted;
  private final List<Neighbour> neighbours = new ArrayList<>();
  private final List<Flight> flights = new ArrayList<>();
  private long lastArrival;
  private int atOrigin;
  private long originAgain;

  public Download(int pieces, SwarmRules rules, long seed, long now) {
    this.rules = rules;
    this.pieces = pieces;
    this.random = new SplittableRandom(seed);
    this.wanted = new Wanted(pieces, rules.window(), random);
    this.lastArrival = now;
  }

  /** A new neighbour, and what it has. */
  public void joined(int id, BitSet has) {
    if (find(id) != null) {
      return;
    }
    Neighbour neighbour = new Neighbour(id, pieces);
    neighbours.add(neighbour);
    for (int piece = has.nextSetBit(0); piece >= 0; piece = has.nextSetBit(piece + 1)) {
      neighbour.has.set(piece);
      wanted.copyCame(piece);
    }
  }

  /** A neighbour went away; what it was asked for is wanted again. */
  public void gone(int id) {
    Neighbour neighbour = find(id);
    if (neighbour == null) {
      return;
    }
    for (int piece = neighbour.has.nextSetBit(0);
        piece >= 0;
        piece = neighbour.has.nextSetBit(piece + 1)) {
      wanted.copyWent(piece);
    }
    neighbours.remove(neighbour);
    flights.removeIf(flight -> flight.from == neighbour);
    rebuildAsked();
  }

  /** A neighbour has a piece now, and so many requests waiting. */
  public void announced(int id, int piece, int load) {
    Neighbour neighbour = find(id);
    if (neighbour != null) {
      neighbour.load = load;
      if (!neighbour.has.get(piece)) {
        neighbour.has.set(piece);
        wanted.copyCame(piece);
      }
    }
  }

  /** A neighbour was too busy; its load is known now. */
  public void refused(int id, int piece, int load) {
    Neighbour neighbour = find(id);
    if (neighbour != null) {
      neighbour.load = Math.max(load, 1);
      land(neighbour, piece);
    }
  }

  /**
   * A neighbour sent bytes that are not the piece: discarded, and the neighbour is never asked
   * again.
   */
  public void lied(int id, int piece) {
    Neighbour neighbour = find(id);
    if (neighbour != null) {
      neighbour.banned = true;
      flights.removeIf(flight -> flight.from == neighbour);
      rebuildAsked();
    }
  }

  /** A verified piece came, from a neighbour or (unknown id) from the origin; true if it is new. */
  public boolean arrived(int id, int piece, int load, long now) {
    Neighbour neighbour = find(id);
    if (neighbour != null) {
      for (Flight flight : flights) {
        if (flight.from == neighbour && flight.piece == piece) {
          double sample = (double) (now - flight.since) / (flight.ahead + 1);
          neighbour.serviceNanos =
              neighbour.serviceNanos == 0 ? sample : 0.7 * neighbour.serviceNanos + 0.3 * sample;
          break;
        }
      }
      neighbour.load = load;
      land(neighbour, piece);
    }
    boolean fresh = wanted.arrived(piece);
    if (fresh && neighbour != null) {
      lastArrival = now;
    }
    return fresh;
  }

  /** The next request to make, or empty if there is none now; to be called until it is empty. */
  public Optional<Ask> next(long now) {
    if (isComplete() || flights.size() >= rules.inFlight()) {
      return Optional.empty();
    }
    Neighbour best = null;
    int bestPiece = -1;
    double bestScore = Double.MAX_VALUE;
    for (Neighbour neighbour : neighbours) {
      if (neighbour.banned || neighbour.inFlight >= rules.inFlightEach()) {
        continue;
      }
      double score = score(neighbour);
      if (score < bestScore) {
        int piece = wanted.choose(neighbour.has);
        if (piece >= 0) {
          best = neighbour;
          bestPiece = piece;
          bestScore = score;
        }
      }
    }
    if (best == null) {
      return again(now);
    }
    return Optional.of(launch(best, bestPiece, now));
  }

  /** How long a neighbour would take: what waits there, times what one piece takes from it. */
  private double score(Neighbour neighbour) {
    double service = neighbour.serviceNanos == 0 ? meanService() : neighbour.serviceNanos;
    return (Math.max(neighbour.load, neighbour.inFlight) + 1)
        * service
        * (1 + 0.1 * random.nextDouble());
  }

  private double meanService() {
    double sum = 0;
    int count = 0;
    for (Neighbour neighbour : neighbours) {
      if (neighbour.serviceNanos > 0) {
        sum += neighbour.serviceNanos;
        count++;
      }
    }
    return count == 0 ? 1 : sum / count;
  }

  /**
   * Near the end, or behind a slow neighbour: a late piece is requested a second time from another.
   */
  private Optional<Ask> again(long now) {
    for (Flight flight : List.copyOf(flights)) {
      double usual = meanService() * (flight.ahead + 1);
      if (now - flight.since < rules.late() * usual || flightsOf(flight.piece) > 1) {
        continue;
      }
      Neighbour best = null;
      for (Neighbour neighbour : neighbours) {
        boolean can =
            neighbour != flight.from
                && !neighbour.banned
                && neighbour.inFlight < rules.inFlightEach()
                && neighbour.has.get(flight.piece);
        if (can && (best == null || score(neighbour) < score(best))) {
          best = neighbour;
        }
      }
      if (best != null) {
        return Optional.of(launch(best, flight.piece, now));
      }
    }
    return Optional.empty();
  }

  /**
   * Whether to ask the origin for any piece now. If so it counts as asked, until {@link
   * #originAnswered}.
   */
  public boolean askOrigin(long now) {
    // Where no neighbour helps, one request at a time would leave the wire idle between them.
    int limit = isStuck(now) ? rules.inFlight() : rules.originInFlight();
    if (isComplete() || atOrigin >= limit || now < originAgain) {
      return false;
    }
    atOrigin++;
    return true;
  }

  /**
   * What the origin is to take as held when it is asked: the pieces that are, and as many more from
   * the first missing one on as other requests to it are under way. It would send the same twice.
   */
  public BitSet heldForOrigin() {
    BitSet all = held();
    for (int other = 1; other < atOrigin; other++) {
      int missing = all.nextClearBit(0);
      if (missing < pieces) {
        all.set(missing);
      }
    }
    return all;
  }

  /** The origin sent a piece, or nothing, or failed; it is not asked before {@code again}. */
  public void originAnswered(long again) {
    atOrigin--;
    originAgain = again;
  }

  private int flightsOf(int piece) {
    int count = 0;
    for (Flight flight : flights) {
      count += flight.piece == piece ? 1 : 0;
    }
    return count;
  }

  private Ask launch(Neighbour neighbour, int piece, long now) {
    flights.add(new Flight(neighbour, piece, now, Math.max(neighbour.load, neighbour.inFlight)));
    neighbour.inFlight++;
    wanted.asked(piece);
    return new Ask(neighbour.id, piece);
  }

  private void land(Neighbour neighbour, int piece) {
    for (int i = 0; i < flights.size(); i++) {
      if (flights.get(i).from == neighbour && flights.get(i).piece == piece) {
        flights.remove(i);
        neighbour.inFlight--;
        break;
      }
    }
    if (flightsOf(piece) == 0) {
      wanted.notAsked(piece);
    }
  }

  private void rebuildAsked() {
    wanted.noneAsked();
    flights.forEach(flight -> wanted.asked(flight.piece));
  }

  private Neighbour find(int id) {
    for (Neighbour neighbour : neighbours) {
      if (neighbour.id == id) {
        return neighbour;
      }
    }
    return null;
  }

  /** Whether nothing came from neighbours for so long that the origin must help. */
  public boolean isStuck(long now) {
    return !isComplete() && now - lastArrival >= rules.stall();
  }

  public boolean isComplete() {
    return wanted.inOrder() >= pieces;
  }

  /** Pieces that can be handed to a reader in order. */
  public int inOrder() {
    return wanted.inOrder();
  }

  public int count() {
    return wanted.count();
  }

  /** A copy of what it has. */
  public BitSet held() {
    return wanted.held();
  }
}
