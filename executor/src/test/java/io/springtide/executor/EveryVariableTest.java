package io.springtide.executor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.springtide.executor.runtime.DockerRuntime;
import io.springtide.executor.runtime.Owner;
import io.springtide.mesos.ExecutorEnvironment;
import io.springtide.testing.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the executor reads of its environment does something, and all of it is listed here. */
class EveryVariableTest {
  private static final Owner OWNER = new Owner("framework-1", "host-1", "executor-1");
  private static final Map<String, String> AGENT =
      Map.of(
          "MESOS_AGENT_ENDPOINT", "10.0.0.7:5051",
          "MESOS_FRAMEWORK_ID", "framework-1",
          "MESOS_EXECUTOR_ID", "executor-1");

  /** Shows what a variable does. */
  private interface Effect {
    void show(EveryVariableTest test) throws IOException;
  }

  private static final Map<String, Effect> EFFECTS = new TreeMap<>();

  static {
    EFFECTS.put(
        "MESOS_AGENT_ENDPOINT",
        it -> assertThat(with("MESOS_AGENT_ENDPOINT", "10.0.0.8:9").agent().host()).endsWith(".8"));
    EFFECTS.put(
        "LIBPROCESS_SSL_ENABLED",
        it -> {
          assertThat(with("LIBPROCESS_SSL_ENABLED", "0").agent().tls()).isFalse();
          assertThat(with("LIBPROCESS_SSL_ENABLED", "1").agent().tls()).isTrue();
        });
    EFFECTS.put(
        "MESOS_FRAMEWORK_ID",
        it ->
            assertThat(host(with("MESOS_FRAMEWORK_ID", "f2")).owner().framework()).isEqualTo("f2"));
    EFFECTS.put(
        "MESOS_EXECUTOR_ID",
        it -> assertThat(host(with("MESOS_EXECUTOR_ID", "e2")).owner().executor()).isEqualTo("e2"));
    EFFECTS.put(
        "MESOS_SANDBOX",
        it -> {
          var both = new HashMap<>(AGENT);
          both.put("MESOS_DIRECTORY", "/of/the/agent");
          both.put("MESOS_SANDBOX", "/of/the/container");
          assertThat(host(ExecutorEnvironment.from(both)).sandbox())
              .hasToString("/of/the/container");
        });
    EFFECTS.put(
        "MESOS_DIRECTORY",
        it -> assertThat(host(with("MESOS_DIRECTORY", "/box")).sandbox()).hasToString("/box"));
    EFFECTS.put(
        "MESOS_CHECKPOINT",
        it -> {
          assertThat(with("MESOS_CHECKPOINT", "0").checkpoint()).isFalse();
          assertThat(with("MESOS_CHECKPOINT", "1").checkpoint()).isTrue();
        });
    EFFECTS.put(
        "MESOS_RECOVERY_TIMEOUT",
        it ->
            assertThat(with("MESOS_RECOVERY_TIMEOUT", "7secs").recoveryTimeout())
                .isEqualTo(ofSeconds(7)));
    EFFECTS.put(
        "MESOS_SUBSCRIPTION_BACKOFF_MAX",
        it ->
            assertThat(with("MESOS_SUBSCRIPTION_BACKOFF_MAX", "8secs").subscriptionBackoffMax())
                .isEqualTo(ofSeconds(8)));
    EFFECTS.put(
        "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD",
        it ->
            assertThat(host(with("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", "9secs")).shutdownGrace())
                .isEqualTo(ofSeconds(9)));
    EFFECTS.put(
        "MESOS_EXECUTOR_AUTHENTICATION_TOKEN",
        it ->
            assertThat(with("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", "abc").credential())
                .isPresent());
    EFFECTS.put(
        "CONSUL_HTTP_TOKEN_FILE",
        it -> {
          Path file = Files.writeString(it.directory.resolve("token"), "secret\n");
          assertThat(ExecutorMain.consulToken(Map.of("CONSUL_HTTP_TOKEN_FILE", file.toString())))
              .contains("secret");
        });
    EFFECTS.put(
        "DOCKER_HOST",
        it ->
            assertThat(engineSays(Map.of("DOCKER_HOST", "unix:///nowhere")))
                .contains("unix:///nowhere"));
    EFFECTS.put(
        "DOCKER_API_VERSION",
        it -> {
          assertThat(pathsAsked(Map.of())).contains("/v1.40/_ping");
          assertThat(pathsAsked(Map.of("DOCKER_API_VERSION", "1.30"))).contains("/v1.30/_ping");
        });
    EFFECTS.put(
        "DOCKER_TLS_VERIFY",
        it -> {
          assertThat(engineSays(tls("DOCKER_TLS_VERIFY", ""))).doesNotContain("ca.pem");
          assertThat(engineSays(tls("DOCKER_TLS_VERIFY", "1"))).contains("ca.pem");
        });
    EFFECTS.put(
        "DOCKER_CERT_PATH",
        it -> assertThat(engineSays(tls("DOCKER_CERT_PATH", "/no/certs"))).contains("/no/certs"));
    EFFECTS.put(
        "HOME", it -> assertThat(engineSays(tls("HOME", "/no/home"))).contains("/no/home/.docker"));
  }

