package io.springtide.server.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;

/**
 * A ZooKeeper inside this process, for one machine. It listens on a free port of the loopback
 * address and keeps its data in a directory; every write is synced to disk before it is answered,
 * so the data survives kill -9 and a loss of power.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
  private static final int TICK_MILLIS = 1000;
  private static final int MAX_CLIENTS = 60;

  /** Old snapshots and logs that are kept besides the newest: ZooKeeper's own least. */
  private static final int KEPT = 3;

  private final ZooKeeperServer server;
  private final ServerCnxnFactory connections;
  private final Path directory;

  private EmbeddedZooKeeper(ZooKeeperServer server, ServerCnxnFactory connections, Path directory) {
    this.server = server;
    this.connections = connections;
    this.directory = directory;
  }

  /**
   * Starts on the data in {@code directory}, which is created where it is missing.
   *
   * @throws StoreException if the directory cannot be used or its data cannot be read
   */
  public static EmbeddedZooKeeper start(Path directory) {
    ServerCnxnFactory connections = null;
    try {
      Path data = Files.createDirectories(directory);
      FileTxnSnapLog files = new FileTxnSnapLog(data.toFile(), data.toFile());
      ZooKeeperServer server = new ZooKeeperServer(files, TICK_MILLIS, "");
      connections = new NIOServerCnxnFactory();
      connections.configure(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), MAX_CLIENTS);
      connections.startup(server);
      return new EmbeddedZooKeeper(server, connections, directory);
    } catch (IOException e) {
      stop(connections);
      throw new StoreException(
          "The embedded ZooKeeper cannot use its data in " + directory + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      stop(connections);
      Thread.currentThread().interrupt();
      throw new StoreException("Interrupted while the embedded ZooKeeper started", e);
    }
  }

  /** {@code host:port} for clients in this process. */
  public String connectString() {
    return "127.0.0.1:" + connections.getLocalPort();
  }

  /** Removes data files that no restart needs any more. */
  public void purge() {
    try {
      org.apache.zookeeper.server.PurgeTxnLog.purge(directory.toFile(), directory.toFile(), KEPT);
    } catch (IOException e) {
      throw new StoreException("Old ZooKeeper files in " + directory + " cannot be removed", e);
    }
  }

  @Override
  public void close() {
    stop(connections);
    server.shutdown(true);
  }

  private static void stop(ServerCnxnFactory connections) {
    if (connections != null) {
      connections.shutdown();
    }
  }
}
