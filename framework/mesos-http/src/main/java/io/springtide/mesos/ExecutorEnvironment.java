package io.springtide.mesos;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;

/**
 * What an agent tells its executor in environment variables.
 *
 * @param agent where the agent listens (MESOS_AGENT_ENDPOINT)
 * @param frameworkId MESOS_FRAMEWORK_ID
 * @param executorId MESOS_EXECUTOR_ID
 * @param sandbox the executor's working directory (MESOS_SANDBOX, else MESOS_DIRECTORY), if given
 * @param checkpoint whether the executor may outlive the agent (MESOS_CHECKPOINT)
 * @param recoveryTimeout how long to wait for an agent to come back (MESOS_RECOVERY_TIMEOUT)
 * @param subscriptionBackoffMax the longest pause between two tries to subscribe
 *     (MESOS_SUBSCRIPTION_BACKOFF_MAX)
 * @param shutdownGracePeriod how long the agent waits between SHUTDOWN and the kill
 *     (MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD)
 * @param credential the agent's token for this executor (MESOS_EXECUTOR_AUTHENTICATION_TOKEN), if
 *     the agent asks for one
 */
public record ExecutorEnvironment(
    Endpoint agent,
    FrameworkID frameworkId,
    ExecutorID executorId,
    Optional<Path> sandbox,
    boolean checkpoint,
    Duration recoveryTimeout,
    Duration subscriptionBackoffMax,
    Duration shutdownGracePeriod,
    Optional<Credential> credential) {

  static {
    ProtobufGencode.allow();
  }

  /** Mesos' own defaults, for what an agent leaves out. */
  private static final Duration RECOVERY_TIMEOUT = Duration.ofMinutes(15);

  private static final Duration SUBSCRIPTION_BACKOFF_MAX = Duration.ofSeconds(2);
  private static final Duration SHUTDOWN_GRACE_PERIOD = Duration.ofSeconds(5);

  /** A number and a unit, as stout writes durations: 15mins, 2secs, 1.5hrs. */
  private static final Pattern DURATION =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,12})?)(ns|us|ms|secs|mins|hrs|days|weeks)");

  private static final Map<String, Long> UNIT_NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "ms", 1_000_000L,
          "secs", 1_000_000_000L,
          "mins", 60_000_000_000L,
          "hrs", 3_600_000_000_000L,
          "days", 86_400_000_000_000L,
          "weeks", 604_800_000_000_000L);

  public ExecutorEnvironment {
    requireNonNull(agent, "agent");
    requireNonNull(frameworkId, "frameworkId");
    requireNonNull(executorId, "executorId");
    requireNonNull(sandbox, "sandbox");
    requireNonNull(recoveryTimeout, "recoveryTimeout");
    requireNonNull(subscriptionBackoffMax, "subscriptionBackoffMax");
    requireNonNull(shutdownGracePeriod, "shutdownGracePeriod");
    requireNonNull(credential, "credential");
  }

  /**
   * Reads the variables that an agent sets.
   *
   * @param env the process's environment
   * @throws IllegalArgumentException if a variable is missing or does not parse; the message names
   *     it, and never repeats the token
   */
  public static ExecutorEnvironment from(Map<String, String> env) {
    boolean tls = "1".equals(env.get("LIBPROCESS_SSL_ENABLED"));
    Endpoint agent =
        named("MESOS_AGENT_ENDPOINT", () -> Endpoint.parse(required(env, "MESOS_AGENT_ENDPOINT")));
    Optional<String> sandbox =
        optional(env, "MESOS_SANDBOX").or(() -> optional(env, "MESOS_DIRECTORY"));
    return new ExecutorEnvironment(
        new Endpoint(agent.host(), agent.port(), agent.tls() || tls),
        FrameworkID.newBuilder().setValue(required(env, "MESOS_FRAMEWORK_ID")).build(),
        ExecutorID.newBuilder().setValue(required(env, "MESOS_EXECUTOR_ID")).build(),
        sandbox.map(Path::of),
        "1".equals(env.get("MESOS_CHECKPOINT")),
        duration(env, "MESOS_RECOVERY_TIMEOUT", RECOVERY_TIMEOUT),
        duration(env, "MESOS_SUBSCRIPTION_BACKOFF_MAX", SUBSCRIPTION_BACKOFF_MAX),
        duration(env, "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", SHUTDOWN_GRACE_PERIOD),
        optional(env, "MESOS_EXECUTOR_AUTHENTICATION_TOKEN")
            .map(t -> named("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", () -> Credential.bearer(t))));
  }

  /**
   * An UPDATE call: {@code status} with what an agent demands of an executor's update filled in
   * (source, executor id, and a fresh random uuid where there is none), and with what it leaves to
   * the executor (the time, in seconds since 1970).
   */
  public Call update(TaskStatus status) {
    TaskStatus.Builder full =
        status.toBuilder().setSource(TaskStatus.Source.SOURCE_EXECUTOR).setExecutorId(executorId);
    if (!full.hasUuid()) {
      full.setUuid(randomUuid());
    }
    // No agent fills it in: without it the Mesos UI dates a task's start to 1970.
    if (!full.hasTimestamp()) {
      full.setTimestamp(System.currentTimeMillis() / 1000.0);
    }
    return call(Call.Type.UPDATE).setUpdate(Call.Update.newBuilder().setStatus(full)).build();
  }

  /** A MESSAGE call: bytes for the framework's scheduler; sent at most once. */
  public Call message(byte[] data) {
    return call(Call.Type.MESSAGE)
        .setMessage(Call.Message.newBuilder().setData(ByteString.copyFrom(data)))
        .build();
  }

  Call.Builder call(Call.Type type) {
    return Call.newBuilder().setType(type).setFrameworkId(frameworkId).setExecutorId(executorId);
  }

  private static ByteString randomUuid() {
    UUID uuid = UUID.randomUUID();
    ByteBuffer bytes = ByteBuffer.allocate(16);
    bytes.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits()).flip();
    return ByteString.copyFrom(bytes);
  }

  private static Optional<String> optional(Map<String, String> env, String name) {
    return Optional.ofNullable(env.get(name)).filter(v -> !v.isEmpty());
  }

  private static String required(Map<String, String> env, String name) {
    return optional(env, name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "environment variable "
                        + name
                        + " is not set; an executor is started by a Mesos agent, which sets it"));
  }

  private static <T> T named(String name, Supplier<T> parse) {
    try {
      return parse.get();
    } catch (IllegalArgumentException e) {
      if (e.getMessage().contains(name)) {
        throw e;
      }
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static Duration duration(Map<String, String> env, String name, Duration otherwise) {
    return optional(env, name)
        .map(
            text -> {
              Matcher m = DURATION.matcher(text);
              if (!m.matches()) {
                throw new IllegalArgumentException(
                    name + " is \"" + text + "\"; expected a duration such as 2secs or 15mins");
              }
              double nanos = Double.parseDouble(m.group(1)) * UNIT_NANOS.get(m.group(2));
              return Duration.ofNanos((long) nanos);
            })
        .orElse(otherwise);
  }
}
