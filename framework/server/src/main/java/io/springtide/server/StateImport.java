package io.springtide.server;

import io.springtide.scheduler.SchedulerCore;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.StateStore;
import io.springtide.server.config.ConfigException;
import io.springtide.server.config.ServerConfig;
import io.springtide.server.store.EmbeddedZooKeeper;
import io.springtide.server.store.StateFile;
import io.springtide.server.store.ZooKeeperClient;
import io.springtide.server.store.ZooKeeperStateStore;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;

/** Puts an exported state where there is none. */
final class StateImport {
  /**
   * What was given out after the export is not known, and must never be given out again: task ids,
   * tokens of orders, versions.
   */
  private static final long LEAP = 1_000_000;

  private StateImport() {}

  /**
   * Imports.
   *
   * @return what was done, in a sentence
   * @throws ConfigException if it cannot be opened, or a server runs there
   * @throws io.springtide.server.store.StoreException if there is a state already
   */
  static String run(ServerConfig config, InputStream file)
      throws ConfigException, IOException, StateFile.BadFileException, InterruptedException {
    StateStore.Loaded read = StateFile.read(file);
    StateStore.Loaded state = new StateStore.Loaded(read.version(), leapt(read.changes()));
    // What no server could go on from is refused now.
    SchedulerCore.restore(Server.core(config), state, Instant.now());
    try (DataDir data = DataDir.open(config.dataDir())) {
      if (config.zookeeper().isPresent()) {
        try (CuratorFramework curator = Server.zooKeeper(config.zookeeper().get())) {
          ZooKeeperStateStore.found(curator, state);
        }
      } else {
        try (EmbeddedZooKeeper own = EmbeddedZooKeeper.start(data.resolve("zookeeper"));
            CuratorFramework curator = ZooKeeperClient.connect(own, Server.SESSION)) {
          ZooKeeperStateStore.found(curator, state);
        }
      }
    }
    return "imported %d records, the state at version %d"
        .formatted(read.changes().size(), read.version());
  }

  private static List<Change> leapt(List<Change> changes) {
    List<Change> all = new ArrayList<>(changes);
    for (Change change : changes) {
      if (change instanceof Change.CounterSet counter) {
        all.add(new Change.CounterSet(counter.name(), counter.value() + LEAP));
      }
    }
    return all;
  }
}
