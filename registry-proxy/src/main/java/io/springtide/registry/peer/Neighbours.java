package io.springtide.registry.peer;

import io.springtide.registry.swarm.Download;
import io.springtide.registry.tracker.PeerAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The other peers that one fetch knows. The download hears of a piece of theirs only once its hash
 * is known: nothing is asked for that could not be checked. Lives on the fetch's thread.
 */
final class Neighbours {
  /** More than the graph gives to anybody; others that introduce themselves are not taken. */
  private static final int MAX = 64;

  /** Who did not answer is left alone for this long, and for twice as long each further time. */
  private static final long AVOIDED = 2_000_000_000L;

  private static final int MOST_DOUBLINGS = 6;

  private record Avoided(int times, long until) {}

  static final class Neighbour {
    final int number;
    final PeerAddress address;
    final BitSet has = new BitSet();
    int load;
    boolean telling;
    boolean mustTell = true;

    private Neighbour(int number, PeerAddress address) {
      this.number = number;
      this.address = address;
    }
  }

  private final Download download;
  private final int pieces;
  private final Map<String, Neighbour> byId = new LinkedHashMap<>();
  private final Map<Integer, Neighbour> byNumber = new HashMap<>();
  private final Map<String, Avoided> avoided = new HashMap<>();
  private int checkable;
  private int next;

  Neighbours(Download download, int pieces) {
    this.download = download;
    this.pieces = pieces;
  }

  /** A neighbour has these pieces; a new one is taken in if there is room. */
  Optional<Neighbour> heard(PeerAddress address, BitSet has, int load, long now) {
    Neighbour neighbour = byId.get(address.id());
    if (neighbour == null) {
      Avoided shunned = avoided.get(address.id());
      if (byId.size() >= MAX || (shunned != null && shunned.until - now > 0)) {
        return Optional.empty();
      }
      neighbour = new Neighbour(next++, address);
      byId.put(address.id(), neighbour);
      byNumber.put(neighbour.number, neighbour);
      download.joined(neighbour.number, new BitSet());
    }
    neighbour.load = load;
    for (int piece = has.nextSetBit(0);
        piece >= 0 && piece < pieces;
        piece = has.nextSetBit(piece + 1)) {
      if (!neighbour.has.get(piece)) {
        neighbour.has.set(piece);
        if (piece < checkable) {
          download.announced(neighbour.number, piece, load);
        }
      }
    }
    return Optional.of(neighbour);
  }

  /** The hashes of so many pieces are known. */
  void checkable(int count) {
    for (int piece = checkable; piece < count; piece++) {
      for (Neighbour neighbour : byId.values()) {
        if (neighbour.has.get(piece)) {
          download.announced(neighbour.number, piece, neighbour.load);
        }
      }
    }
    checkable = Math.max(checkable, count);
  }

  /** It does not answer, or has left. */
  void drop(int number, long now) {
    Neighbour neighbour = byNumber.remove(number);
    if (neighbour != null) {
      byId.remove(neighbour.address.id());
      download.gone(number);
      Avoided before = avoided.getOrDefault(neighbour.address.id(), new Avoided(0, now));
      long time = AVOIDED << Math.min(before.times, MOST_DOUBLINGS);
      avoided.put(neighbour.address.id(), new Avoided(before.times + 1, now + time));
    }
  }

  Optional<Neighbour> find(int number) {
    return Optional.ofNullable(byNumber.get(number));
  }

  Collection<Neighbour> all() {
    return List.copyOf(byId.values());
  }

  /** Those who lack something, so that news interests them. */
  List<Neighbour> curious() {
    List<Neighbour> all = new ArrayList<>();
    for (Neighbour neighbour : byId.values()) {
      if (neighbour.has.cardinality() < pieces) {
        all.add(neighbour);
      }
    }
    return all;
  }
}
