package io.springtide.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written down, and for how long. */
class AuditTest {
  @TempDir Path dir;
  private Instant now = Instant.parse("2026-11-11T00:00:00Z");
  private Audit audit;

  @BeforeEach
  void open() throws Exception {
    audit = new Audit(new AuditFile(dir.resolve("audit"), 4000, 3), () -> now);
  }

  @Test
  void aChangeIsWrittenAtOnceForItsUserAlone() throws Exception {
    audit.changed(deed("ci", "PUT /v1/jobs/feed.api", 201));
    Path file = dir.resolve("audit/audit.jsonl");
    assertThat(Files.readString(file))
        .isEqualTo(
            "{\"at\":\"2026-11-11T00:00:00Z\",\"who\":\"ci\",\"from\":\"10.0.0.1\","
                + "\"what\":\"PUT /v1/jobs/feed.api\",\"status\":201}\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("audit"))))
        .isEqualTo("rwx------");
  }

  @Test
  void refusalsOfAKindAreAddedUpForAMinute() throws Exception {
    for (int i = 0; i < 1000; i++) {
      audit.refused(deed("", "GET /v1/jobs", 401));
      audit.refused(deed("ci", "PUT /v1/pools/x", 403));
    }
    assertThat(lines()).hasSize(2);
    now = now.plusSeconds(60);
    audit.changed(deed("ci", "PUT /v1/jobs/feed.api", 200));
    assertThat(lines()).hasSize(5);
    assertThat(lines().get(2)).contains("\"status\":401", "\"times\":999");
    assertThat(lines().get(3)).contains("\"status\":403", "\"times\":999");
    audit.refused(deed("", "GET /v1/jobs", 401));
    assertThat(lines()).as("a new minute").hasSize(6);
  }

  @Test
  void manyKindsBecomeOne() throws Exception {
    for (int i = 0; i < 5000; i++) {
      audit.refused(deed("", "GET /v1/jobs/j" + i, 401));
    }
    audit.close();
    long all =
        audit.newest(1000).stream()
            .filter(line -> line.path("what").asText().equals("(many)"))
            .mapToLong(line -> line.path("times").asLong(1))
            .sum();
    assertThat(all).isEqualTo(4000);
  }

  @Test
  void theNewestAreFirstAndTheOldestGo() throws Exception {
    for (int i = 0; i < 200; i++) {
      now = now.plusSeconds(1);
      audit.changed(deed("ci", "PUT /v1/jobs/j" + i, 200));
    }
    List<JsonNode> newest = audit.newest(40);
    assertThat(newest).hasSize(40);
    assertThat(newest.get(0).path("what").asText()).isEqualTo("PUT /v1/jobs/j199");
    assertThat(newest.get(39).path("what").asText()).isEqualTo("PUT /v1/jobs/j160");
    try (Stream<Path> files = Files.list(dir.resolve("audit"))) {
      assertThat(files.toList())
          .hasSize(3)
          .allSatisfy(f -> assertThat(Files.size(f)).isLessThan(4200));
    }
  }

  /** A process that was killed while it wrote. */
  @Test
  void aTornLineIsPassedOver() throws Exception {
    audit.changed(deed("ci", "PUT /v1/jobs/a", 200));
    Files.writeString(
        dir.resolve("audit/audit.jsonl"), "{\"at\":\"2026-1", StandardOpenOption.APPEND);
    open();
    audit.changed(deed("ci", "PUT /v1/jobs/b", 200));
    assertThat(audit.newest(10)).hasSize(2);
  }

  @Test
  void aCommitsLinesAreWrittenOnceAlsoOverARestart() throws Exception {
    List<String> two = List.of("{\"what\":\"a\"}", "{\"what\":\"b\"}");
    audit.replicated(7, two.subList(0, 1));
    open();
    assertThat(audit.version()).isEqualTo(7);
    audit.replicated(6, two);
    audit.replicated(7, two);
    audit.replicated(7, two);
    audit.replicated(9, List.of());
    assertThat(audit.version()).isEqualTo(9);
    audit.changed(deed("ci", "DELETE /v1/tokens/x", 204));
    assertThat(lines())
        .startsWith("{\"what\":\"a\",\"version\":7}", "{\"what\":\"b\",\"version\":7}")
        .hasSize(3);
    open();
    audit.replicated(7, two);
    assertThat(lines()).hasSize(3);
  }

  /** More lines of this server alone than are looked at first. */
  @Test
  void theLastCommitIsFoundBehindAllElse() throws Exception {
    audit = new Audit(new AuditFile(dir.resolve("audit"), 1 << 20, 3), () -> now);
    audit.replicated(7, List.of("{\"what\":\"a\"}"));
    for (int i = 0; i < 1500; i++) {
      audit.changed(deed("ci", "POST /v1/tokens", 201));
    }
    audit = new Audit(new AuditFile(dir.resolve("audit"), 1 << 20, 3), () -> now);
    assertThat(audit.version()).isEqualTo(7);
  }

  @Test
  void whatIsOlderThanNinetyDaysIsShownNoMoreAndGoes() throws Exception {
    audit.changed(deed("ci", "PUT /v1/jobs/old", 200));
    now = now.plus(Duration.ofDays(46));
    audit.changed(deed("ci", "PUT /v1/jobs/middle", 200));
    now = now.plus(Duration.ofDays(45));
    assertThat(audit.newest(10)).as("of today and 45 days ago").hasSize(1);
    now = now.plus(Duration.ofDays(10));
    audit.changed(deed("ci", "PUT /v1/jobs/new", 200));
    try (Stream<Path> files = Files.list(dir.resolve("audit"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("audit.jsonl", "audit.1.jsonl");
    }
  }

  private List<String> lines() throws Exception {
    return Files.readAllLines(dir.resolve("audit/audit.jsonl"));
  }

  private static Audit.Deed deed(String who, String what, int status) {
    return new Audit.Deed(who, "10.0.0.1", what, status);
  }
}
