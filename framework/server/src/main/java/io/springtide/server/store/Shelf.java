package io.springtide.server.store;

import io.springtide.server.mesos.ExecutorTable;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;

/**
 * Things kept beside the log that never change once they are there, each under a name that is made
 * from its content: executors' descriptions and jars. So writing one twice, or after another leader
 * has taken over, does no harm.
 */
public final class Shelf implements ExecutorTable.Shelf {
  private static final String EXECUTORS = "/executors";

  private final CuratorFramework curator;
  private final Chunks jars;

  public Shelf(CuratorFramework curator) {
    this.curator = curator;
    this.jars = new Chunks(curator, "/jars");
  }

  @Override
  public Map<String, byte[]> all() {
    return Curated.get(
        "read the executors' descriptions",
        () -> {
          Map<String, byte[]> all = new HashMap<>();
          try {
            for (String id : curator.getChildren().forPath(EXECUTORS)) {
              all.put(id, curator.getData().forPath(EXECUTORS + "/" + id));
            }
          } catch (KeeperException.NoNodeException e) {
            // None was ever kept.
          }
          return all;
        });
  }

  @Override
  public void keep(String id, byte[] description) {
    Curated.get(
        "keep the description of " + id,
        () ->
            curator
                .create()
                .orSetData()
                .creatingParentsIfNeeded()
                .forPath(EXECUTORS + "/" + id, description));
  }

  /** Keeps a jar, if it is not there yet. */
  public void keepJar(String sha256, byte[] jar) {
    Curated.get(
        "keep the executor's jar",
        () -> {
          if (jars.read(sha256).isEmpty()) {
            jars.write(sha256, jar);
          }
          return null;
        });
  }

  /**
   * The jar of that hash; what was only half written does not count, the caller checks the hash.
   */
  public Optional<byte[]> jar(String sha256) {
    return Curated.get("read the executor's jar", () -> jars.read(sha256));
  }
}
