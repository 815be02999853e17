package io.springtide.harness.emulator;

import static java.util.Objects.requireNonNull;

import io.springtide.harness.emulator.agent.ExecutorTokens;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How an emulated cluster is set up. Start from {@link #in} and change what differs.
 *
 * @param workDir parent of the agents' work directories; created when missing
 * @param timings Mesos' durations
 * @param roles {@code --roles} of the master, the whitelist; empty means every role
 * @param credentials principal to secret; when not empty, frameworks and operators must
 *     authenticate with HTTP basic authentication
 * @param hostname what the master calls itself in MasterInfo
 * @param zone fault domain "region/zone" of the master; empty for none
 * @param masters how many masters there are, 1 to 5; more than one needs ZooKeeper
 * @param zooKeeper {@code zk://host:port/path} where masters are elected; empty for none
 * @param zooKeeperSession {@code --zk_session_timeout}
 * @param executorKey the agents' {@code --jwt_secret_key}; when not empty, executors must show the
 *     token that they are started with ({@code --authenticate_http_executors})
 * @param executorEnvironment what every executor finds in its environment ({@code
 *     --executor_environment_variables})
 */
public record EmulatorConfig(
    Path workDir,
    Timings timings,
    Set<String> roles,
    Map<String, String> credentials,
    String hostname,
    String zone,
    int masters,
    String zooKeeper,
    Duration zooKeeperSession,
    String executorKey,
    Map<String, String> executorEnvironment) {

  public EmulatorConfig {
    requireNonNull(workDir, "workDir");
    requireNonNull(timings, "timings");
    roles = Set.copyOf(roles);
    credentials = Map.copyOf(credentials);
    requireNonNull(hostname, "hostname");
    requireNonNull(zone, "zone");
    requireNonNull(executorKey, "executorKey");
    executorEnvironment = Map.copyOf(executorEnvironment);
    if (masters < 1 || masters > 5 || (masters > 1 && zooKeeper.isEmpty())) {
      throw new IllegalArgumentException(
          "masters is " + masters + ": 1, or up to 5 with a zk:// URL");
    }
    if (!zooKeeper.isEmpty() && !zooKeeper.matches("zk://[^/]+/.+")) {
      throw new IllegalArgumentException(
          "zooKeeper is '" + zooKeeper + "', expected zk://host:port/path");
    }
  }

  /** What the agents' executors must show, where they must show anything. */
  Optional<ExecutorTokens> executorTokens() {
    return executorKey.isEmpty()
        ? Optional.empty()
        : Optional.of(new ExecutorTokens(executorKey.getBytes(StandardCharsets.UTF_8)));
  }

  /** Mesos' defaults, with agents' directories under {@code workDir}. */
  public static EmulatorConfig in(Path workDir) {
    return new EmulatorConfig(
        workDir,
        Timings.ofMesos(),
        Set.of(),
        Map.of(),
        "localhost",
        "",
        1,
        "",
        Duration.ofSeconds(10),
        "",
        Map.of());
  }

  /** A copy with other timings. */
  public EmulatorConfig withTimings(Timings other) {
    return with(next -> next.timings = other);
  }

  /** A copy that admits only these roles. */
  public EmulatorConfig withRoles(Set<String> whitelist) {
    return with(next -> next.roles = whitelist);
  }

  /** A copy that asks for basic authentication; principal to secret. */
  public EmulatorConfig withCredentials(Map<String, String> principals) {
    return with(next -> next.credentials = principals);
  }

  /** A copy with a fault domain, "region/zone". */
  public EmulatorConfig withZone(String regionAndZone) {
    return with(next -> next.zone = regionAndZone);
  }

  /** A copy with so many masters, elected at a {@code zk://} URL. */
  public EmulatorConfig withZooKeeper(int count, String url, Duration session) {
    return with(
        next -> {
          next.masters = count;
          next.zooKeeper = url;
          next.zooKeeperSession = session;
        });
  }

  /** A copy whose agents authenticate their executors, with tokens signed by this key. */
  public EmulatorConfig withExecutorAuthentication(String key) {
    return with(next -> next.executorKey = key);
  }

  /** A copy whose agents give each executor these variables. */
  public EmulatorConfig withExecutorEnvironment(Map<String, String> variables) {
    return with(next -> next.executorEnvironment = variables);
  }

  private EmulatorConfig with(Consumer<Draft> change) {
    Draft next = new Draft(this);
    change.accept(next);
    return next.made();
  }

  /** A copy while it is being made. */
  private static final class Draft {
    private Path workDir;
    private Timings timings;
    private Set<String> roles;
    private Map<String, String> credentials;
    private String hostname;
    private String zone;
    private int masters;
    private String zooKeeper;
    private Duration zooKeeperSession;
    private String executorKey;
    private Map<String, String> executorEnvironment;

    private Draft(EmulatorConfig of) {
      workDir = of.workDir;
      timings = of.timings;
      roles = of.roles;
      credentials = of.credentials;
      hostname = of.hostname;
      zone = of.zone;
      masters = of.masters;
      zooKeeper = of.zooKeeper;
      zooKeeperSession = of.zooKeeperSession;
      executorKey = of.executorKey;
      executorEnvironment = of.executorEnvironment;
    }

    private EmulatorConfig made() {
      return new EmulatorConfig(
          workDir,
          timings,
          roles,
          credentials,
          hostname,
          zone,
          masters,
          zooKeeper,
          zooKeeperSession,
          executorKey,
          executorEnvironment);
    }
  }
}
