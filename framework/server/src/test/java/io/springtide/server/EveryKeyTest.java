package io.springtide.server;

import static io.springtide.server.DocumentTree.everyField;
import static io.springtide.server.DocumentTree.set;
import static io.springtide.server.DocumentTree.yaml;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.server.config.ConfigFile;
import io.springtide.server.store.EmbeddedZooKeeper;
import io.springtide.server.store.ZooKeeperClient;
import io.springtide.testing.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.curator.framework.CuratorFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each key that the server's configuration may have does something. Of two servers one is told the
 * least and one everything: what stands beside a key is seen of the second, and not of the first.
 * What takes time is told by stories of the core, as the configuration makes it.
 */
class EveryKeyTest {
  /**
   * What is not told beside everything else. Two keys say the same jar's hash; {@code
   * openEverywhere} is for servers without tokens, and ConfigFileTest shows what it does; and of
   * {@code tls.ca} other servers are needed, which TlsStoryTest has.
   */
  private static final List<String> ALONE =
      List.of("artifacts.executorSha256", "openEverywhere", "tls.ca");

  @TempDir Path dir;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private OneHostMaster master;
  private OneHostMaster otherMaster;
  private SeenServer.Web web;
  private SeenServer.Web otherWeb;
  private EmbeddedZooKeeper zooKeeper;
  private Certificates.Pair pem;

  @BeforeEach
  void begin() throws IOException {
    master = opened(new OneHostMaster());
    otherMaster = opened(new OneHostMaster());
    web = opened(new SeenServer.Web());
    otherWeb = opened(new SeenServer.Web());
    pem = Certificates.make(dir, "server", "dns:a.example");
    zooKeeper = opened(EmbeddedZooKeeper.start(dir.resolve("zookeeper")));
  }

