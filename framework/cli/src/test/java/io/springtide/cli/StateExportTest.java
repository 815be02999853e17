package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tide state}: a copy that is whole, or none. */
class StateExportTest {
  private static final String HEAD =
      "{\"springtide\":\"state\",\"format\":5,\"version\":9,\"changes\":2}\n";
  private static final String WHOLE = HEAD + "{}\n{}\n{\"end\":true,\"changes\":2}\n";

  @TempDir Path dir;
  private FakeServer server;
  private Person person;

  @BeforeEach
  void serve() throws Exception {
    server = new FakeServer();
    person = new Person(server);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void itIsPrintedAsItComesAndCountedBeside() {
    server.when("GET /v1/state", WHOLE);
    assertThat(person.tide("state", "export")).isZero();
    assertThat(person.said()).isEqualTo(WHOLE);
    assertThat(person.complained()).contains("2 records");
  }

  @Test
  void itIsWrittenToANewFileForItsUserAlone() throws Exception {
    server.when("GET /v1/state", WHOLE);
    Path file = dir.resolve("state.jsonl");
    assertThat(person.tide("state", "export", "--to", file.toString())).isZero();
    assertThat(Files.readString(file)).isEqualTo(WHOLE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(person.said()).isEmpty();
    person.complained();
    assertThat(person.tide("state", "export", "--to", file.toString())).isEqualTo(2);
    assertThat(person.complained()).contains("is there already", "name a new file");
    assertThat(Files.readString(file)).as("it stays as it was").isEqualTo(WHOLE);
  }

  @Test
  void oneThatWasCutOffIsNoCopy() {
    for (String part : List.of("", HEAD, HEAD + "{}\n", HEAD + "{}\n{}\n", HEAD + "{}\n{}\n{}\n")) {
      server.when("GET /v1/state", part);
      Path file = dir.resolve("state.jsonl");
      assertThat(person.tide("state", "export", "--to", file.toString())).as(part).isEqualTo(3);
      assertThat(person.complained()).contains("did not come whole");
      assertThat(file).doesNotExist();
    }
  }

  @Test
  void whoMayNotIsToldAndAnImportIsTheServersOwn() {
    server.when(
        "GET /v1/state", FakeServer.send(403, "{'title': 'Not allowed', 'detail': 'an admin'}"));
    assertThat(person.tide("state", "export")).isEqualTo(1);
    assertThat(person.complained()).contains("an admin");
    assertThat(person.tide("state", "import", "--config", "server.yaml")).isEqualTo(2);
    assertThat(person.complained()).contains("tide state import --config FILE");
  }
}
