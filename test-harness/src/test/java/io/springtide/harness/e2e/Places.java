package io.springtide.harness.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.springtide.harness.cluster.FrameworkProcess;
import io.springtide.harness.cluster.Leftovers;
import io.springtide.server.http.Door;
import io.springtide.server.http.HttpApi;
import io.springtide.server.http.Listeners;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryNTimes;
import org.apache.zookeeper.KeeperException;

/** Where a secret of a cluster could lie, or be seen. */
final class Places {
  /** Of the servers' own secret: it is shut as all is. */
  static final String PEERS = SecuredCluster.PATH + "/peers";

  private static final int PEERS_BYTES = 32;
  private static final int RETRIES = 20;
  private static final int RETRY_MILLIS = 200;

  private final SecuredCluster cluster;
  private final SecretSearch search;

  Places(SecuredCluster cluster, SecretSearch search) {
    this.cluster = cluster;
    this.search = search;
  }

  /** First of all: the servers' own secret is read here, and looked for from then on. */
  void lookIntoZooKeeper() throws Exception {
    List<String> paths = new ArrayList<>();
    try (CuratorFramework servers =
        zooKeeper(Optional.of(SecuredCluster.USER + ":" + SecuredCluster.ZOOKEEPER_PASSWORD))) {
      byte[] peers = servers.getData().forPath(PEERS);
      assertThat(peers).hasSize(PEERS_BYTES);
      search.secret("peers' secret", peers);
      collect(servers, SecuredCluster.PATH, paths);
      for (String path : paths) {
        try {
          byte[] data = servers.getData().forPath(path);
          search.look("znode " + path, data == null ? new byte[0] : data);
        } catch (KeeperException.NoNodeException e) {
          // It was removed meanwhile.
        }
      }
    }
    assertThat(paths).contains(PEERS, SecuredCluster.PATH + "/tokens/admin");
    try (CuratorFramework stranger = zooKeeper(Optional.empty())) {
      for (String path : paths) {
        refused(path, () -> stranger.getData().forPath(path));
        refused(path, () -> stranger.getChildren().forPath(path));
        refused(path, () -> stranger.getACL().forPath(path));
      }
    }
  }

  private interface Asked {
    Object answer() throws Exception;
  }

  private static void refused(String path, Asked asked) {
    assertThatThrownBy(asked::answer)
        .as(path)
        .isInstanceOfAny(
            KeeperException.NoAuthException.class, KeeperException.NoNodeException.class);
  }

  private CuratorFramework zooKeeper(Optional<String> login) throws InterruptedException {
    CuratorFrameworkFactory.Builder builder =
        CuratorFrameworkFactory.builder()
            .connectString(cluster.zooKeeper())
            .retryPolicy(new RetryNTimes(RETRIES, RETRY_MILLIS));
    login.ifPresent(pair -> builder.authorization("digest", pair.getBytes(UTF_8)));
    CuratorFramework curator = builder.build();
    curator.start();
    return curator;
  }

  private static void collect(CuratorFramework curator, String path, List<String> paths)
      throws Exception {
    paths.add(path);
    try {
      for (String child : curator.getChildren().forPath(path)) {
        collect(curator, path + "/" + child, paths);
      }
    } catch (KeeperException.NoNodeException e) {
      // It was removed meanwhile.
    }
  }

