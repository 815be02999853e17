package io.springtide.server.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.partition.Engine;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.Pool;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.server.config.ConfigFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples are what the README has people run first. */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "..", "examples");

  @Test
  void theServersConfigurationReads() throws Exception {
    assertThat(ConfigFile.read(EXAMPLES.resolve("mesos.yaml")).cluster()).isEqualTo("prod");
  }

  @ParameterizedTest
  @ValueSource(strings = {"web.yaml", "web-docker.yaml"})
  void thePoolAndTheGroupCarryTheJob(String file) throws IOException {
    JobSpec job = JobDocument.read(read(file));
    Engine engine = new Engine();
    Pool pool = PoolDocument.read(read("pools.yaml"));
    Group group = GroupDocument.read(read("groups.yaml"));
    engine.putPool(pool);
    engine.putGroup(group);
    assertThat(job.id()).startsWith(group.path() + ".");
    assertThat(
            group
                .quotas()
                .get(pool.name())
                .guarantee()
                .covers(job.resources().times(job.instances())))
        .isTrue();
  }

  private static JsonNode read(String file) throws IOException {
    return Documents.yaml(Files.readAllBytes(EXAMPLES.resolve(file)));
  }
}
