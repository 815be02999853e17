package io.springtide.harness.e2e;

import io.springtide.harness.Needs;
import io.springtide.harness.demo.ContainerEngine;
import io.springtide.harness.demo.WebImage;
import io.springtide.harness.web.WebServerMain;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What the end-to-end tests run: the same small web server, as a process or in a container. */
final class Workload implements AutoCloseable {
  private final Optional<ContainerEngine> engine;
  private final String image;

  private Workload(Optional<ContainerEngine> engine, String image) {
    this.engine = engine;
    this.image = image;
  }

  static Workload processes() {
    return new Workload(Optional.empty(), "");
  }

  /** In containers of an image that is made for the tests and removed with them. */
  static Workload containers() throws IOException {
    ContainerEngine engine = Needs.docker();
    String image = "springtide-it:" + ProcessHandle.current().pid();
    engine.importImage(image, WebImage.rootFilesystem().orElseThrow(Needs::busybox));
    return new Workload(Optional.of(engine), image);
  }

  Optional<ContainerEngine> engine() {
    return engine;
  }

  /** A job of group {@code feed} whose Consul service bears the job's own name. */
  String job(String name, int instances) {
    return job(name, instances, engine.isPresent() ? image : "", command());
  }

  /** The same, of something that cannot start: an image, or a program, that does not exist. */
  String brokenJob(String name) {
    return engine.isPresent()
        ? job(name, 1, "localhost:1/no-such-image:1", List.of("x"))
        : job(name, 1, "", List.of("/no/such/program"));
  }

  private List<String> command() {
    return engine.isPresent() ? WebImage.command() : WebServerMain.command();
  }

  private String job(String name, int instances, String jobImage, List<String> command) {
    String words = String.join("\", \"", command);
    String container =
        engine.isPresent()
            ? "image: \"%s\", network: bridge, ports: [{name: http, container: 8080}]"
                .formatted(jobImage)
            : "network: host, ports: [{name: http}]";
    return """
        id: feed.%s
        instances: %d
        resources: {cpus: 0.2, memoryMiB: 64}
        runtime: %s
        container: {command: ["%s"], %s}
        health: {http: {port: http, path: /}, grace: 20s, interval: 500ms, timeout: 2s, failures: 3}
        discovery: [{consul: {service: %s, port: http}}]
        failure: {backoff: 500ms, maxBackoff: 2s}
        stop: {drain: 500ms, grace: 2s}
        """
        .formatted(
            name, instances, engine.isPresent() ? "docker" : "process", words, container, name);
  }

  @Override
  public void close() {
    engine.ifPresent(
        docker -> {
          docker.removeImage(image);
          docker.close();
        });
  }
}
