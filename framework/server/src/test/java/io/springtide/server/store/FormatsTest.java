package io.springtide.server.store;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.springtide.scheduler.job.JobNotes;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Job;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Formats go forward only: what is older is upgraded, what is newer is refused. */
class FormatsTest extends OnZooKeeper {
  private static final int LATER = Formats.CURRENT + 1;

  @Test
  void aStateOfALaterFormatIsRefusedBeforeAnythingIsWritten() throws Exception {
    byte[] head = ("7 42 " + LATER + " and more").getBytes(US_ASCII);
    curator.create().creatingParentsIfNeeded().forPath("/leader", head);
    try (ZooKeeperStateStore store = new ZooKeeperStateStore(curator)) {
      assertThatThrownBy(store::load)
          .isInstanceOf(StoreException.class)
          .hasMessage(
              "the stored state has format %d and this release reads none after %d:"
                      .formatted(LATER, Formats.CURRENT)
                  + " start the release that wrote it, or a later one; nothing was changed");
    }
    assertThat(curator.getData().forPath("/leader")).isEqualTo(head);
    assertThat(curator.checkExists().forPath("/leader").getVersion()).isZero();
  }

  @Test
  void anEntryOfALaterFormatIsRefusedToo() {
    assertThatThrownBy(() -> Entry.stored((LATER + "p[]").getBytes(US_ASCII)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("format " + LATER);
  }

  /** Processes of format 1 know two numbers, and entries that begin with p, z or e. */
  @Test
  void aProcessOfTheFirstFormatDoesNotTakeWhatIsWrittenNow() {
    assertThat(new String(new Head(7, 42, Formats.CURRENT).toBytes(), US_ASCII))
        .as("it reads the second number to the end, and ends on what is none")
        .matches("\\d+ \\d+ \\d+");
    assertThat(Entry.of("[]".getBytes(UTF_8))[0]).isNotIn((byte) 'p', (byte) 'z', (byte) 'e');
    assertThat(Entry.elsewhere("1-1")[0]).isNotIn((byte) 'p', (byte) 'z', (byte) 'e');
  }

  @Test
  void whatIsWrittenReadsBackWithItsFormat() throws Exception {
    for (String text : List.of("[]", "x".repeat(5000))) {
      Stored stored = Entry.stored(Entry.of(text.getBytes(UTF_8)));
      assertThat(stored.format()).isEqualTo(Formats.CURRENT);
      assertThat(stored.text()).asString(UTF_8).isEqualTo(text);
    }
    assertThat(Entry.isElsewhere(Entry.elsewhere("12-34"))).isTrue();
    assertThat(Entry.name(Entry.elsewhere("12-34"))).isEqualTo("12-34");
    assertThat(Entry.stored("p[]".getBytes(UTF_8)).format()).as("no number").isEqualTo(1);
  }

  @Test
  void aComponentThatIsMissingIsAnErrorAndNotNothing() {
    String text = "[{\"@\":\"CounterSet\",\"name\":\"c\"}]";
    assertThatThrownBy(() -> read(1, text))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("value");
  }

  @Test
  void aPoolFromBeforePoolsSharedAnythingSharesNothing() {
    ObjectNode change = (ObjectNode) ChangeCodec.tree(everything()).get(1);
    ((ObjectNode) change.get("pool")).remove("shared");
    List<Change> read = read(1, "[" + change + "]");
    assertThat(((Change.PoolPut) read.get(0)).pool().shared()).isEmpty();
  }

  @Test
  void aBudgetOfNoneSaysWhatItActedAs() {
    JsonNode changes = ChangeCodec.tree(everything());
    for (JsonNode change : changes) {
      if (change.path("@").asText().equals("JobPut")) {
        ((ObjectNode) change.at("/job/spec/update")).put("maxUnavailable", 0);
        ((ObjectNode) change.at("/job/earlier/0/spec/update")).put("maxUnavailable", 0);
      }
    }
    List<Job> jobs =
        read(1, changes.toString()).stream()
            .filter(Change.JobPut.class::isInstance)
            .map(change -> ((Change.JobPut) change).job())
            .toList();
    assertThat(jobs).isNotEmpty();
    for (Job job : jobs) {
      assertThat(job.spec().update().maxUnavailable()).isEqualTo(1);
      assertThat(job.earlier().get(0).spec().update().maxUnavailable()).isEqualTo(1);
    }
  }

  /** Until format 3 instances did not say what they want: the newest, or what they run. */
  @Test
  void anInstanceThatRunsOnWantsWhatItRunsAndAnyOtherTheNewestOfThatTime() {
    assertThat(wanted("RUN", 2)).as("it runs on").isEqualTo(2);
    assertThat(wanted("REPLACE", 2)).as("it is being replaced").isEqualTo(8);
    assertThat(wanted("RUN", 0)).as("it waits").isEqualTo(8);
  }

  /** What an instance of format 2 wants whose job's newest revision is 8. */
  private static long wanted(String goal, long runs) {
    JsonNode changes = ChangeCodec.tree(everything());
    for (JsonNode change : changes) {
      if (change.path("instance") instanceof ObjectNode instance) {
        instance.remove("revision");
        instance.put("goal", goal);
        if (runs > 0) {
          ((ObjectNode) instance.get("task")).put("revision", runs);
        } else {
          instance.put("state", "PENDING").putNull("task");
        }
      }
    }
    return read(2, changes.toString()).stream()
        .filter(Change.InstancePut.class::isInstance)
        .map(change -> ((Change.InstancePut) change).instance().revision())
        .findFirst()
        .orElseThrow();
  }

  /** Until format 4 jobs had neither. */
  @Test
  void aJobFromBeforeJobsHadLabelsHasNoneAndNoOwner() {
    JsonNode changes = ChangeCodec.tree(everything());
    for (JsonNode change : changes) {
      if (change.path("job") instanceof ObjectNode job) {
        ((ObjectNode) job.get("spec")).remove("notes");
        ((ObjectNode) job.at("/earlier/0/spec")).remove("notes");
      }
    }
    assertThat(read(3, changes.toString()))
        .filteredOn(Change.JobPut.class::isInstance)
        .extracting(change -> ((Change.JobPut) change).job())
        .isNotEmpty()
        .allSatisfy(job -> assertThat(job.spec().notes()).isEqualTo(JobNotes.NONE))
        .allSatisfy(
            job -> assertThat(job.earlier().get(0).spec().notes()).isEqualTo(JobNotes.NONE));
  }

  @Test
  void aStepFindsItsRecordWhereverItStands() {
    List<String> found = new ArrayList<>();
    Upgrade upgrade =
        new Upgrade()
            .in("JobSpec", spec -> found.add("spec " + spec.path("id").asText()))
            .in("Task", task -> found.add("task " + task.path("id").asText()))
            .in("HostTemplate", template -> found.add("template"))
            .in("Quota", quota -> found.add("quota"))
            .in("Http", probe -> found.add("http " + probe.path("path").asText()))
            .in("Exclusive", constraint -> found.add("exclusive"));
    upgradeEverything(upgrade);
    assertThat(found)
        .containsExactlyInAnyOrder(
            "template", // of a pool
            "quota",
            "spec weibo.feed.api",
            "http /ping",
            "exclusive",
            "spec weibo.feed.api", // of an earlier revision
            "http /ping",
            "exclusive",
            "task weibo.feed.api.3.2", // of an instance
            "template", // of a host's origin
            "task weibo.feed.api.3.2", // of a host's warden
            "template", // of an order
            "template"); // of a host that is gone
  }

  @Test
  void aStepMayLookAtWhatStoodBefore() {
    List<String> found = new ArrayList<>();
    upgradeEverything(
        new Upgrade()
            .in("Pool", pool -> pool.put("zone", "upgraded"))
            .in(
                "Host",
                (host, before) -> {
                  JsonNode pool = before.pool(host.path("pool").asText());
                  found.add("zone " + pool.path("zone").asText());
                  found.add("none " + before.order("token-1").isMissingNode());
                }));
    assertThat(found).containsExactly("zone upgraded", "none true");
  }

  @Test
  void everyDurableRecordIsFoundByUpgrades() {
    assertThat(Durable.records())
        .allSatisfy(
            (place, type) -> {
              String record = place.substring(0, place.indexOf('.'));
              String component = place.substring(place.indexOf('.') + 1);
              String stands =
                  Upgrade.STANDS.getOrDefault(record, java.util.Map.of()).get(component);
              if ("Quotas".equals(stands)) {
                stands = Upgrade.STANDS.get("Quotas").get("*");
              }
              assertThat(stands).as("what Upgrade.STANDS says of %s", place).isEqualTo(type);
            });
  }

  private static void upgradeEverything(Upgrade upgrade) {
    Upgrade.Before before = new Upgrade.Before();
    ChangeCodec.tree(everything()).forEach(change -> upgrade.apply((ObjectNode) change, before));
  }

  private static byte[] everything() {
    return ChangeCodec.toBytes(SampleState.everyChange());
  }

  private static List<Change> read(int format, String text) {
    return new ChangeReader().read(new Stored(format, text.getBytes(UTF_8)));
  }
}
