package io.springtide.mesos;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.api.CuratorWatcher;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.apache.mesos.v1.Protos.MasterInfo;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader that ZooKeeper knows. Each master that may lead holds an ephemeral sequential node
 * {@code json.info_<sequence>} with its MasterInfo in JSON; the lowest sequence leads.
 *
 * <p>A master that was known stays the answer while ZooKeeper is silent: a subscription that lives
 * is not given up because of trouble between this process and ZooKeeper.
 *
 * <p>Uses plain watches, which servers of any version know, and asks again after each.
 */
final class ZooKeeperMasters implements MasterDetector {
  static {
    ProtobufGencode.allow();
  }

  private static final Logger log = LoggerFactory.getLogger(ZooKeeperMasters.class);

  private static final Pattern URL = Pattern.compile("zk://(?:([^@/]+)@)?([^@/]+)(/[^@]*)?");

  private static final Pattern LEADER = Pattern.compile("json\\.info_(\\d{10})");
  private static final int SESSION_TIMEOUT_MILLIS = 10_000;
  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

  private final CuratorFramework client;
  private final String path;
  private final AtomicReference<Optional<Endpoint>> leader =
      new AtomicReference<>(Optional.empty());
  private volatile Runnable changed = () -> {};

  private ZooKeeperMasters(CuratorFramework client, String path) {
    this.client = client;
    this.path = path;
  }

  static ZooKeeperMasters of(String url) {
    Matcher m = URL.matcher(url);
    if (!m.matches() || m.group(3) == null || m.group(3).length() < 2 || m.group(3).endsWith("/")) {
      // The URL may hold a password: do not repeat it.
      throw new IllegalArgumentException(
          "master: expected zk://[user:password@]host:port,host:port/path, for example"
              + " zk://10.0.0.1:2181,10.0.0.2:2181/mesos");
    }
    CuratorFrameworkFactory.Builder builder =
        CuratorFrameworkFactory.builder()
            .connectString(m.group(2))
            .sessionTimeoutMs(SESSION_TIMEOUT_MILLIS)
            .connectionTimeoutMs(CONNECT_TIMEOUT_MILLIS)
            .retryPolicy(new BoundedExponentialBackoffRetry(250, 5_000, 10));
    if (m.group(1) != null) {
      builder.authorization("digest", m.group(1).getBytes(StandardCharsets.UTF_8));
    }
    return new ZooKeeperMasters(builder.build(), m.group(3));
  }

  @Override
  public Optional<Endpoint> candidate(int failures) {
    return leader.get();
  }

  @Override
  public void start(Runnable changed) {
    this.changed = changed;
    client
        .getConnectionStateListenable()
        .addListener(
            (c, state) -> {
              if (state == ConnectionState.CONNECTED || state == ConnectionState.RECONNECTED) {
                list();
              }
            });
    client.start();
  }

  @Override
  public void close() {
    changed = () -> {};
    client.close();
  }

  private void list() {
    inBackground(
        () ->
            client
                .getChildren()
                .usingWatcher((CuratorWatcher) event -> list())
                .inBackground((c, event) -> listed(event))
                .forPath(path));
  }

  private void listed(CuratorEvent event) {
    if (event.getResultCode() == KeeperException.Code.NONODE.intValue()) {
      log.info("no masters yet: ZooKeeper has no node {}", path);
      inBackground(
          () ->
              client
                  .checkExists()
                  .usingWatcher((CuratorWatcher) e -> list())
                  .inBackground(
                      (c, e) -> {
                        if (e.getResultCode() == KeeperException.Code.OK.intValue()) {
                          list();
                        }
                      })
                  .forPath(path));
      return;
    }
    if (event.getResultCode() == KeeperException.Code.OK.intValue()) {
      lowest(event.getChildren()).ifPresent(this::read);
    } else {
      // Curator has retried; the next connection state change asks again.
      log.warn("cannot list the masters in ZooKeeper at {}: code {}", path, event.getResultCode());
    }
  }

  /** The node of the leader among the children, if there is one. */
  static Optional<String> lowest(List<String> children) {
    return children.stream().filter(c -> LEADER.matcher(c).matches()).sorted().findFirst();
  }

  private void read(String node) {
    inBackground(
        () ->
            client
                .getData()
                .inBackground(
                    (c, event) -> {
                      if (event.getResultCode() == KeeperException.Code.OK.intValue()) {
                        became(event.getData());
                      } else if (event.getResultCode() == KeeperException.Code.NONODE.intValue()) {
                        list();
                      }
                    })
                .forPath(path + "/" + node));
  }

  private void became(byte[] json) {
    Optional<Endpoint> now = endpoint(new String(json, StandardCharsets.UTF_8));
    Optional<Endpoint> before = leader.get();
    if (now.isPresent() && !now.equals(before)) {
      leader.set(now);
      log.info("master {} leads", now.get());
      changed.run();
    }
  }

  /** Where the master listens whose MasterInfo this is. */
  static Optional<Endpoint> endpoint(String masterInfoJson) {
    MasterInfo.Builder info = MasterInfo.newBuilder();
    try {
      JsonFormat.parser().ignoringUnknownFields().merge(masterInfoJson, info);
      String host =
          info.getAddress().hasIp() ? info.getAddress().getIp() : info.getAddress().getHostname();
      return Optional.of(new Endpoint(host, info.getAddress().getPort(), false));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      log.error("ZooKeeper holds a MasterInfo that makes no sense: {}", e.getMessage());
      return Optional.empty();
    }
  }

  @FunctionalInterface
  private interface BackgroundOperation {
    void begin() throws Exception;
  }

  /**
   * Curator's background operations declare Exception, and throw only when the client is closed.
   */
  private static void inBackground(BackgroundOperation operation) {
    try {
      operation.begin();
    } catch (IllegalStateException closed) {
      log.debug("the ZooKeeper client is closed", closed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      throw new IllegalStateException("cannot ask ZooKeeper", e);
    }
  }
}
