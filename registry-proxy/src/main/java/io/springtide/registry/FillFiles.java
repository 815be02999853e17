package io.springtide.registry;

import io.springtide.registry.fill.FillTable;
import io.springtide.registry.fill.FillWatcher;
import io.springtide.registry.peer.PeerFiles;
import io.springtide.registry.store.Digest;
import java.util.Optional;

/** The files of fills under way: there a swarm's pieces land. */
final class FillFiles implements PeerFiles {
  private final FillTable fills;

  FillFiles(FillTable fills) {
    this.fills = fills;
  }

  @Override
  public Optional<Arriving> open(Digest digest, Runnable changed) {
    FillWatcher watcher = changed::run;
    return fills
        .find(digest)
        .flatMap(
            fill ->
                fill.acquire(watcher)
                    .map(
                        file ->
                            new Arriving(
                                file,
                                () -> fill.failure().isPresent(),
                                () -> fill.release(watcher))));
  }
}
