package io.springtide.executor.runtime;

import io.springtide.executor.Needs;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The contract on the machine's Docker engine, in an image of busybox. */
abstract class OnDocker extends ContainerRuntimeContract {
  static DockerEngine engine;
  private static BusyboxImage busybox;

  @BeforeAll
  static void loadImage() {
    Needs.docker();
    engine = DockerEngine.connect(System.getenv());
    busybox = BusyboxImage.load(engine);
  }

  @AfterAll
  static void removeImage() {
    if (busybox != null) {
      busybox.close();
      engine.close();
    }
  }

  @Override
  final String image() {
    return busybox.name();
  }
}
