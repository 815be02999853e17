package io.springtide.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.springtide.server.config.ConfigFile;
import io.springtide.server.document.JobDocument;
import io.springtide.server.document.PlanDocument;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What we hand out as examples the server understands. */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("..", "examples");
  private final YAMLMapper yaml = new YAMLMapper();

  @Test
  void everyExampleIsAJobOrAConfigurationThatIsAccepted() throws Exception {
    int seen = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(EXAMPLES, "*.yaml")) {
      for (Path file : files) {
        var document = yaml.readTree(Files.readString(file));
        assertThatCode(
                () -> {
                  if (document.has("mesos")) {
                    ConfigFile.read(file);
                  } else if (document.has("changes")) {
                    PlanDocument.read(document, pool -> {});
                  } else {
                    JobDocument.read(document);
                  }
                })
            .as(file.toString())
            .doesNotThrowAnyException();
        seen++;
      }
    }
    assertThat(seen).isGreaterThanOrEqualTo(3);
  }
}
