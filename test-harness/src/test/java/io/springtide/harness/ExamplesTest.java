package io.springtide.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.springtide.scheduler.job.FailurePolicy;
import io.springtide.server.config.ConfigException;
import io.springtide.server.config.ConfigFile;
import io.springtide.server.document.GroupDocument;
import io.springtide.server.document.JobDocument;
import io.springtide.server.document.PlanDocument;
import io.springtide.server.document.PoolDocument;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What we hand out as examples the server understands. */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "examples");
  private final YAMLMapper yaml = new YAMLMapper();

  @Test
  void everyExampleIsAccepted() throws Exception {
    int seen = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(EXAMPLES, "*.yaml")) {
      for (Path file : files) {
        try (MappingIterator<JsonNode> documents =
            yaml.readerFor(JsonNode.class).readValues(Files.readString(file))) {
          while (documents.hasNext()) {
            JsonNode document = documents.next();
            assertThatCode(() -> read(file, document)).as("%s", file).doesNotThrowAnyException();
            seen++;
          }
        }
      }
    }
    assertThat(seen).isGreaterThanOrEqualTo(3);
  }

  private static void read(Path file, JsonNode document) throws ConfigException {
    if (document.has("mesos")) {
      ConfigFile.read(file);
    } else if (document.has("changes")) {
      PlanDocument.read(document, pool -> {}, FailurePolicy.DEFAULT);
    } else if (document.has("path")) {
      GroupDocument.read(document);
    } else if (document.has("name")) {
      PoolDocument.read(document);
    } else {
      JobDocument.read(document);
    }
  }
}