  /** Logs, audits, sandboxes, and all else that was written; but for the files of secrets. */
  void lookIntoFiles(Path... more) throws IOException {
    Set<Path> meant = new HashSet<>(List.of(more));
    meant.add(cluster.adminToken());
    for (String name : List.of("first.key", "second.key", "zookeeper-password", "mesos-secret")) {
      meant.add(cluster.scratch().resolve(name));
    }
    Path shown = cluster.first().configHome().resolve("tide/servers");
    Set<Path> seen = new HashSet<>();
    Files.walkFileTree(
        cluster.scratch(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            boolean token = file.startsWith(shown) && file.toString().endsWith(".token");
            if (meant.contains(file) || token) {
              assertThat(Files.getPosixFilePermissions(file))
                  .as("of %s", file)
                  .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            } else if (attributes.isRegularFile() && !file.toString().endsWith(".jar")) {
              // A jar was packed before there were secrets.
              search.look("file " + file, Files.readAllBytes(file));
            }
            seen.add(cluster.scratch().relativize(file));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // It was removed meanwhile.
            }
            throw e;
          }
        });
    for (String name : List.of("first", "second")) {
      assertThat(seen).contains(Path.of(name + ".log"), Path.of(name + "/audit/audit.jsonl"));
    }
    assertThat(seen).anyMatch(file -> file.endsWith("stderr"));
  }

  /** What every user of a machine may see of processes, and what their own users may. */
  void lookAtProcesses() throws IOException {
    Set<Long> seen = new HashSet<>();
    for (ProcessHandle process : Leftovers.below(cluster.scratch()).processes()) {
      for (String kind : List.of("cmdline", "environ")) {
        try {
          Path file = Path.of("/proc/" + process.pid() + "/" + kind);
          search.look(kind + " of " + process.pid(), Files.readAllBytes(file));
          seen.add(process.pid());
        } catch (NoSuchFileException e) {
          // It has ended.
        }
      }
    }
    assertThat(seen).contains(cluster.first().pid(), cluster.second().pid());
  }

  /** All that can be read, by who may read all, from the leader and from the follower. */
  void lookAtAnswers() throws Exception {
    HttpClient http = HttpClient.newBuilder().sslContext(cluster.trust()).build();
    String token = "Bearer " + Files.readString(cluster.adminToken()).strip();
    for (FrameworkProcess server : List.of(cluster.first(), cluster.second())) {
      String instance = "/v1/instances/feed.planted%230";
      JsonNode planted =
          new ObjectMapper().readTree(ask(http, server.uri().resolve(instance), token).body());
      assertThat(planted.path("state").asText()).as("%s", planted).isEqualTo("RUNNING");
      List<String> good = new ArrayList<>();
      for (String route : routes()) {
        String path =
            route
                .replaceAll("/jobs/\\{[^}]+}", "/jobs/feed.planted")
                .replaceAll("/instances/\\{[^}]+}", "/instances/feed.planted%230")
                .replaceAll("/hosts/\\{[^}]+}", "/hosts/" + planted.path("host").asText())
                .replaceAll("/groups/\\{[^}]+}", "/groups/feed")
                .replaceAll("\\{[^}]+}", "idc");
        HttpResponse<String> answer = ask(http, server.uri().resolve(path), token);
        search.look("answer of GET " + path, answer.headers().map() + answer.body());
        if (answer.statusCode() == 200) {
          good.add(route);
        }
        assertThat(answer.statusCode()).as("GET %s: %s", path, answer.body()).isLessThan(500);
      }
      assertThat(good)
          .contains(
              "/v1/pools",
              "/v1/groups/{path}",
              "/v1/jobs",
              "/v1/jobs/{id}",
              "/v1/jobs/{id}/explain",
              "/v1/jobs/{id}/instances",
              "/v1/jobs/{id}/revisions",
              "/v1/instances/{id}",
              "/v1/hosts/{id}",
              "/v1/events",
              "/v1/tokens",
              "/v1/audit",
              "/metrics",
              "/healthz");
    }
  }

  /** What a server of this release answers to GET. */
  private static List<String> routes() throws HttpApi.PortException {
    try (HttpApi api =
        new HttpApi(
            Listeners.plain("127.0.0.1", 0),
            new Door(List.of(), false),
            name -> Optional.empty())) {
      return api.routes().stream()
          .filter(route -> route.startsWith("GET ") && !route.contains("<"))
          .map(route -> route.substring("GET ".length()))
          .toList();
    }
  }

  private static HttpResponse<String> ask(HttpClient http, URI uri, String authorization)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(Patience.limit())
            .header("Accept", "application/json, text/plain")
            .header("Authorization", authorization)
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  /** What Mesos was told to run, and what it shows of that. */
  void lookAtMesos() throws Exception {
    cluster.launched().forEach(task -> search.look("task " + task.getName(), task.toByteArray()));
    String pair = SecuredCluster.USER + ":" + SecuredCluster.MESOS_SECRET;
    String basic = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
    for (String path : List.of("/state", "/tasks", "/frameworks")) {
      URI uri = cluster.mesos().masterUri().resolve(path);
      HttpResponse<String> answer = ask(HttpClient.newHttpClient(), uri, basic);
      assertThat(answer.statusCode()).as("%s", uri).isEqualTo(200);
      assertThat(answer.body()).contains(SecuredCluster.USER);
      search.look("master's " + path, answer.body());
    }
  }
}
