package io.springtide.registry.tracker;

import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.OriginShare;
import io.springtide.registry.swarm.PeerGraph;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.swarm.SwarmRules;
import io.springtide.registry.tracker.Messages.Neighbour;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** Those who have a blob or want it, as far as the tracker knows. Guarded by its tracker. */
final class Swarm {
  private static final class Member {
    final int number;
    PeerAddress address;
    BitSet have;
    long seen;
    boolean seed;
    String admission;
    String admitted;
    long renew;

    Member(int number) {
      this.number = number;
    }
  }

  private final Pieces pieces;
  private final PeerGraph graph;
  private final OriginShare origin;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<Integer, Member> byNumber = new HashMap<>();
  private final Map<String, Set<String>> accusers = new HashMap<>();
  private int next;

  Swarm(Pieces pieces, SwarmRules rules, long seed) {
    this.pieces = pieces;
    this.graph = new PeerGraph(rules, seed);
    this.origin = new OriginShare(pieces.count(), rules);
  }

  /** Somebody has it whole. */
  void seed(PeerAddress address, List<String> around, long now) {
    BitSet all = new BitSet();
    all.set(0, pieces.count());
    heard(address, around, all, now).seed = true;
  }

  void announced(PeerAddress address, List<String> around, BitSet have, long now) {
    heard(address, around, have, now);
  }

  private Member heard(PeerAddress address, List<String> around, BitSet have, long now) {
    Member member =
        members.computeIfAbsent(
            address.id(),
            id -> {
              Member fresh = new Member(next++);
              byNumber.put(fresh.number, fresh);
              graph.join(fresh.number, around);
              return fresh;
            });
    member.address = address;
    member.have = have;
    member.seen = now;
    return member;
  }

  boolean has(String id) {
    return members.containsKey(id);
  }

  List<Neighbour> neighboursOf(String id) {
    Member member = members.get(id);
    // Others left: those who remain must not become few.
    graph.refill(member.number);
    List<Neighbour> all = new ArrayList<>();
    for (int number : graph.neighbours(member.number)) {
      Member other = byNumber.get(number);
      if (accusers.getOrDefault(other.address.id(), Set.of()).contains(id)) {
        continue; // it had wrong bytes from this one
      }
      all.add(new Neighbour(other.address, other.have));
    }
    return all;
  }

  /**
   * The member's admission: signed once in half its life, not at every announcement.
   *
   * @param now in seconds since 1970, as in {@link Admissions}
   */
  String admission(
      String id, String from, Digest digest, Admissions admissions, long now, long life) {
    Member member = members.get(id);
    String to = from + " " + member.address;
    if (member.admission == null || member.renew <= now || !to.equals(member.admitted)) {
      member.admission = admissions.admit(member.address, from, digest, now + life);
      member.admitted = to;
      member.renew = now + life / 2;
    }
    return member.admission;
  }

  OptionalInt give(BitSet held, boolean stuck, int ready) {
    return origin.give(held, stuck, ready);
  }

  void leave(String id) {
    Member member = members.remove(id);
    if (member != null) {
      byNumber.remove(member.number);
      graph.leave(member.number).forEach(graph::refill);
      accusers.remove(id);
    }
  }

  /**
   * {@code accuser} reports wrong bytes from {@code liar}, and is not introduced to it again. True
   * if another peer reported the same before: a single report may be false.
   */
  boolean accused(String accuser, String liar) {
    if (!members.containsKey(accuser) || !members.containsKey(liar) || accuser.equals(liar)) {
      return false;
    }
    Set<String> all = accusers.computeIfAbsent(liar, l -> new HashSet<>());
    all.add(accuser);
    return all.size() > 1;
  }

  /** Forgets who was silent since {@code limit}. */
  void expire(long limit) {
    List<String> silent = new ArrayList<>();
    members.forEach(
        (id, member) -> {
          if (member.seen - limit < 0) {
            silent.add(id);
          }
        });
    silent.forEach(this::leave);
  }

  /** Whether nobody is left who is still at it. */
  boolean isQuiet() {
    return members.values().stream().allMatch(member -> member.seed);
  }

  int size() {
    return members.size();
  }
}