  @AfterEach
  void end() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    opened.add(resource);
    return resource;
  }

  /**
   * A key of the configuration and its effect.
   *
   * @param value what the key is told
   * @param where of {@link SeenServer#seen}
   * @param what is seen there then
   */
  private record Told(String key, String value, String where, String what) {}

  private List<Told> told() throws IOException {
    String basic = Base64.getEncoder().encodeToString("tide:s3cret".getBytes(UTF_8));
    String warm = "1 [POST /admin/warm Bearer t0ken {\"image\":\"a:1\",\"wait\":false}]";
    String proxies = "[{zone: east, url: \"%s\"}, {zone: west, url: \"%<s\"}]";
    String jar = file("other.jar", "other bytes");
    String elsewhere = "" + dir.resolve("elsewhere");
    return List.of(
        new Told("cluster", "prod", "SUBSCRIBE", "name: \"springtide-prod\""),
        new Told("cluster", "prod", "order", "\"cluster\":\"prod\""),
        new Told("mesos.master", quoted(otherMaster.address()), "master", otherMaster.address()),
        new Told("mesos.role", "own", "SUBSCRIBE", "roles: \"own\""),
        new Told("mesos.user", "tide", "SUBSCRIBE", "user: \"tide\""),
        new Told("mesos.principal", "tide", "SUBSCRIBE", "principal: \"tide\""),
        new Told("mesos.secretFile", file("secret", "s3cret\n"), "authorization", "Basic " + basic),
        new Told("mesos.failoverTimeout", "7200500ms", "SUBSCRIBE", "failover_timeout: 7200.5"),
        new Told(
            "zookeeper.connect", quoted(zooKeeper.connectString() + "/t"), "ZooKeeper", "leader"),
        new Told("zookeeper.user", "tide", "its rights", "'digest,'tide:"),
        new Told("zookeeper.passwordFile", file("zk", "s3cret\n"), "ZooKeeper", "leader"),
        new Told("dataDir", elsewhere, "its directory", elsewhere),
        new Told("http.address", "\"0.0.0.0:0\"", "another address", "answers"),
        new Told("http.advertise", "a.example", "SUBSCRIBE", "://a.example:"),
        new Told("http.names", "[springtide.example]", "another name", "200 "),
        new Told("http.requestsPerSecond", "20", "haste", "429"),
        new Told("access", "tokens", "who has no token", "401 "),
        new Told("metrics", "tokens", "who measures", "401 "),
        new Told("tls.certificate", "" + pem.certificate(), "certificate", "DNSName: a.example"),
        new Told("tls.key", "" + pem.key(), "certificate", "DNSName: a.example"),
        new Told("artifacts.address", "\"127.0.0.3:0\"", "agents", "http://127.0.0.3:"),
        new Told("artifacts.executorUrl", "\"http://e/x\"", "executor", "value: \"http://e/x\""),
        new Told("artifacts.executorJar", jar, "jar", "other bytes"),
        new Told("artifacts.java", "/opt/java", "executor", "arguments: \"/opt/java\""),
        new Told("executor.overhead.cpus", "0.5", "executor", has("cpus", 0.5)),
        new Told("executor.overhead.memoryMiB", "200", "executor", has("mem", 200)),
        new Told("executor.overhead.diskMiB", "70", "executor", has("disk", 70)),
        new Told("executor.overhead.gpus", "1", "executor", has("gpus", 1)),
        new Told("executor.overhead.scalars", "{licences: 3}", "executor", has("licences", 3)),
        new Told("executor.warden.cpus", "0.25", "warden", has("cpus", 0.25)),
        new Told("executor.warden.memoryMiB", "48", "warden", has("mem", 48)),
        new Told("executor.warden.diskMiB", "7", "warden", has("disk", 7)),
        new Told("executor.warden.gpus", "2", "warden", has("gpus", 2)),
        new Told("executor.warden.scalars", "{licences: 4}", "warden", has("licences", 4)),
        // What a job's own field does, EveryFieldTest shows.
        new Told("waits.unreachableAfter", "90s", "job", "\"unreachableAfter\":\"90s\""),
        new Told("consul.address", "\"127.0.0.1:8600\"", "warden", "127.0.0.1:8600"),
        new Told("registry.proxies.0.url", proxies.formatted(otherWeb.url()), "warm", warm),
        new Told("registry.proxies.0.zone", "east", "warm", "1 ["),
        new Told("registry.adminTokenFile", file("token", "t0ken\n"), "warm", "Bearer t0ken"),
        new Told(
            "cloud.local.endpoints", "[\"" + otherWeb.url() + "\"]", "order", "POST /hosts null"));
  }

  private String file(String name, String content) throws IOException {
    Path file = Files.writeString(dir.resolve(name), content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return "" + file;
  }

  private static String quoted(String text) {
    return '"' + text + '"';
  }

  /** As Mesos' resources are shown. */
  private static String has(String resource, double amount) {
    return "name: \"%s\" type: SCALAR scalar { value: %s }".formatted(resource, amount);
  }

  private ObjectNode least() throws IOException {
    ObjectNode config = (ObjectNode) yaml("{}");
    set(config, "mesos.master", yaml(quoted(master.address())));
    set(config, "dataDir", yaml("" + dir.resolve("data")));
    set(config, "http.address", yaml("\"127.0.0.1:0\""));
    set(config, "access", yaml("open"));
    set(config, "artifacts.executorJar", yaml(file("executor.jar", "the bytes of a jar")));
    return config;
  }

  private ObjectNode everything() throws IOException {
    ObjectNode config = least();
    for (Told told : told()) {
      String key = told.key();
      if (key.startsWith("registry.proxies.0")) {
        // The first of two: what its zone says is seen at the other.
        key = "registry.proxies";
      }
      if (!told.key().endsWith(".zone")) {
        set(config, key, yaml(told.value()));
      }
    }
    return config;
  }

  @Test
  void eachKeyIsInOneOfTheLists() throws IOException {
    Set<String> listed = new TreeSet<>(ConfiguredCore.KEYS.keySet());
    told().forEach(told -> listed.add(told.key()));
    listed.addAll(ALONE);
    assertThat(everyField(everything(), ConfigFile::parse)).isEqualTo(listed);
  }

  @TestFactory
  Stream<DynamicTest> eachKeyHasAnEffect() throws Exception {
    SeenServer least = opened(new SeenServer(least(), master, web));
    SeenServer all = opened(new SeenServer(everything(), otherMaster, otherWeb));
    try (CuratorFramework curator =
        ZooKeeperClient.connect(
            zooKeeper.connectString() + "/t",
            new ZooKeeperClient.Login("tide", "s3cret"),
            Duration.ofSeconds(10))) {
      all.seen.put("ZooKeeper", "" + curator.getChildren().forPath("/"));
      all.seen.put("its rights", "" + curator.getACL().forPath("/"));
      least.seen.put("its rights", "none but its own");
      least.seen.put("ZooKeeper", "none but its own");
    }
    return told().stream()
        .map(
            told ->
                DynamicTest.dynamicTest(
                    told.key() + " at " + told.where(),
                    () -> {
                      assertThat(flat(all.seen.get(told.where()))).contains(told.what());
                      assertThat(flat(least.seen.get(told.where()))).doesNotContain(told.what());
                    }));
  }

  private static String flat(String text) {
    return text.replaceAll("\\s+", " ");
  }

  @Test
  void aHashIsTakenAsToldWhereTheJarIsNotHere() throws Exception {
    ObjectNode config = least();
    set(config, "artifacts", yaml("{executorUrl: \"http://e/x\"}"));
    String hash = "ab".repeat(32);
    set(config, ALONE.get(0), yaml(quoted(hash)));
    assertThat(Artifacts.find(ConfigFile.parse(config)).executor("h:1").sha256())
        .as("what agents compare")
        .isEqualTo(hash);
  }

  @TestFactory
  Stream<DynamicTest> eachTimeHasAnEffect() throws IOException {
    ObjectNode least = least();
    List<String> usual = ConfiguredCore.stories(Server.core(ConfigFile.parse(least)));
    return ConfiguredCore.KEYS.entrySet().stream()
        .map(
            key ->
                DynamicTest.dynamicTest(
                    key.getKey(),
                    () -> {
                      ObjectNode config = least.deepCopy();
                      set(config, key.getKey(), yaml(key.getValue().value()));
                      assertThat(ConfiguredCore.stories(Server.core(ConfigFile.parse(config))))
                          .contains(key.getValue().happens());
                      assertThat(usual).doesNotContain(key.getValue().happens());
                    }));
  }
}
