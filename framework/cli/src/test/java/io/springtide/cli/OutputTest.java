package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms in which results are printed, once and again. */
class OutputTest {
  private static final String LIST =
      "{'items': [{'id': 'h1', 'pool': 'idc', 'condition': 'ready', 'since':"
          + " '2026-01-01T00:00:00Z'}, {'id': 'h2', 'pool': 'idc', 'condition': 'lost', 'since':"
          + " '2026-01-01T00:00:00Z'}]}";

  @TempDir Path dir;
  private FakeServer server;
  private Person person;

  @BeforeEach
  void serve() throws IOException {
    server = new FakeServer();
    person = new Person(server);
    server.when("GET /v1/hosts", LIST);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void namesComeOneALine() {
    assertThat(person.tide("host", "list", "-o", "name")).isZero();
    assertThat(person.said().lines()).containsExactly("h1", "h2");
    server.when("GET /v1/groups", "{'items': [{'path': 'a.b', 'quotas': {}}]}");
    assertThat(person.tide("group", "list", "-o", "name")).isZero();
    assertThat(person.said().lines()).containsExactly("a.b");
    server.when("POST /v1/hosts/h1:drain", "{'id': 'h1', 'condition': 'draining'}");
    assertThat(person.tide("host", "drain", "h1", "-o", "name")).isZero();
    assertThat(person.said().lines()).containsExactly("h1");
    server.when("DELETE /v1/jobs/a.b", FakeServer.send(204, ""));
    assertThat(person.tide("job", "stop", "a.b", "-o", "name")).isZero();
    assertThat(person.said().lines()).containsExactly("a.b");
  }

  @Test
  void whatHasNoNameIsNotPrintedByName() throws IOException {
    server.when("POST /v1/plan", "{'costPerHour': {'before': 0, 'after': 0}}");
    Path file = Files.writeString(dir.resolve("job.yaml"), "id: a.b");
    assertThat(person.tide("plan", file.toString(), "-o", "name")).isEqualTo(2);
    assertThat(person.complained()).contains("no names", "-o json");
    assertThat(person.tide("host", "list", "-o", "nmae")).isEqualTo(2);
  }

  @Test
  void whatIsPrintedAsYamlIsReadAsTheSame() throws Exception {
    ArrayNode documents = Api.JSON.createArrayNode();
    for (String hard :
        List.of(
            "",
            " ",
            "yes",
            "No",
            "null",
            "~",
            "on",
            "1",
            "1e3",
            "0x1F",
            "0o7",
            "1_000",
            ".5",
            "-",
            "- a",
            "a: b",
            "a #b",
            "#",
            "'",
            "\"",
            "&a",
            "*a",
            "!x",
            "%",
            "@",
            "`",
            "|",
            ">",
            "a\nb",
            "a\nb\n",
            " a\nb ",
            "\ta",
            "a\r\nb",
            "a\tb",
            "---",
            "---\na",
            "...",
            "\\n",
            "{a",
            "[a",
            "a]",
            "a,b",
            "?",
            "? a",
            ":",
            "a:",
            "=",
            "<<",
            "2026-01-01",
            "12:30:45",
            "é漢字",
            "\u0007",
            "\u0085",
            "\u2028",
            "\ud83d\ude00",
            "true",
            "NaN",
            ".inf",
            "x".repeat(500),
            "word ".repeat(100))) {
      ObjectNode document = documents.addObject().put("id", hard).put("number", 0.125);
      document.putObject("of").put(hard, hard);
      document.putArray("list").add(hard).add(true).add(12345678901234L).add(hard);
    }
    Path file = dir.resolve("all.yaml");
    Files.writeString(file, io.springtide.cli.Files.yaml(documents));
    List<ObjectNode> read = io.springtide.cli.Files.read(file);
    assertThat(read).hasSameSizeAs(documents);
    for (int i = 0; i < read.size(); i++) {
      // By their texts: the reader takes decimals as they are written.
      assertThat(read.get(i).toString()).isEqualTo(documents.get(i).toString());
    }
  }

  @Test
  void statesHaveColoursOnTerminalsOnly() {
    String ready = "\u001b[32mready\u001b[0m";
    person.tide("host", "list");
    assertThat(person.said()).contains("ready").doesNotContain("\u001b");
    person.terminal = true;
    person.tide("host", "list");
    assertThat(person.said())
        .contains("h1  idc   " + ready + "      -", "h2  idc   \u001b[31mlost\u001b[0m       -");
    person.tide("host", "list", "--color=never");
    assertThat(person.said()).doesNotContain("\u001b");
    person.tide("host", "list", "-o", "json");
    assertThat(person.said()).doesNotContain("\u001b");
    person.environment.put("NO_COLOR", "1");
    person.tide("host", "list");
    assertThat(person.said()).doesNotContain("\u001b");
    person.tide("host", "list", "--color=always");
    assertThat(person.said()).contains(ready);
  }

  @Test
  void watchingPrintsOnlyWhatHasChanged() {
    person.pauses.add(() -> {});
    person.pauses.add(() -> server.when("GET /v1/hosts", LIST.replace("lost", "ready")));
    person.pauses.add(() -> {});
    assertThat(person.tide("host", "list", "--watch")).isZero();
    assertThat(person.paused).containsOnly(2000L).hasSize(4);
    String said = person.said();
    assertThat(said.lines().filter(line -> line.startsWith("ID"))).hasSize(2);
    assertThat(said).as("an age would change each second").contains("2026-01-01T00:00:00Z");
  }

  @Test
  void aTerminalShowsTheNewPictureInPlaceOfTheLast() {
    person.terminal = true;
    person.pauses.add(() -> {});
    assertThat(person.tide("host", "list", "-w=5", "--color=never")).isZero();
    assertThat(person.paused).containsOnly(5000L);
    assertThat(person.said().split("\u001b\\[H\u001b\\[2J", -1))
        .hasSize(3)
        .allMatch(picture -> picture.isEmpty() || picture.startsWith("ID"));
  }

  @Test
  void watchingBearsALeadersChangeAndEndsWithWhatIsGone() {
    server.when("GET /v1/pools/idc", "{'name': 'idc'}");
    person.pauses.add(
        () -> server.when("GET /v1/pools/idc", FakeServer.send(503, "{'title': 'No leader'}")));
    person.pauses.add(() -> server.when("GET /v1/pools/idc", "{'name': 'idc', 'kind': 'owned'}"));
    person.pauses.add(() -> server.when("GET /v1/pools/idc", FakeServer.send(404, "{}")));
    person.pauses.add(() -> {});
    assertThat(person.tide("pool", "get", "-w", "idc")).as("what -w stands before").isEqualTo(1);
    assertThat(person.said()).contains("pool idc, -", "pool idc, owned");
    assertThat(person.complained()).contains("No leader", "404");
    assertThat(person.pauses).hasSize(1);
  }

  @Test
  void aTimeThatIsNoneIsRefused() {
    for (String seconds : List.of("0", "3601", "-1")) {
      assertThat(person.tide("host", "list", "--watch=" + seconds)).isEqualTo(2);
      assertThat(person.complained()).contains("1 to 3600");
    }
    assertThat(person.tide("host", "list", "--watch=soon")).isEqualTo(2);
    assertThat(server.asked).isEmpty();
  }

  @Test
  void whoEndsWatchingEndsItWell() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            TideMain.class.getName(),
            "host",
            "list",
            "--watch=3600",
            "--api",
            server.url());
    Process tide = builder.start();
    try (BufferedReader out = tide.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).startsWith("ID");
      // As INT does; but that is ignored by all that a shell has started in the background.
      new ProcessBuilder("kill", "-TERM", Long.toString(tide.pid())).start().waitFor();
      assertThat(tide.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(tide.exitValue()).isZero();
    } finally {
      tide.destroyForcibly();
    }
  }
}
