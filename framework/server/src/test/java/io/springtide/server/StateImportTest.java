package io.springtide.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.server.config.ConfigException;
import io.springtide.server.config.ConfigFile;
import io.springtide.server.config.ServerConfig;
import io.springtide.server.mesos.FakeMesos;
import io.springtide.server.store.EmbeddedZooKeeper;
import io.springtide.server.store.StateFile.BadFileException;
import io.springtide.server.store.StoreException;
import io.springtide.server.store.ZooKeeperClient;
import io.springtide.server.store.ZooKeeperStateStore;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster loses its ZooKeeper, and goes on from what was exported. */
class StateImportTest {
  private static final List<String> PATHS =
      List.of("/v1/pools/idc", "/v1/groups/feed", "/v1/jobs/feed.api", "/v1/jobs/feed.gone");

  @TempDir Path dir;

  @Test
  void whatWasExportedGoesOnElsewhere() throws Exception {
    byte[] exported;
    Map<String, Object> before;
    TaskInfo task;
    try (Framework old = Framework.start(new Framework.Durable())) {
      old.idcAndFeed();
      old.mesos.connect();
      old.mesos.subscribed("F1");
      old.mesos.offer("S1", FakeMesos.wholeHost());
      TaskInfo warden = old.mesos.launched().get(0);
      old.mesos.update(warden, TaskState.TASK_RUNNING, "warden's uuid ..");
      old.mesos.next(Call.Type.ACKNOWLEDGE);
      old.put("/v1/jobs/feed.api", job(1));
      old.mesos.offer("S1", FakeMesos.wholeHost(), warden.getExecutor().getExecutorId().getValue());
      task = old.mesos.launched().get(0);
      old.mesos.update(task, TaskState.TASK_RUNNING, "sixteen bytes ..");
      old.mesos.next(Call.Type.ACKNOWLEDGE);
      old.put("/v1/jobs/feed.gone", job(0));
      before = documents(old);
      exported = old.raw("/v1/state");
    }
    assertThat(new String(exported, StandardCharsets.UTF_8))
        .startsWith("{\"springtide\":\"state\",\"format\":");
    ServerConfig config = config("new");
    assertThat(StateImport.run(config, new ByteArrayInputStream(exported))).contains("imported");
    try (EmbeddedZooKeeper own = EmbeddedZooKeeper.start(dir.resolve("new/zookeeper"));
        CuratorFramework curator = ZooKeeperClient.connect(own, Duration.ofSeconds(30));
        ZooKeeperStateStore store = new ZooKeeperStateStore(curator);
        Framework next = Framework.start(new Framework.Durable(store))) {
      assertThat(documents(next)).isEqualTo(before);
      assertThat(next.get("/v1/instances/feed.api%230").text("state")).isEqualTo("RUNNING");
      Call subscribe = next.mesos.connect();
      assertThat(subscribe.getFrameworkId().getValue()).isEqualTo("F1");
      next.mesos.subscribed("F1");
      assertThat(next.mesos.next(Call.Type.RECONCILE).getReconcile().getTasksList())
          .extracting(one -> one.getTaskId().getValue())
          .as("its task is asked after, and kept")
          .contains(task.getTaskId().getValue());
      assertThat(next.get("/healthz").text("frameworkId")).isEqualTo("F1");
      var put = next.put("/v1/jobs/feed.api", job(3));
      assertThat(put.body().path("version").asLong())
          .as("no version is given twice, whatever came after the export")
          .isGreaterThan(1_000_000);
    }
    assertThatThrownBy(() -> StateImport.run(config, new ByteArrayInputStream(exported)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("there is a state already")
        .hasMessageContaining("Nothing was changed");
  }

  @Test
  void aFileThatIsNotWholeChangesNothing() throws Exception {
    byte[] exported;
    try (Framework old = Framework.start(new Framework.Durable())) {
      old.idcAndFeed();
      exported = old.raw("/v1/state");
    }
    ServerConfig config = config("new");
    byte[] half = Arrays.copyOf(exported, exported.length / 2);
    assertThatThrownBy(() -> StateImport.run(config, new ByteArrayInputStream(half)))
        .isInstanceOf(BadFileException.class);
    assertThat(dir.resolve("new")).doesNotExist();
    StateImport.run(config, new ByteArrayInputStream(exported));
  }

  @Test
  void aServerThatRunsThereIsNotDisturbed() throws Exception {
    byte[] exported;
    try (Framework old = Framework.start(new Framework.Durable())) {
      old.idcAndFeed();
      exported = old.raw("/v1/state");
    }
    ServerConfig config = config("busy");
    try (DataDir held = DataDir.open(config.dataDir())) {
      assertThat(held).isNotNull();
      assertThatThrownBy(() -> StateImport.run(config, new ByteArrayInputStream(exported)))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("another process uses");
    }
  }

  private static Map<String, Object> documents(Framework framework) {
    Map<String, Object> documents = new LinkedHashMap<>();
    for (String path : PATHS) {
      documents.put(path, framework.get(path).body());
    }
    documents.put("instances", framework.get("/v1/instances?fields=id,state,job").body());
    return documents;
  }

  private ServerConfig config(String name) throws Exception {
    Path file = dir.resolve(name + ".yaml");
    Files.writeString(
        file,
        "mesos: {master: \"127.0.0.1:5050\"}\ndataDir: %s\naccess: open\n"
            .formatted(dir.resolve(name)));
    return ConfigFile.read(file);
  }

  private static String job(int instances) {
    return """
    {"instances": %d, "resources": {"cpus": 1, "memoryMiB": 64}, "reclaimable": true, "container": {"image": "web:1"}}
    """
        .formatted(instances);
  }
}
