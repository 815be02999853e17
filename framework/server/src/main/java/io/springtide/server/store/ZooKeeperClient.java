package io.springtide.server.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.framework.state.SessionConnectionStateErrorPolicy;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;

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
    return connect(connect, session, builder -> {});
  }

  /**
   * As whom ZooKeeper is asked; whoever is another reads and writes nothing of ours.
   *
   * @param user without a colon
   */
  public record Login(String user, String password) {
    private byte[] bytes() {
      return (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    }
  }

  /**
   * Connects to our own ZooKeeper and shuts everybody else out: every local user can reach its
   * port.
   *
   * @throws StoreException if no connection comes about
   */
  public static CuratorFramework connect(EmbeddedZooKeeper own, Duration session) {
    return connect(own.connectString(), new Login("springtide", own.secret()), session);
  }

  /**
   * Connects as somebody, and shuts all others out of everything below the path. What was written
   * before it was shut is shut too.
   *
   * @param connect with a path, where others use the same ZooKeeper
   * @throws StoreException if no connection comes about, or another has shut us out
   */
  public static CuratorFramework connect(String connect, Login login, Duration session) {
    CuratorFramework curator =
        connect(
            connect,
            session,
            builder ->
                builder.authorization("digest", login.bytes()).aclProvider(new OwnersOnly()));
    try {
      Curated.get(
          "shut others out of ZooKeeper",
          () -> {
            shut(curator, "/");
            return null;
          });
    } catch (StoreException e) {
      curator.close();
      throw e.getCause() instanceof KeeperException.NoAuthException
          ? new StoreException(
              "ZooKeeper does not let '%s' in at %s: zookeeper.user or its password is another than that which shut it"
                  .formatted(login.user(), connect),
              e)
          : e;
    }
    return curator;
  }

  /**
   * Connects as nobody.
   *
   * @throws StoreException if no connection comes about, or what is there is shut
   */
  public static CuratorFramework connectOpen(String connect, Duration session) {
    CuratorFramework curator = connect(connect, session);
    try {
      Curated.get("look into ZooKeeper", () -> curator.getChildren().forPath("/"));
    } catch (StoreException e) {
      curator.close();
      throw e.getCause() instanceof KeeperException.NoAuthException
          ? new StoreException(
              "ZooKeeper at %s lets in nobody without a password; write zookeeper.user and zookeeper.passwordFile"
                  .formatted(connect),
              e)
          : e;
    }
    return curator;
  }

  private static void shut(CuratorFramework curator, String path) throws Exception {
    if (path.equals("/zookeeper/config")) {
      // ZooKeeper's own: nobody may write it as it is, nor change who may.
      return;
    }
    try {
      boolean open =
          curator.getACL().forPath(path).stream()
              .anyMatch(acl -> acl.getId().equals(ZooDefs.Ids.ANYONE_ID_UNSAFE));
      if (open) {
        curator.setACL().withACL(ZooDefs.Ids.CREATOR_ALL_ACL).forPath(path);
      }
      for (String child : curator.getChildren().forPath(path)) {
        shut(curator, path.equals("/") ? "/" + child : path + "/" + child);
      }
    } catch (KeeperException.NoNodeException gone) {
      // Another server has removed it meanwhile.
    }
  }

  private static final class OwnersOnly implements ACLProvider {
    @Override
    public List<ACL> getDefaultAcl() {
      return ZooDefs.Ids.CREATOR_ALL_ACL;
    }

    @Override
    public List<ACL> getAclForPath(String path) {
      return ZooDefs.Ids.CREATOR_ALL_ACL;
    }
  }

  private static CuratorFramework connect(
      String connect, Duration session, Consumer<CuratorFrameworkFactory.Builder> more) {
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
    more.accept(builder);
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
