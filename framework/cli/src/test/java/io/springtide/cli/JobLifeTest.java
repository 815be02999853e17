package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What commands say of jobs whose attempts fail. */
class JobLifeTest {
  private FakeServer server;
  private Person person;

  @BeforeEach
  void serve() throws IOException {
    server = new FakeServer();
    person = new Person(server);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void aListSaysHowManyFailedAndWhenTheNextIsTried() {
    server.when(
        "GET /v1/jobs",
        "{'items': [{'id': 'feed.api', 'kind': 'service', 'instances': 3, 'version': 1, 'status':"
            + " {'phase': 'ACTIVE', 'ready': 1, 'states': {'RUNNING': 1, 'PENDING': 2}, 'backOff':"
            + " {'instances': 2, 'until': '2026-12-01T12:00:00.123456Z', 'failures': 5, 'why':"
            + " 'exit 7'}}}]}");
    assertThat(person.tide("job", "list")).isZero();
    assertThat(person.said())
        .contains("1 RUNNING, 2 PENDING; 2 failed, the next attempt at 2026-12-01T12:00:00Z");
  }

  @Test
  void whatIsHeldAndHowRunsEndedIsSaid() {
    String job =
        "{'id': 'feed.sum', 'kind': 'batch', 'instances': 9, 'version': 1, 'status': {'phase':"
            + " 'FAILED', 'ready': 0, 'current': 0, 'states': {'FAILED': 2}, 'held': {'instances':"
            + " 7, 'reason': 'PARALLELISM', 'detail': 'x'}, 'runs': [{'number': 3, 'state':"
            + " 'FAILED', 'began': '2026-01-01T00:00:00Z', 'ended': '2026-01-01T01:00:00Z',"
            + " 'finished': 0, 'failed': 9, 'why': 'its run was not done'}]}}";
    server.when("GET /v1/jobs", "{'items': [" + job + "]}");
    server.when("GET /v1/jobs/feed.sum", job);
    server.when("GET /v1/jobs/feed.sum/instances", "{'items': []}");
    server.when(
        "GET /v1/jobs/feed.sum/explain",
        "{'job': 'feed.sum', 'wanted': 9, 'pending': 0, 'reasons': [], 'failures': []}");
    assertThat(person.tide("job", "list")).isZero();
    assertThat(person.said()).contains("2 FAILED, 7 held (PARALLELISM)");
    assertThat(person.tide("job", "status", "feed.sum")).isZero();
    assertThat(person.said())
        .contains("run 3 FAILED ")
        .contains(" ago: 0 finished, 9 failed; its run was not done");
  }

  @Test
  void whichHostsAJobAvoidsIsExplainedWithTheWordsOfTheFailures() {
    server.when(
        "GET /v1/jobs/feed.api/explain",
        "{'job': 'feed.api', 'wanted': 3, 'pending': 1, 'reasons': [], 'failures': [], 'avoids':"
            + " [{'host': 'h1', 'failures': 3, 'why': 'exit 7', 'until':"
            + " '2026-12-01T12:00:00.5Z'}]}");
    assertThat(person.tide("explain", "feed.api")).isZero();
    assertThat(person.said())
        .contains(
            "avoids host h1 until 2026-12-01T12:00:00Z: 3 attempts in a row failed there (exit 7)");
  }
}
