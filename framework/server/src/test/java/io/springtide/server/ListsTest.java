package io.springtide.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.springtide.server.mesos.FakeMesos;
import java.net.URLEncoder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a list is asked for, and nothing else, is what comes. */
class ListsTest {
  private static final String JOB =
      "{\"resources\": {\"cpus\": 1, \"memoryMiB\": 64}, \"instances\": 1,"
          + " \"container\": {\"image\": \"a:1\"}%s}";

  private Framework framework;

  @BeforeEach
  void threeJobsOfTwoTeams() {
    framework = Framework.start(new Framework.Durable());
    framework.put(
        "/v1/pools/idc",
        "{\"kind\": \"owned\", \"zone\": \"z1\", \"selector\": {\"place\": \"idc\"}}");
    framework.put(
        "/v1/pools/far",
        "{\"kind\": \"owned\", \"zone\": \"z2\", \"selector\": {\"place\": \"far\"}}");
    for (String group : List.of("feed", "search")) {
      framework.put("/v1/groups/" + group, "{\"quotas\": {\"idc\": {\"limit\": {\"cpus\": 8}}}}");
    }
    job("feed.api", ", \"labels\": {\"team\": \"feed\", \"tier\": \"1\"}, \"owner\": \"f@x\"");
    job("feed.web", ", \"labels\": {\"team\": \"feed\", \"tier\": \"2\"}, \"owner\": \"g@x\"");
    job("search.api", ", \"labels\": {\"team\": \"search\", \"beta\": \"\"}");
  }

  private void job(String id, String more) {
    assertThat(framework.put("/v1/jobs/" + id, JOB.formatted(more)).status()).isEqualTo(201);
  }

  @AfterEach
  void stop() {
    framework.close();
    assertThat(framework.died()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "group=feed                         | feed.api feed.web",
        "name=*.api                         | feed.api search.api",
        "name=feed.???                      | feed.api feed.web",
        "name=feed                          | ",
        "label=team                         | feed.api feed.web search.api",
        "label=team%3Dfeed                  | feed.api feed.web",
        "label=team%3Dfeed&label=tier%3D1   | feed.api",
        "label=beta%3D                      | search.api",
        "label=beta%3Dno                    | ",
        "owner=f%40x                        | feed.api",
        "owner=                             | search.api",
        "label=team%3Dfeed&name=*.web       | feed.web",
      })
  void jobsAndTheirInstancesAreFoundByNameLabelsAndOwner(String query, String found) {
    List<String> ids = found == null ? List.of() : List.of(found.split(" "));
    assertThat(texts("/v1/jobs?" + query, "id")).isEqualTo(ids);
    assertThat(texts("/v1/instances?" + query, "job")).isEqualTo(ids);
  }

  @Test
  void jobsAreFoundByTheirPhase() {
    assertThat(texts("/v1/jobs?state=ACTIVE", "id")).hasSize(3);
    assertThat(texts("/v1/jobs?state=removing", "id")).isEmpty();
    assertThat(texts("/v1/jobs?state=removing,active", "id")).hasSize(3);
  }

  @Test
  void filtersAndPagesGoTogether() {
    JsonNode first = framework.get("/v1/jobs?label=team&name=*.api&limit=1").body();
    assertThat(first.at("/items/0/id").asText()).isEqualTo("feed.api");
    JsonNode second =
        framework
            .get("/v1/jobs?label=team&name=*.api&limit=1&cursor=" + first.path("next").asText())
            .body();
    assertThat(second.at("/items/0/id").asText()).isEqualTo("search.api");
    assertThat(second.has("next")).isFalse();
  }

  @Test
  void aChangeOfLabelsIsFoundAtOnceAndTold() {
    Framework.Answer read = framework.get("/v1/jobs/feed.api");
    assertThat(read.body().at("/labels/tier").asText()).isEqualTo("1");
    assertThat(read.body().path("owner").asText()).isEqualTo("f@x");
    String etag = read.headers().firstValue("ETag").orElseThrow();
    try (Feed feed = Feed.of(framework.port())) {
      String changed = JOB.formatted(", \"labels\": {\"team\": \"ads\"}");
      assertThat(framework.put("/v1/jobs/feed.api", changed, "If-Match", etag).status())
          .isEqualTo(200);
      JsonNode told = feed.next("job", "feed.api");
      assertThat(told.at("/labels/team").asText()).isEqualTo("ads");
      assertThat(told.has("owner")).isFalse();
      assertThat(framework.put("/v1/jobs/feed.api", changed, "If-Match", etag).status())
          .isEqualTo(412);
    }
    assertThat(texts("/v1/jobs?label=team%3Dads", "id")).containsExactly("feed.api");
    assertThat(texts("/v1/jobs?label=team%3Dfeed", "id")).containsExactly("feed.web");
  }

