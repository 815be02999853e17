package io.springtide.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of a whole cluster, and what is deleted of it. */
class ClusterTest {
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
  void quotasAreATreeWithWhatIsUsed() {
    String status =
        "'status': {'pools': {'idc': {'used': {'cpus': 1, 'memoryMiB': 128},"
            + " 'borrowed': {'cpus': 0.5, 'memoryMiB': 64}, 'lent': {'cpus': %s}}}}";
    server.when(
        "GET /v1/groups",
        "{'items': [{'path': 'weibo', 'quotas': {'idc': {'guarantee': {'cpus': 4}, 'lendable':"
            + " {'cpus': 4}, 'limit': {'cpus': 8}, 'weight': 2}}, "
            + status.formatted("0.25")
            + "}, {'path': 'weibo.feed', 'quotas': {'idc': {'limit': {'cpus': 6, 'gpus': 1}}}, "
            + status.formatted("0")
            + "}, {'path': 'weibo.new', 'quotas': {}}]}");
    assertThat(person.tide("group", "list")).isZero();
    assertThat(person.said())
        .containsPattern("(?m)^weibo +idc +2 +cpus +4 +1 +0.5 +0.25 +4 +8$")
        .containsPattern("(?m)^ +memoryMiB +0 +128 +64 +0 +0 +any$")
        .containsPattern("(?m)^  weibo.feed +idc +- +cpus +0 +1 +0.5 +0 +0 +6$")
        .containsPattern("(?m)^ +gpus +0 +0 +0 +0 +0 +1$")
        .containsPattern("(?m)^  weibo.new +- +-");
  }

  @Test
  void aStatusSaysWhichJobsAreNotWholeAndWhy() {
    server.when("GET /healthz", "{'status': 'leading', 'mesos': 'subscribed'}");
    server.when("GET /v1/pools", "{'items': [{'name': 'cloud'}, {'name': 'idc'}]}");
    server.when(
        "GET /v1/hosts",
        "{'items': [{'id': 'h1', 'pool': 'idc', 'condition': 'ready'}, {'id': 'h2', 'pool':"
            + " 'idc', 'condition': 'lost'}, {'id': 'h3', 'pool': 'idc', 'condition': 'ready'}]}");
    server.when(
        "GET /v1/jobs",
        "{'items': ["
            + job("a.whole", 1, "'ready': 1, 'current': 1, 'states': {'RUNNING': 1}")
            + ", "
            + job("a.waits", 1, "'ready': 0, 'current': 0, 'states': {'PENDING': 1}")
            + ", "
            + job("a.done", 1, "'ready': 0, 'current': 0, 'states': {'FINISHED': 1}")
            + ", "
            + job("a.old", 1, "'ready': 1, 'current': 0, 'states': {'RUNNING': 1}")
            + "]}");
    server.when(
        "GET /v1/jobs/a.waits/explain",
        "{'reasons': [{'reason': 'CPUS', 'detail': 'less than 1 cpu left'}]}");
    server.when("GET /v1/jobs/a.old/explain", "{'reasons': [], 'failures': []}");
    server.when(
        "GET /v1/orders",
        "{'items': [{'id': 'o1', 'pool': 'cloud', 'hosts': 2, 'state': 'failed', 'error':"
            + " {'kind': 'out-of-stock', 'message': 'none left'}}]}");
    assertThat(person.tide("status")).isZero();
    assertThat(person.said())
        .contains("The server is leading, Mesos subscribed", "Instances: 2 RUNNING, 1 PENDING")
        .containsPattern("(?m)^cloud +0 +none$")
        .containsPattern("(?m)^idc +3 +2 ready, 1 lost$")
        .contains("2 jobs are not whole:")
        .containsPattern("a.waits +0/1 +CPUS: less than 1 cpu left")
        .containsPattern("a.old +1/1 +1 do not run the newest version yet")
        .doesNotContain("a.whole", "a.done")
        .containsPattern("o1 +cloud +- +2 .* out-of-stock: none left");
    assertThat(person.tide("status", "-o", "json")).isZero();
    assertThat(person.said()).contains("\"wanted\" : 1");
    assertThat(person.tide("order", "list", "-o", "name")).isZero();
    assertThat(person.said().strip()).isEqualTo("o1");
  }

