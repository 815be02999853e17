package io.springtide.harness.emulator;

import com.google.protobuf.Message;
import io.springtide.harness.emulator.json.JsonException;
import io.springtide.harness.emulator.json.JsonText;
import io.springtide.harness.emulator.json.ProtoParser;
import io.springtide.harness.emulator.json.ProtoPrinter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.mesos.v1.Protos.MasterInfo;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mesos' own election: each master has an ephemeral sequential {@code json.info_} znode with its
 * MasterInfo as JSON, its fields sorted; the lowest leads. Beside them the replicas of the
 * registry's log announce themselves.
 */
final class ZooKeeperElection implements Election, Watcher {

  private static final Logger log = LoggerFactory.getLogger(ZooKeeperElection.class);

  private final String connect;
  private final String path;
  private final Duration sessionTimeout;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "emulator-election");
            made.setDaemon(true);
            return made;
          });
  private Client client;
  private MasterInfo self;
  private Contender contender;
  private ScheduledFuture<?> losing;
  private boolean joined;
  private boolean over;

  /** A client that can go without saying so: its session then ends by its timeout. */
  @SuppressWarnings("try") // close() may be interrupted: it is called where that is said.
  private static final class Client extends ZooKeeper {
    Client(String connect, Duration timeout, Watcher watcher) throws IOException {
      super(connect, (int) timeout.toMillis(), watcher);
    }

    void vanish() {
      cnxn.disconnect();
    }
  }

  /**
   * @param url {@code zk://host:port,host:port/path}
   */
  ZooKeeperElection(String url, Duration sessionTimeout) {
    String rest = url.substring("zk://".length());
    this.connect = rest.substring(0, rest.indexOf('/'));
    this.path = rest.substring(rest.indexOf('/'));
    this.sessionTimeout = sessionTimeout;
  }

  @Override
  public void join(MasterInfo info, Contender newContender) {
    self = info;
    contender = newContender;
    thread.execute(
        () -> {
          try {
            client = new Client(connect, sessionTimeout, this);
          } catch (IOException e) {
            log.warn("cannot reach ZooKeeper at {}", connect, e);
            contender.lost();
          }
        });
  }

  @Override
  public void process(WatchedEvent event) {
    if (thread.isShutdown()) {
      return;
    }
    thread.execute(() -> handle(event));
  }

  private void handle(WatchedEvent event) {
    if (over) {
      return;
    }
    switch (event.getState()) {
      case SyncConnected -> {
        if (losing != null) {
          losing.cancel(false);
          losing = null;
        }
        connected();
      }
      case Disconnected -> {
        if (losing == null) {
          losing = thread.schedule(this::lose, sessionTimeout.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
      case Expired -> lose();
      default -> {
        // Authentication and read-only servers do not concern the emulator.
      }
    }
  }

  private void lose() {
    if (!over) {
      contender.leader(Optional.empty());
      contender.lost();
    }
  }

  private void connected() {
    try {
      if (!joined) {
        joined = true;
        make(path, CreateMode.PERSISTENT, new byte[0]);
        make(path + "/log_replicas", CreateMode.PERSISTENT, new byte[0]);
        make(
            path + "/log_replicas/",
            CreateMode.EPHEMERAL_SEQUENTIAL,
            utf8("log-replica(1)@" + self.getPid().replaceAll(".*@", "")));
        make(path + "/json.info_", CreateMode.EPHEMERAL_SEQUENTIAL, utf8(json(self)));
      }
      look();
    } catch (KeeperException e) {
      log.warn("the election stumbles", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void make(String node, CreateMode mode, byte[] data)
      throws KeeperException, InterruptedException {
    try {
      client.create(node, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, mode);
    } catch (KeeperException.NodeExistsException e) {
      log.debug("{} is there", node);
    }
  }

  private void look() throws KeeperException, InterruptedException {
    List<String> masters =
        client.getChildren(path, true).stream()
            .filter(name -> name.startsWith("json.info_"))
            .sorted()
            .toList();
    if (masters.isEmpty()) {
      contender.leader(Optional.empty());
      return;
    }
    try {
      byte[] data = client.getData(path + "/" + masters.get(0), false, null);
      contender.leader(Optional.of(parse(new String(data, StandardCharsets.UTF_8))));
    } catch (KeeperException.NoNodeException e) {
      look(); // it left between the two looks
    }
  }

  @Override
  public void abandon() {
    thread.execute(
        () -> {
          over = true;
          if (client != null) {
            client.vanish();
          }
        });
    thread.shutdown();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Fields sorted by name, as Mesos writes this one. */
  static String json(MasterInfo info) {
    return sorted(info);
  }

  private static String sorted(Message message) {
    TreeMap<String, String> fields = new TreeMap<>();
    message.getAllFields().forEach((field, value) -> fields.put(field.getName(), value(value)));
    StringBuilder out = new StringBuilder("{");
    fields.forEach(
        (name, value) ->
            out.append(out.length() > 1 ? "," : "").append(quoted(name)).append(':').append(value));
    return out.append('}').toString();
  }

  private static String value(Object value) {
    if (value instanceof List<?> items) {
      return items.stream()
          .map(ZooKeeperElection::value)
          .collect(Collectors.joining(",", "[", "]"));
    }
    if (value instanceof Message inner) {
      return sorted(inner);
    }
    return value instanceof Number ? value.toString() : quoted(value.toString());
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder();
    ProtoPrinter.string(text, out);
    return out.toString();
  }

  private static MasterInfo parse(String json) {
    MasterInfo.Builder info = MasterInfo.newBuilder();
    try {
      ProtoParser.merge(JsonText.parse(json), info);
    } catch (JsonException e) {
      throw new IllegalStateException("not a MasterInfo: " + json, e);
    }
    return info.build();
  }
}
