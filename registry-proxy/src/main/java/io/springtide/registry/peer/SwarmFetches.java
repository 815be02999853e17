package io.springtide.registry.peer;

import io.netty.channel.EventLoopGroup;
import io.springtide.registry.http.ResponseListener;
import io.springtide.registry.store.Digest;
import io.springtide.registry.swarm.Download;
import io.springtide.registry.swarm.Pieces;
import io.springtide.registry.tracker.Messages.Introduction;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The fetches of a peer that are under way. Thread-safe. */
final class SwarmFetches {
  private final EventLoopGroup loops;
  private final Map<Digest, SwarmFetch> all = new ConcurrentHashMap<>();

  SwarmFetches(EventLoopGroup loops) {
    this.loops = loops;
  }

  /** {@code withoutFile}: called if the listener has no file of its own into which bytes arrive. */
  void begin(
      PeerKit kit,
      String repository,
      Digest digest,
      ResponseListener listener,
      Introduction introduction,
      Runnable withoutFile) {
    var loop = loops.next();
    long now = System.nanoTime();
    long seed = now ^ System.identityHashCode(listener);
    Pieces pieces = new Pieces(introduction.size(), introduction.pieceSize());
    Download download = new Download(pieces.count(), kit.rules(), seed, now);
    SharedBlob blob = new SharedBlob(repository, digest, pieces, download);
    SwarmFetch fetch =
        new SwarmFetch(kit, blob, loop, listener, ended -> all.remove(digest, ended));
    loop.execute(
        () -> {
          if (!fetch.open()) {
            withoutFile.run();
          } else if (!fetch.isOver()) {
            all.put(digest, fetch);
            fetch.begin(introduction);
          }
        });
  }

  /** The one of this blob. */
  Optional<SwarmFetch> find(Digest digest) {
    return Optional.ofNullable(all.get(digest));
  }

  void cancelAll() {
    all.values().forEach(SwarmFetch::cancel);
  }
}