  private static String job(String id, int instances, String status) {
    return "{'id': '%s', 'instances': %d, 'status': {'phase': 'ACTIVE', 'instances': %d, %s}}"
        .formatted(id, instances, instances, status);
  }

  @Test
  void whatIsDeletedIsAskedAboutOnATerminal() {
    server.when("GET /v1/pools/idc", "{'name': 'idc', 'version': 7}");
    server.when(
        "POST /v1/plan", "{'evictions': [{'instance': 'a.b#1', 'job': 'a.b', 'for': 'a.c'}]}");
    server.when("DELETE /v1/pools/idc", FakeServer.send(204, ""));
    person.terminal = true;
    person.answers.add("n");
    assertThat(person.tide("pool", "delete", "idc")).isEqualTo(1);
    assertThat(person.said()).contains("a.b#1 makes way", "Delete pool idc? [y/N]", "Nothing was");
    assertThat(person.tide("pool", "delete", "idc")).as("no answer is no").isEqualTo(1);
    assertThat(server.asked).noneMatch(request -> request.startsWith("DELETE"));
    person.answers.add("y");
    assertThat(person.tide("pool", "delete", "idc")).isZero();
    assertThat(person.tide("pool", "delete", "idc", "--yes")).isZero();
    person.terminal = false;
    person.said();
    assertThat(person.tide("pool", "delete", "idc")).isZero();
    assertThat(person.said()).contains("pool idc deleted", "a.b#1 makes way").doesNotContain("?");
    assertThat(server.asked).filteredOn(request -> request.startsWith("DELETE")).hasSize(3);
  }

  @Test
  void whatNoPlanKnowsIsSaidAsItWouldBeSent() {
    server.when("GET /v1/hosts/h1", "{'id': 'h1'}");
    server.when("GET /v1/pools/idc", "{'name': 'idc'}");
    assertThat(person.tide("host", "remove", "h1", "--gone", "--dry-run")).isZero();
    assertThat(person.said()).contains("would send DELETE /v1/hosts/h1?gone=true");
    assertThat(person.tide("image", "warm", "a/b:1", "--pool", "idc", "--dry-run")).isZero();
    assertThat(person.said())
        .contains("would send POST /v1/pools/idc/images:warm {\"image\":\"a/b:1\"}");
    assertThat(person.tide("host", "remove", "h2", "--dry-run")).isEqualTo(1);
    assertThat(server.asked).allMatch(request -> request.startsWith("GET"));
  }

  @Test
  void aDryRunOfADeletionAsksNothing() {
    server.when("POST /v1/plan", "{'costPerHour': {'before': 0, 'after': 0}}");
    person.terminal = true;
    assertThat(person.tide("pool", "delete", "idc", "--dry-run")).isZero();
    assertThat(server.asked)
        .containsExactly("POST /v1/plan {\"changes\":[{\"remove\":{\"pool\":\"idc\"}}]}");
    server.when("POST /v1/plan", FakeServer.send(409, "{'title': 'Conflict', 'detail': 'no'}"));
    assertThat(person.tide("host", "uncordon", "h1", "--dry-run")).isEqualTo(1);
    assertThat(server.asked)
        .last()
        .isEqualTo("POST /v1/plan {\"changes\":[{\"host\":{\"id\":\"h1\",\"wish\":\"serve\"}}]}");
  }

  @Test
  void aWrongNameIsAnError() {
    for (String kind : new String[] {"pool", "group"}) {
      assertThat(person.tide(kind, "delete", "none", "--yes")).isEqualTo(1);
      assertThat(person.tide(kind, "get", "none")).isEqualTo(1);
      assertThat(person.complained()).contains("there is no such thing");
    }
    assertThat(server.asked).allMatch(request -> request.startsWith("GET"));
  }
}
