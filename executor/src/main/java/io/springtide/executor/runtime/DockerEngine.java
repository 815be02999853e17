package io.springtide.executor.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.core.RemoteApiVersion;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.springtide.mesos.Why;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * The host's Docker engine, spoken to in an API version that both sides know. There are two
 * connections' worth of it: one for calls, which must be answered in time, and one for streams
 * (events, output, pulls), which may be silent for as long as they like.
 */
final class DockerEngine implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final RemoteApiVersion NEWEST = RemoteApiVersion.VERSION_1_44;
  private static final String UNIX = "unix://";
  private static final String DEFAULT_HOST = UNIX + "/var/run/docker.sock";
  private static final Map<String, String> LOG_BOUNDS = Map.of("max-size", "10m", "max-file", "2");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DockerHttpClient http;
  private final DockerHttpClient streamHttp;
  private final DockerClient calls;
  private final DockerClient streams;
  private final String name;
  private final Optional<LogConfig> log;

  private DockerEngine(
      DockerClientConfig config,
      DockerHttpClient http,
      DockerHttpClient streamHttp,
      String name,
      Optional<LogConfig> log) {
    this.http = http;
    this.streamHttp = streamHttp;
    this.calls = DockerClientImpl.getInstance(config, http);
    this.streams = DockerClientImpl.getInstance(config, streamHttp);
    this.name = name;
    this.log = log;
  }

  /**
   * Connects and agrees on an API version.
   *
   * @param env DOCKER_HOST (default: the local socket), DOCKER_TLS_VERIFY and DOCKER_CERT_PATH as
   *     Docker's own client takes them, DOCKER_API_VERSION (default: negotiated)
   * @throws RuntimeFailure when there is no engine
   */
  static DockerEngine connect(Map<String, String> env) {
    String host = host(env);
    String pinned = env.getOrDefault("DOCKER_API_VERSION", "");
    Optional<DockerTls> tls = DockerTls.of(env);
    requireListener(host);
    try (DockerClient first = client(config(host, RemoteApiVersion.UNKNOWN_VERSION), tls)) {
      Version version = first.versionCmd().exec();
      RemoteApiVersion api =
          !pinned.isEmpty() ? RemoteApiVersion.parseConfig(pinned) : negotiate(version);
      var config = config(host, api);
      Info info = first.infoCmd().exec();
      return new DockerEngine(
          config,
          http(config, tls, Optional.of(ANSWER)),
          http(config, tls, Optional.empty()),
          "docker %s (API %s, %s)"
              .formatted(version.getVersion(), api.getVersion(), info.getDriver()),
          bounded(api, info.getLoggingDriver()));
    } catch (IOException | RuntimeException e) {
      throw new RuntimeFailure(unanswered(host, message(e)), e);
    }
  }

  private static String host(Map<String, String> env) {
    String named = env.getOrDefault("DOCKER_HOST", "");
    return named.isEmpty() ? DEFAULT_HOST : named;
  }

  private static String unanswered(String host, String why) {
    return "no Docker engine answers at %s: %s; start one, or set DOCKER_HOST".formatted(host, why);
  }

  /**
   * Why there is no engine, where one look at the file system tells: a host without one asks all
   * day, and that must cost next to nothing. Never blocks.
   */
  static Optional<String> absence(Map<String, String> env) {
    String host = host(env);
    return host.startsWith(UNIX) && !Files.exists(Path.of(host.substring(UNIX.length())))
        ? Optional.of(unanswered(host, "No such file or directory"))
        : Optional.empty();
  }

  /** Asked before a client is made, which costs much more. */
  private static void requireListener(String host) {
    if (host.startsWith(UNIX)) {
      var address = UnixDomainSocketAddress.of(host.substring(UNIX.length()));
      try {
        SocketChannel.open(address).close();
      } catch (IOException e) {
        throw new RuntimeFailure(unanswered(host, message(e)), e);
      }
    }
  }

  /** The newest that both know; an engine too new for us gets the oldest that it still takes. */
  private static RemoteApiVersion negotiate(Version version) {
    var engine = RemoteApiVersion.parseConfig(version.getApiVersion());
    if (NEWEST.isGreaterOrEqual(engine)) {
      return engine;
    }
    String oldest = version.getMinAPIVersion();
    if (oldest != null && RemoteApiVersion.parseConfig(oldest).isGreater(NEWEST)) {
      return RemoteApiVersion.parseConfig(oldest);
    }
    return NEWEST;
  }

  /**
   * How an engine shall keep what a container says: within bounds, as it lies in the sandbox
   * already. An engine that was set up to send it elsewhere goes on to do so; one from before 1.8
   * knows no bounds.
   */
  private static Optional<LogConfig> bounded(RemoteApiVersion api, String driver) {
    boolean files = "json-file".equals(driver) || "local".equals(driver);
    return files && api.isGreaterOrEqual(RemoteApiVersion.VERSION_1_20)
        ? Optional.of(new LogConfig(LogConfig.LoggingType.fromValue(driver), LOG_BOUNDS))
        : Optional.empty();
  }

  private static DockerClientConfig config(String host, RemoteApiVersion api) {
    return DefaultDockerClientConfig.createDefaultConfigBuilder()
        .withDockerHost(host)
        .withApiVersion(api)
        .withDockerTlsVerify(false)
        .build();
  }

  private static DockerClient client(DockerClientConfig config, Optional<DockerTls> tls) {
    return DockerClientImpl.getInstance(config, http(config, tls, Optional.of(ANSWER)));
  }

  private static DockerHttpClient http(
      DockerClientConfig config, Optional<DockerTls> tls, Optional<Duration> answer) {
    var http =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(config.getDockerHost())
            .connectionTimeout(CONNECT);
    tls.ifPresent(http::sslConfig);
    answer.ifPresent(http::responseTimeout);
    return http.build();
  }

  /**
   * Makes an image of a file system. docker-java 3.7.1 has a command for this, which sends {@code
   * {}} in place of the archive; so the request is made here.
   *
   * @param archive tar
   */
  void importImage(String repository, String tag, byte[] archive) {
    var request =
        DockerHttpClient.Request.builder()
            .method(DockerHttpClient.Request.Method.POST)
            .path("/images/create?fromSrc=-&repo=" + repository + "&tag=" + tag)
            .putHeader("Content-Type", "application/x-tar")
            .bodyBytes(archive)
            .build();
    try (var response = http.execute(request)) {
      String answer = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
      if (response.getStatusCode() != 200 || answer.contains("\"errorDetail\"")) {
        throw new RuntimeFailure("cannot import an image: " + engineMessage(answer));
      }
    } catch (IOException e) {
      throw new RuntimeFailure("cannot import an image: " + Why.of(e), e);
    }
  }

  DockerClient calls() {
    return calls;
  }

  DockerClient streams() {
    return streams;
  }

  /** As {@link DockerLog#follow}. */
  DockerLog followLog(String container, Instant since, DockerLog.Reader reader) {
    return DockerLog.follow(streamHttp, container, since, reader);
  }

  /** For new containers; empty: the engine's own way. */
  Optional<LogConfig> log() {
    return log;
  }

  /**
   * The smallest question there is.
   *
   * @throws RuntimeFailure when it is not answered
   */
  void ping() {
    try {
      calls.pingCmd().exec();
    } catch (RuntimeException e) { // docker-java wraps a socket's IOException in a bare one
      throw new RuntimeFailure("the Docker engine does not answer: " + message(e), e);
    }
  }

  /** Product and API version, for people. */
  String name() {
    return name;
  }

  /** The engine's own words, out of whatever they were wrapped in. */
  static String message(Throwable error) {
    Throwable cause = error;
    while ((cause instanceof CompletionException || cause.getMessage() == null)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof RuntimeFailure) {
      return cause.getMessage();
    }
    if (cause instanceof DockerException) {
      return engineMessage(cause.getMessage());
    }
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return Why.of(cause);
  }

  /** docker-java says {@code Status 404: {"message":"No such image: x"}}. */
  private static String engineMessage(String text) {
    int brace = text.indexOf('{');
    if (brace >= 0) {
      try {
        String message = JSON.readTree(text.substring(brace)).path("message").asText("");
        if (!message.isEmpty()) {
          return message;
        }
      } catch (JsonProcessingException notJson) {
        return text.strip();
      }
    }
    return text.strip();
  }

  @Override
  public void close() {
    for (DockerClient client : new DockerClient[] {calls, streams}) {
      try {
        client.close();
      } catch (IOException e) {
        throw new RuntimeFailure("docker connection not closed: " + Why.of(e), e);
      }
    }
  }
}
