package io.springtide.executor.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The contract in the API of old engines: 1.3 (API 1.15), 1.6 (1.18) and 1.12 (1.24). */
class DockerApiVersionsTest {
  abstract static class Pinned extends OnDocker {
    abstract String version();

    @Override
    ContainerRuntime create() {
      return new DockerRuntime(owner, Map.of("DOCKER_API_VERSION", version()));
    }
  }

  /**
   * docker-java does not read the statistics of an API before 1.21, which are laid out otherwise.
   */
  abstract static class WithoutUsage extends Pinned {
    @Override
    @Test
    void itsUseIsKnown() throws InterruptedException {
      var container = start("t1", "/bin/sh", "-c", UNTIL_TERM);
      awaitOutput("t1", "ready");
      assertThat(done(container.usage())).isEmpty();
    }
  }

  @Nested
  class Api115 extends WithoutUsage {
    @Override
    String version() {
      return "1.15";
    }
  }

  @Nested
  class Api118 extends WithoutUsage {
    @Override
    String version() {
      return "1.18";
    }
  }

  @Nested
  class Api124 extends Pinned {
    @Override
    String version() {
      return "1.24";
    }
  }
}
