package io.springtide.harness.demo;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.DockerHttpClient;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The machine's Docker engine: only what bears our label or name is ever touched. */
public final class ContainerEngine implements AutoCloseable {
  private final DockerHttpClient http;
  private final DockerClient docker;
  private final String host;

  private ContainerEngine(DefaultDockerClientConfig config, DockerHttpClient http) {
    this.http = http;
    this.docker = DockerClientImpl.getInstance(config, http);
    this.host = config.getDockerHost().toString();
  }

  /** The engine that {@code DOCKER_HOST} or its default names, if it answers. */
  public static Optional<ContainerEngine> find() {
    DefaultDockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder().build();
    ContainerEngine engine =
        new ContainerEngine(
            config,
            new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .sslConfig(config.getSSLConfig())
                .connectionTimeout(Duration.ofSeconds(3))
                .responseTimeout(Duration.ofSeconds(60))
                .build());
    try {
      engine.docker.pingCmd().exec();
      return Optional.of(engine);
    } catch (RuntimeException e) { // docker-java wraps a socket's IOException in a bare one
      engine.close();
      return Optional.empty();
    }
  }

  /** Where it listens. */
  public String host() {
    return host;
  }

  /**
   * Makes an image of one layer.
   *
   * @param name {@code repository:tag}
   * @throws IOException with the engine's words when it refuses
   */
  public void importImage(String name, byte[] rootFilesystem) throws IOException {
    int colon = name.lastIndexOf(':');
    // docker-java's own command for this sends a stream that the engine finds cut short.
    DockerHttpClient.Request request =
        DockerHttpClient.Request.builder()
            .method(DockerHttpClient.Request.Method.POST)
            .path(
                "/images/create?fromSrc=-&repo=%s&tag=%s"
                    .formatted(name.substring(0, colon), name.substring(colon + 1)))
            .putHeader("Content-Type", "application/x-tar")
            .bodyBytes(rootFilesystem)
            .build();
    try (DockerHttpClient.Response response = http.execute(request)) {
      String answer = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
      if (response.getStatusCode() != 200 || answer.contains("errorDetail")) {
        throw new IOException("Docker does not import the image " + name + ": " + answer.strip());
      }
    }
  }

  /** Removes an image; one that is not there is as good as removed. */
  public void removeImage(String name) {
    try {
      docker.removeImageCmd(name).withForce(true).exec();
    } catch (NotFoundException e) {
      // Somebody was faster.
    }
  }

  public boolean hasImage(String name) {
    try {
      docker.inspectImageCmd(name).exec();
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  /** Containers, ended ones too, that carry {@code label=value}. */
  public List<String> containers(String label, String value) {
    return docker
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of(label, value))
        .exec()
        .stream()
        .map(Container::getId)
        .toList();
  }

  /** Removes a container, running or not; one that is not there is as good as removed. */
  public void removeContainer(String id) {
    try {
      docker.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
    } catch (NotFoundException e) {
      // Its owner was faster.
    } catch (DockerException e) {
      // 409: its removal is under way already.
      if (e.getHttpStatus() != 409) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    try {
      docker.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
