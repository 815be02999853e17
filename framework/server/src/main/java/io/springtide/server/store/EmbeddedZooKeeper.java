package io.springtide.server.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
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

  private static final int SECRET_BYTES = 24;

  private final ZooKeeperServer server;
  private final ServerCnxnFactory connections;
  private final Path directory;
  private final String secret;

  private EmbeddedZooKeeper(
      ZooKeeperServer server, ServerCnxnFactory connections, Path directory, String secret) {
    this.secret = secret;
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
      String secret = secret(data);
      FileTxnSnapLog files = new FileTxnSnapLog(data.toFile(), data.toFile());
      ZooKeeperServer server = new ZooKeeperServer(files, TICK_MILLIS, "");
      connections = new NIOServerCnxnFactory();
      connections.configure(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), MAX_CLIENTS);
      connections.startup(server);
      return new EmbeddedZooKeeper(server, connections, directory, secret);
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

  /** What a client must know to be let in; made at the first start. */
  String secret() {
    return secret;
  }

  /**
   * A secret that only this user can read. It belongs to the data: without it they cannot be read
   * either.
   */
  private static String secret(Path directory) throws IOException {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    Path file = directory.resolve("secret");
    if (!Files.exists(file)) {
      byte[] random = new byte[SECRET_BYTES];
      new SecureRandom().nextBytes(random);
      SecretFile.write(file, HexFormat.of().formatHex(random));
    }
    Files.setPosixFilePermissions(file, SecretFile.OWNER);
    return Files.readString(file).strip();
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
