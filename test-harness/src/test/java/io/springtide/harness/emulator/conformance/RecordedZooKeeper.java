package io.springtide.harness.emulator.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.curator.test.InstanceSpec;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/** A real ZooKeeper in this process, and a look at what the masters wrote. */
final class RecordedZooKeeper implements AutoCloseable {

  private final TestingServer server;
  private ZooKeeper client;

  RecordedZooKeeper() throws IOException {
    try {
      server = new TestingServer(new InstanceSpec(null, -1, -1, -1, true, -1, 250, -1), true);
      client = new ZooKeeper(server.getConnectString(), 5_000, event -> {});
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("ZooKeeper does not start", e);
    }
  }

  String url() {
    return "zk://" + server.getConnectString() + "/mesos";
  }

  /** Waits until so many masters have announced themselves, for ZooKeeper numbers them. */
  void awaitMasters(int count) throws InterruptedException {
    for (int i = 0; i < 10_000; i++) {
      try {
        long there =
            client.getChildren("/mesos", false).stream()
                .filter(name -> name.startsWith("json.info_"))
                .count();
        if (there >= count) {
          return;
        }
      } catch (KeeperException e) {
        // Nobody has been there yet.
      }
      Thread.sleep(1);
    }
  }

  /** What is not as recorded of a znode, its content included; null when all is. */
  String difference(JsonNode line, JsonNode recorded, Bindings bindings)
      throws InterruptedException {
    String path = line.get("path").asText();
    Stat stat = new Stat();
    byte[] data;
    try {
      data = client.getData(path, false, stat);
    } catch (KeeperException e) {
      return path + ": " + e.getMessage();
    }
    if ((stat.getEphemeralOwner() != 0) != line.get("ephemeral").asBoolean()) {
      return path + ": ephemeral is " + (stat.getEphemeralOwner() != 0);
    }
    String here = data == null ? "" : new String(data, StandardCharsets.UTF_8);
    if (recorded.isNull()) {
      return here.isEmpty() ? null : path + ": recorded nothing, here " + here;
    }
    if (recorded.has("text")) {
      return bindings.unify(recorded.get("text").asText(), here)
          ? null
          : path + ": recorded " + recorded + ", here " + here;
    }
    try {
      String difference =
          new Comparison(bindings, true).difference(recorded, Trace.JSON.readTree(here));
      return difference == null ? null : path + difference;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      if (client != null) {
        client.close();
        client = null;
      }
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
