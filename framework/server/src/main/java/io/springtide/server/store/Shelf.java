package io.springtide.server.store;

import io.springtide.server.mesos.ExecutorTable;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;

/**
 * Things kept beside the log that never change once they are there, each under a name that is made
 * from its content: executors' descriptions and jars. Written by the store, fenced as all is: only
 * who leads keeps anything.
 */
public final class Shelf implements ExecutorTable.Shelf {
  private static final String EXECUTORS = "/executors";

  private final Reading reading;
  private final Chunks jars;
  private final ZooKeeperStateStore store;

  /**
   * @param store loaded already
   */
  public Shelf(CuratorFramework curator, ZooKeeperStateStore store) {
    this.reading = new Reading(curator);
    this.jars = new Chunks(reading, "/jars");
    this.store = store;
  }

  @Override
  public Map<String, byte[]> all() {
    return Curated.get("read the executors' descriptions", () -> reading.below(EXECUTORS));
  }

  @Override
  public void keep(String id, byte[] description) {
    Curated.get(
        "keep the description of " + id,
        () -> {
          String path = EXECUTORS + "/" + id;
          Optional<byte[]> kept = reading.one(path);
          if (kept.isEmpty()) {
            ensure(EXECUTORS);
            write(new Write.Create(path, description));
          } else if (!Arrays.equals(kept.get(), description)) {
            write(new Write.Put(path, description));
          }
          return null;
        });
  }

  /** Keeps a jar, if it is not there yet; one that is only half there is written anew. */
  public void keepJar(String sha256, byte[] jar) {
    Curated.get(
        "keep the executor's jar",
        () -> {
          if (whole(sha256).filter(kept -> Arrays.equals(kept, jar)).isPresent()) {
            return null;
          }
          if (jars.names().contains(sha256)) {
            for (Write removal : jars.removal(sha256)) {
              write(removal);
            }
          }
          ensure(jars.root());
          for (Write write : jars.writes(sha256, jar)) {
            write(write);
          }
          return null;
        });
  }

  /**
   * The jar of that hash; what was only half written does not count, the caller checks the hash.
   */
  public Optional<byte[]> jar(String sha256) {
    return Curated.get("read the executor's jar", () -> whole(sha256));
  }

  private Optional<byte[]> whole(String sha256) throws Exception {
    try {
      return jars.read(sha256);
    } catch (DamageException e) {
      return Optional.empty();
    }
  }

  private void ensure(String path) throws Exception {
    if (!reading.exists(path)) {
      write(new Write.Create(path, new byte[0]));
    }
  }

  private void write(Write write) throws Exception {
    Curated.get(store.write(List.of(write)));
  }
}
