package io.springtide.server.store;

import java.io.ByteArrayOutputStream;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;

/**
 * Byte strings too large for one znode, kept as {@code <root>/<name>/<k>} in chunks. ZooKeeper
 * refuses packets beyond 1 MiB (jute.maxbuffer), so a chunk stays at half of that.
 *
 * <p>A byte string is complete only once something else that was written after it refers to it.
 */
final class Chunks {
  static final int CHUNK_BYTES = 512 * 1024;

  private final CuratorFramework curator;
  private final String root;

  Chunks(CuratorFramework curator, String root) {
    this.curator = curator;
    this.root = root;
  }

  /** Writes all of {@code bytes}, over whatever was begun under that name. */
  void write(String name, byte[] bytes) throws Exception {
    delete(name);
    int count = Math.max(1, (bytes.length + CHUNK_BYTES - 1) / CHUNK_BYTES);
    for (int k = 0; k < count; k++) {
      int from = k * CHUNK_BYTES;
      byte[] chunk =
          java.util.Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + CHUNK_BYTES));
      curator.create().orSetData().creatingParentsIfNeeded().forPath(path(name, k), chunk);
    }
  }

  /** Reads it back; empty if nothing has that name. */
  Optional<byte[]> read(String name) throws Exception {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (int k = 0; ; k++) {
      try {
        whole.write(curator.getData().forPath(path(name, k)));
      } catch (KeeperException.NoNodeException e) {
        return k == 0 ? Optional.empty() : Optional.of(whole.toByteArray());
      }
    }
  }

  void delete(String name) throws Exception {
    try {
      curator.delete().deletingChildrenIfNeeded().forPath(root + "/" + name);
    } catch (KeeperException.NoNodeException e) {
      // Nothing of that name: as wanted.
    }
  }

  /** Deletes everything but {@code kept}. */
  void deleteAllBut(Collection<String> kept) throws Exception {
    for (String name : names()) {
      if (!kept.contains(name)) {
        delete(name);
      }
    }
  }

  List<String> names() throws Exception {
    try {
      return curator.getChildren().forPath(root);
    } catch (KeeperException.NoNodeException e) {
      return List.of();
    }
  }

  private String path(String name, int k) {
    return root + "/" + name + "/" + String.format("%06d", k);
  }
}
