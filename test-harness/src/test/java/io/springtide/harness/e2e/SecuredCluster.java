package io.springtide.harness.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.harness.Opened;
import io.springtide.harness.cluster.Api;
import io.springtide.harness.cluster.FrameworkProcess;
import io.springtide.harness.cluster.Hosts;
import io.springtide.harness.cluster.Leftovers;
import io.springtide.harness.emulator.EmulatorConfig;
import io.springtide.harness.emulator.MesosEmulator;
import io.springtide.harness.emulator.Timings;
import io.springtide.partition.model.Resources;
import io.springtide.testing.Certificates;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import org.apache.curator.test.TestingServer;
import org.apache.mesos.v1.Protos.TaskInfo;

/**
 * Two servers that speak TLS and ask for tokens, on one ZooKeeper that is shut by a password, and a
 * Mesos that authenticates frameworks. No server runs yet.
 */
final class SecuredCluster {
  static final String USER = "springtide";
  static final String ZOOKEEPER_PASSWORD = "zooKeeperPassword0123456789";
  static final String MESOS_SECRET = "mesosSecret0123456789abcdef";
  static final String PATH = "/springtide";

  private static final Duration SOON = Patience.limit();

  private final Path scratch;
  private final Opened opened = new Opened();
  private final Queue<TaskInfo> launched = new ConcurrentLinkedQueue<>();
  private final List<String> keys = new ArrayList<>();
  private final Certificates.Authority authority;
  private final SSLContext trust;
  private final TestingServer zooKeeper;
  private final MesosEmulator mesos;
  private final FrameworkProcess first;
  private final FrameworkProcess second;

  SecuredCluster(Path scratch) throws Exception {
    this.scratch = scratch;
    try {
      secret("zookeeper-password", ZOOKEEPER_PASSWORD);
      secret("mesos-secret", MESOS_SECRET);
      authority = Certificates.authority(scratch, "ca");
      trust = Certificates.trusting(authority.certificate());
      zooKeeper = opened.add(new TestingServer(true));
      mesos =
          opened.add(
              MesosEmulator.start(
                  EmulatorConfig.in(scratch.resolve("mesos"))
                      .withCredentials(Map.of(USER, MESOS_SECRET))
                      .withTimings(
                          Timings.ofMesos().withAllocationInterval(Duration.ofMillis(200)))));
      mesos.watchLaunches(launched::add);
      Hosts hosts = opened.add(new Hosts(mesos));
      hosts.start("h1", Resources.of(4000, 4096, 10_000), Map.of("place", "idc"));
      mesos.awaitRegistered("h1", SOON);
      first = server("first");
      second = server("second");
    } catch (Exception e) {
      opened.close();
      throw e;
    }
  }

  /** Of one user, who has one home. */
  private FrameworkProcess server(String name) throws IOException {
    Path data = scratch.resolve(name);
    Certificates.Pair pem = certificate(name);
    String config =
        """
        mesos: {master: "%s", principal: %s, secretFile: %s}
        zookeeper: {connect: "%s%s", user: %2$s, passwordFile: %s}
        dataDir: %s
        http: {address: "127.0.0.1:0"}
        tls: {certificate: %s, key: %s, ca: %s}
        artifacts: {address: "127.0.0.1:0"}
        """
            .formatted(
                mesos.masterUri().getAuthority(),
                USER,
                scratch.resolve("mesos-secret"),
                zooKeeper.getConnectString(),
                PATH,
                scratch.resolve("zookeeper-password"),
                data,
                pem.certificate(),
                pem.key(),
                authority.certificate());
    FrameworkProcess server =
        new FrameworkProcess(
            Files.writeString(scratch.resolve(name + ".yaml"), config),
            data,
            scratch.resolve(name + ".log"),
            Path.of(System.getProperty("springtide.executor.jar")).toAbsolutePath(),
            Patience.of(Duration.ofMinutes(2)));
    return opened.add(server.trusting(trust));
  }

  private void secret(String name, String content) throws IOException {
    Path file =
        Files.createFile(
            scratch.resolve(name),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, content + "\n");
  }

  /** A new certificate of a server and its key, in place of those that are there. */
  Certificates.Pair certificate(String name) throws IOException {
    Certificates.Pair made = authority.make(name, 30, "ip:127.0.0.1");
    keys.add(Files.readString(made.key()));
    return made;
  }

  /** The keys that the servers had, as PEM. */
  List<String> keys() {
    return List.copyOf(keys);
  }

  /** The files that hold a server's certificate and key. */
  Certificates.Pair files(String name) {
    return new Certificates.Pair(scratch.resolve(name + ".crt"), scratch.resolve(name + ".key"));
  }

  FrameworkProcess first() {
    return first;
  }

  FrameworkProcess second() {
    return second;
  }

  MesosEmulator mesos() {
    return mesos;
  }

  /** What the master was told of each task that it launched. */
  List<TaskInfo> launched() {
    return List.copyOf(launched);
  }

  String zooKeeper() {
    return zooKeeper.getConnectString();
  }

  SSLContext trust() {
    return trust;
  }

  Path scratch() {
    return scratch;
  }

  /** Where the first admin's token lies. */
  Path adminToken() {
    return scratch.resolve("first/admin-token");
  }

  /** A server's API, as who has the token in that file. */
  Api api(FrameworkProcess server, Path tokenFile) throws IOException {
    return new Api(server::uri).trusting(trust).withToken(Files.readString(tokenFile).strip());
  }

  /** Waits until a server leads, and Mesos tells it of all. */
  void awaitLeading(FrameworkProcess server) throws Exception {
    Api api = new Api(server::uri).trusting(trust);
    Eventually.within(
        SOON,
        () -> {
          JsonNode health = api.get("/healthz").body();
          assertThat(health.path("status").asText()).as("%s", health).isEqualTo("leading");
          assertThat(health.path("mesos").asText()).isEqualTo("subscribed");
        });
  }

  /** Ends all of it. */
  void close() throws Exception {
    try {
      opened.close();
    } finally {
      Leftovers.below(scratch).kill();
    }
  }
}
