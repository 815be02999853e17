package io.springtide.harness.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.harness.Needs;
import org.junit.jupiter.api.Test;

class ContainerEngineTest {

  @Test
  void theDemosImageIsImportedAndRemovedWithoutATrace() throws Exception {
    try (ContainerEngine engine = Needs.docker()) {
      String name = "springtide-test:" + ProcessHandle.current().pid();
      engine.importImage(name, WebImage.rootFilesystem().orElseThrow(Needs::busybox));
      try {
        assertThat(engine.hasImage(name)).isTrue();
      } finally {
        engine.removeImage(name);
      }
      assertThat(engine.hasImage(name)).isFalse();
      engine.removeImage(name);
      assertThat(engine.containers("io.springtide.framework", "nobody")).isEmpty();
    }
  }
}
