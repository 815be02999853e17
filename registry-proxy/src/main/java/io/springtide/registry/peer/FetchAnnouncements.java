package io.springtide.registry.peer;

import io.springtide.registry.http.Reply;
import io.springtide.registry.tracker.Messages;
import io.springtide.registry.tracker.Messages.Announce;
import io.springtide.registry.tracker.Messages.Introduction;
import io.springtide.registry.tracker.PeerAddress;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces one fetch to the tracker periodically: its progress and which peers sent it wrong
 * bytes. The answers bring neighbours, hashes of pieces and the admission. Also has the neighbours
 * told of new pieces. Lives on the fetch's loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // The answer goes on from the callback.
final class FetchAnnouncements {
  private static final Logger log = LoggerFactory.getLogger(FetchAnnouncements.class);

  private final FetchLoop loop;
  private final PeerKit kit;
  private final SharedBlob blob;
  private final Gossip gossip;
  private final Set<String> liars = new HashSet<>();
  private boolean underWay;
  private long next;

  FetchAnnouncements(FetchLoop loop, PeerKit kit, SharedBlob blob, Gossip gossip) {
    this.loop = loop;
    this.kit = kit;
    this.blob = blob;
    this.gossip = gossip;
  }

  /** {@code first}: what the tracker said when it was first asked. */
  void begin(Introduction first) {
    soon();
    introduced(first);
  }

  /** An announcement is due now. */
  void soon() {
    next = System.nanoTime();
  }

  /** A piece came: those neighbours who lack any hear of it. */
  void pieceCame() {
    blob.neighbours.checkable(blob.hashes.count());
    blob.neighbours.curious().forEach(gossip::tell);
  }

  /** The tracker is to know that this peer sent other bytes than the piece. */
  void accuse(String peer) {
    liars.add(peer);
    soon();
  }

  void announceIfDue(long now) {
    if (underWay || now - next < 0) {
      return;
    }
    underWay = true;
    Announce announce =
        new Announce(
            kit.self(), blob.download.held(), blob.hashes.count(), true, Set.copyOf(liars));
    kit.proxy()
        .announce(blob.repository, blob.digest, announce)
        .whenComplete((reply, error) -> loop.post(() -> answered(reply, error)));
  }

  private void answered(Reply reply, Throwable error) {
    underWay = false;
    next = System.nanoTime() + kit.limits().announce().toNanos();
    boolean down = error != null || reply.status() == 503 || reply.status() == 429;
    if (down) {
      return; // the neighbours go on meanwhile; too long without any piece ends it
    }
    if (reply.status() != 200) {
      loop.giveUp(new IOException("the proxy answered " + reply.status()));
      return;
    }
    try {
      Messages.introduction(reply.body()).ifPresent(this::introduced);
    } catch (IOException e) {
      log.warn("the proxy's answer about {} cannot be read: {}", blob.digest, e.getMessage());
    }
    loop.pump();
  }

  private void introduced(Introduction introduction) {
    if (introduction.size() != blob.pieces.size()
        || introduction.pieceSize() != blob.pieces.pieceSize()) {
      loop.giveUp(new IOException("the proxy cuts " + blob.digest + " in another way now"));
      return;
    }
    blob.admitted(introduction.admission());
    kit.guests().key(introduction.key());
    if (introduction.hashesFrom() <= blob.hashes.count()) {
      blob.hashes.addAll(introduction.hashesFrom(), introduction.hashes());
    }
    long now = System.nanoTime();
    if (!blob.hashes.isComplete()) {
      next = now + kit.limits().announceFilling().toNanos();
    }
    for (Messages.Neighbour other : introduction.neighbours()) {
      PeerAddress address = other.address();
      if (!address.id().equals(kit.self().id()) && !kit.guests().isBanned(address.id())) {
        blob.neighbours.heard(address, other.have(), 0, now).ifPresent(gossip::greet);
      }
    }
    blob.neighbours.checkable(blob.hashes.count());
  }
}