  @Test
  void hostsAreFoundByTheirZone() {
    framework.mesos.subscribe();
    framework.mesos.offer("S1", FakeMesos.wholeHost());
    framework.mesos.launched();
    assertThat(texts("/v1/hosts?zone=z1", "zone")).containsExactly("z1");
    assertThat(texts("/v1/hosts?zone=z2", "zone")).isEmpty();
    assertThat(texts("/v1/hosts?zone=z1&pool=far", "zone")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/jobs/feed.api?fields=id | {\"id\":\"feed.api\"}",
        "/v1/jobs/feed.api?fields=status.phase,instances,id | "
            + "{\"status\":{\"phase\":\"ACTIVE\"},\"instances\":1,\"id\":\"feed.api\"}",
        "/v1/jobs/feed.api?fields=labels,labels.team |"
            + " {\"labels\":{\"team\":\"feed\",\"tier\":\"1\"}}",
        "/v1/jobs/feed.api?fields=labels.team,labels.none | {\"labels\":{\"team\":\"feed\"}}",
        "/v1/jobs/search.api?fields=owner | {}",
        "/v1/jobs?fields=owner&name=feed.* | {\"items\":[{\"owner\":\"f@x\"},{\"owner\":\"g@x\"}]}",
        "/v1/pools/idc?fields=name,hosts.min | {\"name\":\"idc\",\"hosts\":{\"min\":0}}",
        "/v1/groups/feed?fields=quotas.idc.weight | {\"quotas\":{\"idc\":{\"weight\":1}}}",
        "/v1/groups?fields=path | {\"items\":[{\"path\":\"feed\"},{\"path\":\"search\"}]}",
        "/v1/instances/feed.api%230?fields=id | {\"id\":\"feed.api#0\"}",
        "/v1/jobs/feed.api/instances?fields=state | {\"items\":[{\"state\":\"PENDING\"}]}",
        "/v1/jobs/feed.api/explain?fields=job,instances.id | "
            + "{\"job\":\"feed.api\",\"instances\":[{\"id\":\"feed.api#0\"}]}",
        "/v1/hosts?fields=id | {\"items\":[]}",
        "/v1/orders?fields=id | {\"items\":[]}",
      })
  void onlyTheFieldsThatAreAskedForAreWritten(String path, String answer) {
    assertThat(framework.get(path).body().toString()).isEqualTo(answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/jobs?fields=stauts.ready           | fields | did you mean 'status'?",
        "/v1/jobs?fields=status.raedy           | fields | did you mean 'ready'?",
        "/v1/jobs?fields=                       | fields | known are",
        "/v1/jobs?fields=id,,kind               | fields | known are",
        "/v1/jobs/feed.api?feilds=id            | feilds | did you mean 'fields'?",
        "/v1/hosts?fields=conditoin             | fields | did you mean 'condition'?",
        "/v1/jobs?label=Team                    | label  | KEY=VALUE",
        "/v1/jobs?label=%3Dfeed                 | label  | KEY=VALUE",
        "/v1/jobs?name=                         | name   | weibo.feed.*",
        "/v1/jobs?state=RUNNING                 | state  | WAITING, ACTIVE, FINISHED",
        "/v1/jobs?owner=a&owner=b               | owner  | once",
        "/v1/instances?zone=z1                  | zone   | known are",
      })
  void whatCannotBeAskedForIsToldWhatCan(String path, String field, String fix) {
    Framework.Answer answer = framework.get(path);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(400);
    assertThat(answer.text("field")).isEqualTo(field);
    assertThat(answer.text("fix")).contains(fix);
  }

  @Test
  void moreLabelsThanAJobCanHaveAreRefused() {
    assertThat(framework.get("/v1/jobs?" + "label=a&".repeat(33) + "limit=1").text("field"))
        .isEqualTo("label");
    String name = URLEncoder.encode("*".repeat(257), UTF_8);
    assertThat(framework.get("/v1/jobs?name=" + name).text("field")).isEqualTo("name");
  }

  private List<String> texts(String path, String field) {
    Framework.Answer answer = framework.get(path);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
    List<String> texts = new ArrayList<>();
    answer.body().path("items").forEach(item -> texts.add(item.path(field).asText()));
    return texts;
  }
}
