package io.springtide.server.store;

import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.state.SessionConnectionStateErrorPolicy;
import org.apache.curator.retry.ExponentialBackoffRetry;

/** Connections to ZooKeeper as this process makes them. */
public final class ZooKeeperClient {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int FIRST_RETRY_MILLIS = 100;
  private static final int RETRIES = 5;
  private static final int LONGEST_RETRY_MILLIS = 2_000;

  private ZooKeeperClient() {}

  /**
   * Connects.
   *
   * @param connect {@code host:port,…}, with {@code /path} where everything shall be below a path
   * @param session after which a dead process counts as dead
   * @throws StoreException if no connection comes about
   */
  public static CuratorFramework connect(String connect, Duration session) {
    int slash = connect.indexOf('/');
    String hosts = slash < 0 ? connect : connect.substring(0, slash);
    String path = slash < 0 ? "" : connect.substring(slash + 1).replaceAll("/+$", "");
    CuratorFrameworkFactory.Builder builder =
        CuratorFrameworkFactory.builder()
            .connectString(hosts)
            .sessionTimeoutMs((int) session.toMillis())
            .connectionTimeoutMs(CONNECT_MILLIS)
            // A lost connection is not yet a lost session, and leadership goes by the session.
            .connectionStateErrorPolicy(new SessionConnectionStateErrorPolicy())
            .retryPolicy(
                new ExponentialBackoffRetry(FIRST_RETRY_MILLIS, RETRIES, LONGEST_RETRY_MILLIS));
    if (!path.isEmpty()) {
      builder.namespace(path);
    }
    CuratorFramework curator = builder.build();
    curator.start();
    try {
      if (curator.blockUntilConnected(CONNECT_MILLIS, java.util.concurrent.TimeUnit.MILLISECONDS)) {
        return curator;
      }
    } catch (InterruptedException e) {
      curator.close();
      Thread.currentThread().interrupt();
      throw new StoreException("Interrupted while connecting to ZooKeeper at " + hosts, e);
    }
    curator.close();
    throw new StoreException(
        "No ZooKeeper answers at "
            + hosts
            + ": check zookeeper.connect, or leave it out for an embedded one");
  }
}
