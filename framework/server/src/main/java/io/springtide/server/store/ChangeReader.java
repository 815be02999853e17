package io.springtide.server.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Commit;
import java.util.ArrayList;
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

  /** The changes of the next that was stored: a snapshot, or a commit. */
  List<Change> read(Stored stored) {
    return commit(0, stored).changes();
  }

  /** The next commit, of that version. */
  Commit commit(long version, Stored stored) {
    if (Formats.require(stored.format()) == Formats.CURRENT) {
      return ChangeCodec.commit(version, stored.text());
    }
    JsonNode text = ChangeCodec.tree(stored.text());
    JsonNode changes = text.isArray() ? text : text.path("changes");
    changes.forEach(change -> upgrade(stored.format(), change));
    List<String> audit = new ArrayList<>();
    text.path("audit").forEach(line -> audit.add(line.textValue()));
    return new Commit(version, ChangeCodec.fromTree(changes), audit);
  }

  /** The next change, where each stands alone. */
  Change change(int format, byte[] text) {
    if (format == Formats.CURRENT) {
      return ChangeCodec.oneFromBytes(text);
    }
    JsonNode change = ChangeCodec.tree(text);
    upgrade(format, change);
    return ChangeCodec.fromTree(JsonNodeFactory.instance.arrayNode().add(change)).get(0);
  }

  private void upgrade(int format, JsonNode change) {
    if (!(change instanceof ObjectNode record)) {
      throw new StoreException("a change is no object");
    }
    List<Upgrade> upgrades = Formats.from(format);
    List<Upgrade.Before> seen = before.subList(format - 1, before.size());
    for (int i = 0; i < upgrades.size(); i++) {
      upgrades.get(i).apply(record, seen.get(i));
    }
  }
}
