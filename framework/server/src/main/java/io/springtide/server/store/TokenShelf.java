package io.springtide.server.store;

import io.springtide.server.access.Access;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;

/** The tokens, beside the log and fenced as all is: only who leads makes or removes any. */
public final class TokenShelf implements Access.Shelf {
  static final String ROOT = "/tokens";

  private final Reading reading;
  private final ZooKeeperStateStore store;

  /**
   * @param store loaded already
   */
  public TokenShelf(CuratorFramework curator, ZooKeeperStateStore store) {
    this.reading = new Reading(curator);
    this.store = store;
  }

  @Override
  public Map<String, byte[]> all() {
    return Curated.get("read the tokens", () -> reading.below(ROOT));
  }

  @Override
  public void put(String name, byte[] document) {
    Curated.get(
        "keep the token " + name,
        () -> {
          if (!reading.exists(ROOT)) {
            write(new Write.Create(ROOT, new byte[0]));
          }
          write(
              reading.exists(path(name))
                  ? new Write.Put(path(name), document)
                  : new Write.Create(path(name), document));
          return null;
        });
  }

  @Override
  public void remove(String name) {
    Curated.get(
        "remove the token " + name,
        () -> {
          write(new Write.Delete(path(name)));
          return null;
        });
  }

  private static String path(String name) {
    return ROOT + "/" + name;
  }

  private void write(Write write) throws Exception {
    Curated.get(store.write(List.of(write)));
  }
}
