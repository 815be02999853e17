package io.springtide.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.state.Change;
import java.util.List;
import java.util.stream.Stream;

/**
 * Reads what is stored from its beginning on, in whatever formats it was written. One of them reads
 * one snapshot and the log after it.
 */
final class ChangeReader {
  /** For each upgrade, what it has seen. */
  private final List<Upgrade.Before> before =
      Stream.generate(Upgrade.Before::new).limit(Formats.CURRENT - 1).toList();

  /** The next that was stored. */
  List<Change> read(Stored stored) {
    if (Formats.require(stored.format()) == Formats.CURRENT) {
      return ChangeCodec.fromBytes(stored.text());
    }
    JsonNode changes = ChangeCodec.tree(stored.text());
    List<Upgrade> upgrades = Formats.from(stored.format());
    List<Upgrade.Before> seen = before.subList(stored.format() - 1, before.size());
    for (JsonNode change : changes) {
      for (int i = 0; i < upgrades.size(); i++) {
        upgrades.get(i).apply((ObjectNode) change, seen.get(i));
      }
    }
    return ChangeCodec.fromTree(changes);
  }
}
