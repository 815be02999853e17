package io.springtide.harness.emulator.live;

import io.springtide.mesos.Credential;
import io.springtide.mesos.Endpoint;
import io.springtide.mesos.MasterDetector;
import io.springtide.mesos.OperatorClient;
import io.springtide.mesos.WireOptions;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.mesos.v1.Protos.Flag;
import org.apache.mesos.v1.master.Protos.Call;

/**
 * The master that the scheduler-side conformance tests speak to: one that somebody runs, or an
 * emulated one. What it is told by properties is in {@code docs/mesos.md}.
 *
 * @param masters as it was named: {@code http://host:port}, a list of these, or {@code zk://…}
 * @param leader the one that leads
 * @param credential principal and secret, where the master asks for them
 * @param principal the principal alone; empty for none
 * @param role the role in which the tests subscribe
 * @param user who runs the tasks
 * @param patience the longest wait for something that must come
 * @param flags the master's own flags, as far as it tells them
 * @param roomForRole whether an agent has room that is not reserved to other roles; as far as the
 *     master tells
 * @param foreign whether somebody else runs it
 */
public record LiveMaster(
    String masters,
    URI leader,
    Optional<Credential> credential,
    String principal,
    String role,
    String user,
    Duration patience,
    Map<String, String> flags,
    boolean roomForRole,
    boolean foreign) {

  private static final Duration RECOVERY = Duration.ofSeconds(60);

  /** What {@code -Dmesos.master} or MESOS_MASTER names; empty where the emulator is meant. */
  public static Optional<String> given() {
    return setting("mesos.master", "MESOS_MASTER");
  }

  private static Optional<String> setting(String property, String variable) {
    String text = System.getProperty(property, System.getenv(variable));
    return Optional.ofNullable(text).map(String::strip).filter(t -> !t.isEmpty());
  }

  /** An emulated master. */
  public static LiveMaster emulated(URI master, Map<String, String> flags) {
    return new LiveMaster(
        master.toString(),
        master,
        Optional.empty(),
        "",
        "springtide",
        System.getProperty("user.name"),
        Duration.ofSeconds(30),
        flags,
        true,
        false);
  }

  /**
   * Finds the leader, waits until it has recovered, and asks for its flags.
   *
   * @throws IOException when no master that leads answers within a minute
   * @throws IllegalStateException when it wants credentials that were not given
   */
  public static LiveMaster find(String masters) throws IOException, InterruptedException {
    Optional<String> principal = setting("mesos.principal", "MESOS_PRINCIPAL");
    Optional<Credential> credential = Optional.empty();
    Optional<String> authorization = Optional.empty();
    if (principal.isPresent()) {
      String secret = secret();
      credential = Optional.of(Credential.basic(principal.get(), secret));
      byte[] pair = (principal.get() + ":" + secret).getBytes(StandardCharsets.UTF_8);
      authorization = Optional.of("Basic " + Base64.getEncoder().encodeToString(pair));
    }
    URI leader = leader(masters, authorization);
    String role = setting("mesos.role", "MESOS_ROLE").orElse("springtide-conformance");
    double seconds = Double.parseDouble(setting("mesos.patience", "MESOS_PATIENCE").orElse("60"));
    return new LiveMaster(
        masters,
        leader,
        credential,
        principal.orElse(""),
        role,
        setting("mesos.user", "MESOS_USER").orElse(System.getProperty("user.name")),
        Duration.ofMillis((long) (seconds * 1000)),
        flags(leader, credential),
        roomForRole(leader, credential, role),
        true);
  }

  /** From a file or the environment: an argument would stand in the list of processes. */
  private static String secret() throws IOException {
    Optional<String> file = setting("mesos.secretFile", "MESOS_SECRET_FILE");
    if (file.isPresent()) {
      return Files.readString(Path.of(file.get())).strip();
    }
    String secret = System.getenv("MESOS_SECRET");
    if (secret == null) {
      throw new IOException(
          "mesos.principal is set but no secret: name a file with -Dmesos.secretFile,"
              + " or set MESOS_SECRET in the environment");
    }
    return secret;
  }

  private static URI leader(String masters, Optional<String> authorization)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + RECOVERY.toNanos();
    String why = "ZooKeeper knows of none";
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    try (MasterDetector detector = MasterDetector.of(masters)) {
      detector.start(() -> {});
      URI redirected = null;
      for (int failures = 0; System.nanoTime() < end; failures++) {
        URI candidate = redirected;
        if (candidate == null) {
          candidate = detector.candidate(failures).map(LiveMaster::uri).orElse(null);
        }
        redirected = null;
        if (candidate != null) {
          HttpRequest.Builder request =
              HttpRequest.newBuilder(candidate.resolve("/api/v1/scheduler"))
                  .timeout(Duration.ofSeconds(5));
          authorization.ifPresent(header -> request.header("Authorization", header));
          try {
            HttpResponse<String> answer =
                http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            // A leader takes only POST here.
            if (answer.statusCode() == 405) {
              return candidate;
            }
            if (answer.statusCode() == 401) {
              throw new IllegalStateException(
                  candidate
                      + " asks who we are: name a principal with -Dmesos.principal and its secret"
                      + " with -Dmesos.secretFile, see docs/mesos.md"
                      + (authorization.isPresent() ? " (those given are refused)" : ""));
            }
            why = candidate + " answered " + answer.statusCode() + " " + answer.body();
            if (answer.statusCode() == 307) {
              URI location = candidate.resolve(answer.headers().firstValue("Location").orElse(""));
              redirected = URI.create(location.getScheme() + "://" + location.getAuthority());
            }
          } catch (IOException e) {
            why = candidate + ": " + e;
          }
        }
        if (redirected == null) {
          Thread.sleep(500);
        }
      }
    }
    throw new IOException("no master that leads at " + masters + " within a minute; " + why);
  }

  private static URI uri(Endpoint endpoint) {
    return URI.create(endpoint.toString());
  }

  /** Empty where the master does not tell: flags need authorization. */
  private static Map<String, String> flags(URI leader, Optional<Credential> credential)
      throws InterruptedException, IOException {
    Map<String, String> flags = new LinkedHashMap<>();
    try (OperatorClient client = new OperatorClient(leader.toString(), options(credential))) {
      Call call = Call.newBuilder().setType(Call.Type.GET_FLAGS).build();
      for (Flag flag :
          client
              .master(call)
              .get(Patience.seconds(), TimeUnit.SECONDS)
              .getGetFlags()
              .getFlagsList()) {
        flags.put(flag.getName(), flag.getValue());
      }
    } catch (ExecutionException e) {
      System.out.println("the master does not tell its flags: " + e.getCause().getMessage());
    } catch (TimeoutException e) {
      throw new IOException("the master at " + leader + " does not answer GET_FLAGS in 20 s", e);
    }
    return flags;
  }

  /** True where the master does not tell: its agents need authorization, too. */
  private static boolean roomForRole(URI leader, Optional<Credential> credential, String role)
      throws InterruptedException, IOException {
    try (OperatorClient client = new OperatorClient(leader.toString(), options(credential))) {
      Call call = Call.newBuilder().setType(Call.Type.GET_AGENTS).build();
      return client
          .master(call)
          .get(Patience.seconds(), TimeUnit.SECONDS)
          .getGetAgents()
          .getAgentsList()
          .stream()
          .anyMatch(agent -> RoleRoom.in(agent.getTotalResourcesList(), role));
    } catch (ExecutionException e) {
      System.out.println("the master does not tell its agents: " + e.getCause().getMessage());
      return true;
    } catch (TimeoutException e) {
      throw new IOException("the master at " + leader + " does not answer GET_AGENTS in 20 s", e);
    }
  }

  /** The same master, asked by somebody else. */
  LiveMaster as(String otherPrincipal, Credential other) {
    return new LiveMaster(
        masters,
        leader,
        Optional.of(other),
        otherPrincipal,
        role,
        user,
        patience,
        flags,
        roomForRole,
        foreign);
  }

  /** What every client of this master is made with. */
  public WireOptions options() {
    return options(credential);
  }

  private static WireOptions options(Optional<Credential> credential) {
    WireOptions options = WireOptions.defaults();
    return credential.map(options::withCredential).orElse(options);
  }

  /** {@code --allocation_interval}; Mesos' default where it is not told. */
  Duration allocationInterval() {
    return duration("allocation_interval").orElse(Duration.ofSeconds(1));
  }

  /** A flag that is a duration, as Mesos prints it. */
  Optional<Duration> duration(String flag) {
    String text = flags.getOrDefault(flag, "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    double number = Double.parseDouble(text.replaceAll("[a-z]+$", ""));
    double seconds =
        switch (text.replaceAll("^[0-9.]+", "")) {
          case "ns" -> number / 1e9;
          case "us" -> number / 1e6;
          case "ms" -> number / 1e3;
          case "secs" -> number;
          case "mins" -> number * 60;
          case "hrs" -> number * 3600;
          case "days" -> number * 86_400;
          default -> number * 604_800;
        };
    return Optional.of(Duration.ofNanos((long) (seconds * 1e9)));
  }

  /** Whether {@code --roles} keeps other roles out. */
  boolean hasWhitelist() {
    return !flags.getOrDefault("roles", "").isEmpty();
  }
}
