package io.springtide.executor.runtime;

import io.springtide.executor.contract.Labels;
import java.util.List;
import java.util.Map;

/** The machine's engine and an image to run on it, for as long as a test needs them. */
public final class DockerForTests implements AutoCloseable {
  private final DockerEngine engine;
  private final BusyboxImage busybox;

  private DockerForTests(DockerEngine engine) {
    this.engine = engine;
    this.busybox = BusyboxImage.load(engine);
  }

  public static DockerForTests connect() {
    return new DockerForTests(DockerEngine.connect(System.getenv()));
  }

  /** An image with a shell and a few commands. */
  public String busybox() {
    return busybox.name();
  }

  /** How many containers carry this framework's label, running or not. */
  public int containersOf(String framework) {
    return engine
        .calls()
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(Map.of(Labels.FRAMEWORK, framework))
        .exec()
        .size();
  }

  /** Removes the image and whatever still runs on it. */
  @Override
  public void close() {
    engine
        .calls()
        .listContainersCmd()
        .withShowAll(true)
        .withAncestorFilter(List.of(busybox.name()))
        .exec()
        .forEach(left -> DockerContainer.remove(engine, left.getId()));
    busybox.close();
    engine.close();
  }
}