  @TempDir Path directory;

  static Set<String> variables() {
    return EFFECTS.keySet();
  }

  @ParameterizedTest
  @MethodSource("variables")
  void hasItsEffect(String variable) throws IOException {
    EFFECTS.get(variable).show(this);
  }

  @Test
  void noVariableIsReadThatIsNotHere() throws IOException {
    var asked = new Asked();
    asked.putAll(AGENT);
    ExecutorEnvironment.from(asked);
    ExecutorMain.consulToken(asked);
    asked.putAll(tls("DOCKER_TLS_VERIFY", "1")); // so that all of it is read
    engineSays(asked);
    assertThat(asked.names).containsExactlyElementsOf(EFFECTS.keySet());
  }

  /** An environment that remembers what it was asked for. */
  private static final class Asked extends HashMap<String, String> {
    private static final long serialVersionUID = 1L;
    final Set<String> names = Collections.synchronizedSet(new TreeSet<>());

    @Override
    public String get(Object name) {
      names.add((String) name);
      return super.get(name);
    }

    @Override
    public String getOrDefault(Object name, String otherwise) {
      names.add((String) name);
      return super.getOrDefault(name, otherwise);
    }

    @Override
    public boolean containsKey(Object name) {
      names.add((String) name);
      return super.containsKey(name);
    }
  }

  private static ExecutorEnvironment with(String variable, String value) {
    var env = new HashMap<>(AGENT);
    env.put(variable, value);
    return ExecutorEnvironment.from(env);
  }

  private static ThisHost host(ExecutorEnvironment environment) {
    return ThisHost.of(environment, AgentInfo.newBuilder().setHostname("h").setPort(1).build());
  }

  /** An engine that nobody reaches, by TLS. */
  private static Map<String, String> tls(String variable, String value) {
    var env = new HashMap<>(Map.of("DOCKER_HOST", "tcp://127.0.0.1:1", "DOCKER_TLS_VERIFY", "1"));
    env.put(variable, value);
    return env;
  }

  private static String engineSays(Map<String, String> env) {
    var runtime = new DockerRuntime(OWNER, env);
    try {
      return runtime
          .probe()
          .toCompletableFuture()
          .orTimeout(Patience.limit().toSeconds(), TimeUnit.SECONDS)
          .join()
          .detail();
    } finally {
      runtime.close();
    }
  }

  /** What an engine of API 1.40 is asked for. */
  private static List<String> pathsAsked(Map<String, String> more) throws IOException {
    var paths = Collections.synchronizedList(new ArrayList<String>());
    var engine = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    engine.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          paths.add(path);
          byte[] answer =
              (path.endsWith("/version") ? "{\"Version\":\"19.3\",\"ApiVersion\":\"1.40\"}" : "{}")
                  .getBytes(UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    engine.start();
    try {
      var env = new HashMap<>(more);
      env.put("DOCKER_HOST", "tcp://127.0.0.1:" + engine.getAddress().getPort());
      engineSays(env);
      return List.copyOf(paths);
    } finally {
      engine.stop(0);
    }
  }
}
