package io.springtide.registry.tracker;

import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.tracker.Messages.Presence;
import io.springtide.registry.tracker.Messages.Present;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Knows the hosts and the swarms of one proxy. All of it comes from what peers say again and again:
 * a tracker that forgot everything knows it again within one round of their announcements, and a
 * peer leaves by saying nothing. Times in nanoseconds. Thread-safe.
 */
public final class Tracker {
  private static final long SECOND = 1_000_000_000L;

  /** Peers tell of hashes in answers of this many at most: some 170 KiB. */
  private static final int HASHES_AT_ONCE = 4096;

  private static final class Host {
    PeerAddress address;
    List<String> around = List.of();
    Set<Digest> blobs = Set.of();
    boolean told;
    long seen;
  }

  private final TrackerRules rules;
  private final Admissions admissions;
  private final long seed;

  // Guarded by this.
  private final Map<String, Host> hosts = new HashMap<>();
  private final Map<Digest, Swarm> swarms = new HashMap<>();
  private final Map<String, Long> banned = new HashMap<>();
  private long swept;

  public Tracker(TrackerRules rules, Admissions admissions, long seed) {
    this.rules = rules;
    this.admissions = admissions;
    this.seed = seed;
  }

  /** A host is there, and says what it has. */
  public synchronized Present present(Presence presence, PeerAddress address, long now) {
    sweep(now);
    Host host = seen(address, presence.self().around(), now);
    if (presence.blobs().isPresent()) {
      host.blobs = presence.blobs().get();
      host.told = true;
    }
    if (!isBanned(address.id())) {
      for (Digest digest : host.blobs) {
        Swarm swarm = swarms.get(digest);
        if (swarm != null) {
          swarm.seed(address, host.around, now);
        }
      }
    }
    return new Present(hosts.size(), !host.told, admissions.publicKey(), rules.minBlob());
  }

  private Host seen(PeerAddress address, List<String> around, long now) {
    Host host = hosts.computeIfAbsent(address.id(), id -> new Host());
    host.address = address;
    host.around = around;
    host.seen = now;
    return host;
  }

  /**
   * A peer wants the blob, or is at it. The caller has made sure that it may read it.
   *
   * @param from the address that it comes from: its admission is good from there only
   * @param epochSecond the time of day, for the admission
   * @return empty if it should pull straight from the proxy: the hosts are too few, the blob too
   *     small, or the peer lied
   */
  public synchronized Optional<Introduction> announced(
      Digest digest,
      Announce announce,
      PeerAddress address,
      String from,
      PieceHashes hashes,
      long now,
      long epochSecond) {
    sweep(now);
    String id = address.id();
    seen(address, announce.self().around(), now);
    Pieces pieces = hashes.pieces();
    boolean worth = announce.joined() || hosts.size() >= rules.minHosts();
    if (!worth
        || pieces.size() < rules.minBlob()
        || isBanned(id)
        || announce.have().length() > pieces.count()) {
      return Optional.empty();
    }
    Swarm swarm = swarms.computeIfAbsent(digest, d -> begin(d, pieces, now));
    swarm.announced(address, announce.self().around(), announce.have(), now);
    for (String liar : announce.liars()) {
      if (swarm.accused(id, liar)) {
        banned.put(liar, now + rules.ban().toNanos());
        swarms.values().forEach(each -> each.leave(liar));
      }
    }
    return Optional.of(
        new Introduction(
            pieces.size(),
            pieces.pieceSize(),
            announce.hashes(),
            hashes.from(announce.hashes(), HASHES_AT_ONCE),
            swarm.neighboursOf(id),
            swarm.admission(
                id, from, digest, admissions, epochSecond, rules.admissionLife().toSeconds()),
            admissions.publicKey()));
  }

  /**
   * Whether a blob of {@code size} bytes (negative: unknown) would be shared with a newcomer at
   * {@code address}.
   */
  public synchronized boolean wouldShare(PeerAddress address, long size) {
    int there = hosts.size() + (hosts.containsKey(address.id()) ? 0 : 1);
    return size > 0
        && size >= rules.minBlob()
        && there >= rules.minHosts()
        && !isBanned(address.id());
  }

  private Swarm begin(Digest digest, Pieces pieces, long now) {
    Swarm swarm = new Swarm(pieces, rules.swarm(), seed ^ digest.hashCode());
    hosts.forEach(
        (id, host) -> {
          if (host.blobs.contains(digest) && !isBanned(id)) {
            swarm.seed(host.address, host.around, now);
          }
        });
    return swarm;
  }

  /** Whether the peer takes part in the blob's swarm: only they ask for pieces. */
  public synchronized boolean takesPart(Digest digest, String peer) {
    Swarm swarm = swarms.get(digest);
    return swarm != null && swarm.has(peer);
  }

  /**
   * The piece that the proxy gives to a peer that takes part and asks for any; empty if it must ask
   * its neighbours.
   */
  public synchronized OptionalInt give(Digest digest, BitSet held, boolean stuck, int ready) {
    Swarm swarm = swarms.get(digest);
    return swarm == null ? OptionalInt.empty() : swarm.give(held, stuck, ready);
  }

  /** Live hosts. */
  public synchronized int hosts() {
    return hosts.size();
  }

  /** Peers that are banned. */
  public synchronized int banned() {
    return banned.size();
  }

  /** Peers at this blob. */
  public synchronized int members(Digest digest) {
    Swarm swarm = swarms.get(digest);
    return swarm == null ? 0 : swarm.size();
  }

  private boolean isBanned(String id) {
    return banned.containsKey(id);
  }

  private void sweep(long now) {
    if (!hosts.isEmpty() && now - swept < SECOND) {
      return;
    }
    swept = now;
    long limit = now - rules.silence().toNanos();
    hosts.values().removeIf(host -> host.seen - limit < 0);
    banned.values().removeIf(until -> until - now <= 0);
    for (Map.Entry<Digest, Swarm> entry : new ArrayList<>(swarms.entrySet())) {
      entry.getValue().expire(limit);
      if (entry.getValue().isQuiet()) {
        swarms.remove(entry.getKey());
      }
    }
  }
}
