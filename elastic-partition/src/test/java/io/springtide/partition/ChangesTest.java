package io.springtide.partition;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.guaranteed;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.ids;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.owned;
import static io.springtide.partition.Documents.priority;
import static io.springtide.partition.Documents.rigid;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.answer.Demotion;
import io.springtide.partition.answer.Eviction;
import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.answer.Refusal;
import io.springtide.partition.model.Allocation;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds while hosts and jobs change under what runs. */
class ChangesTest {
  private static final Resources HOST = Resources.of(4_000, 8_192);
  private static final Resources CORE = Resources.of(1_000, 1_024);

  private final Engine engine = Engine.withoutOffers();

  @BeforeEach
  void onePool() {
    engine.putPool(owned("idc"));
    engine.putGroup(group("feed", Map.of("idc", unlimited())));
  }

  @Test
  void aPortThatIsHeldIsNotGivenAwayAfterItsHostLostAndFoundItsRange() {
    engine.putHost(host("h1", "idc", HOST));
    JobDemand web =
        new JobDemand("feed.web", "feed", CORE, List.of(), 1, List.of(), List.of(), 1, true);
    engine.putJob(web);
    List<Placement> first = engine.place("feed.web", ids("a", 0, 1), NOON).placements();
    HostSpec known = host("h1", "idc", HOST);
    engine.putHost(Documents.with(known, Resources.ZERO, PortRanges.of(40_000, 40_010)));
    engine.putHost(known);

    List<Placement> second = engine.place("feed.web", ids("b", 0, 1), NOON).placements();
    assertThat(second.get(0).ports()).doesNotContainAnyElementsOf(first.get(0).ports());
  }

  @Test
  void whoMayBorrowIsAMatterOfWhatItsJobAllowsNow() {
    engine.putHost(host("h1", "idc", HOST));
    engine.putGroup(group("feed", Map.of("idc", guaranteed(HOST))));
    engine.putJob(job("feed.firm", CORE));
    engine.putJob(job("feed.soft", CORE));
    engine.place("feed.firm", ids("f", 0, 2), NOON);
    engine.place("feed.soft", ids("s", 0, 2), NOON);
    engine.putJob(rigid(job("feed.firm", CORE)));
    engine.restoreGroup(group("feed", Map.of("idc", unlimited())));
    assertThat(engine.demote())
        .extracting(Demotion::instance)
        .containsExactlyInAnyOrder("s#0", "s#1");
  }

  @Test
  void whoGoesFirstIsAMatterOfWhatItsJobCountsForNow() {
    engine.putHost(host("h1", "idc", HOST));
    engine.putGroup(group("lender", Map.of("idc", guaranteed(HOST))));
    engine.putJob(priority(job("feed.first", CORE), 200));
    engine.putJob(priority(job("feed.second", CORE), 100));
    engine.putJob(job("lender.api", CORE));
    engine.place("feed.first", ids("f", 0, 2), NOON);
    engine.place("feed.second", ids("s", 0, 2), NOON);
    engine.putJob(priority(job("feed.first", CORE), 1));
    assertThat(
            engine.reclaim(
                List.of(new Pending("lender.api", ids("l", 0, 2))), NOON.plusSeconds(600)))
        .extracting(Eviction::job)
        .containsExactly("feed.first", "feed.first");
  }

  @Test
  void aHostIsAJobsAloneOnlyAsLongAsAVersionRunsThereThatAsksForIt() {
    engine.putHost(host("h1", "idc", HOST));
    engine.putJob(job("feed.db", CORE, new Constraint.Exclusive(false)));
    engine.putJob(job("feed.web", CORE));
    engine.place("feed.db", List.of("alone"), NOON);
    engine.putJob(job("feed.db", CORE));
    engine.place("feed.db", List.of("modest"), NOON);
    assertThat(place("feed.web", 1)).isZero();

    engine.release("alone");
    List<Pending> waiting = List.of(new Pending("feed.web", ids("w", 0, 1)));
    assertThat(Plan.rehearsed(engine, waiting, NOON).placements()).hasSize(1);
    assertThat(place("feed.web", 1)).isEqualTo(1);
  }

  @Test
  void whatRunsAloneStaysAloneWhenAnotherThatDidEnds() {
    engine.putHost(host("h1", "idc", HOST));
    engine.putJob(job("feed.db", CORE, new Constraint.Exclusive(false)));
    engine.putJob(job("feed.mq", CORE, new Constraint.Exclusive(false)));
    engine.putJob(job("feed.web", CORE));
    engine.allocate(new Allocation("db", "feed.db", "h1", Label.BORROWED, NOON));
    engine.allocate(new Allocation("mq", "feed.mq", "h1", Label.BORROWED, NOON));
    engine.release("mq");
    assertThat(place("feed.web", 1)).isZero();
  }

  @Test
  void ofAGuaranteeThatAPoolCannotHonourNoMoreIsKeptFromLendingThanIsLeftOfIt() {
    engine.putHost(host("h1", "idc", HOST));
    engine.putHost(host("h2", "idc", HOST));
    engine.putGroup(
        group("quiet", Map.of("idc", new Quota(HOST, Resources.ZERO, Limit.UNLIMITED, 1))));
    engine.putGroup(group("other", Map.of("idc", guaranteed(HOST))));
    engine.putJob(job("feed.web", CORE));
    engine.putHost(host("h2", "idc", HOST).in(HostCondition.LOST));

    assertThat(engine.degraded()).containsExactly("idc");
    assertThat(place("feed.web", 4)).as("half of the host, and half is kept").isEqualTo(2);
    assertThat(engine.entitlements("idc", List.of()).get("feed")).isEqualTo(CORE.times(2));
  }

  @Test
  void whoMustBeNearOthersIsServedInTheRoundThatServesThem() {
    engine.putHost(host("h1", "idc", HOST));
    JobDemand sidecar = job("feed.a", CORE, new Constraint.Near("feed.b", "host", false, false));
    engine.putJob(sidecar);
    engine.putJob(job("feed.b", CORE));
    List<Pending> both =
        List.of(new Pending("feed.a", ids("a", 0, 1)), new Pending("feed.b", ids("b", 0, 1)));
    assertThat(engine.placeAll(both, NOON).placements()).hasSize(2);
  }

  @Test
  void aRuleOfAnEarlierVersionHoldsWithinABatchOfTheNext() {
    engine.putHost(host("h1", "idc", HOST, "rack", "r1"));
    engine.putHost(host("h2", "idc", HOST, "rack", "r1"));
    engine.putHost(host("h3", "idc", HOST, "rack", "r2"));
    Constraint apart = new Constraint.NearLabel("web", "rack", true, false);
    engine.putJob(labelled(List.of(apart)));
    engine.allocate(new Allocation("old", "feed.web", "h3", Label.BORROWED, NOON));
    engine.putJob(labelled(List.of()));
    assertThat(engine.place("feed.web", ids("new", 0, 5), NOON).placements()).hasSize(1);
  }

  @Test
  void reasonsReadTheSameWhoeverNamedAScalarFirst() {
    Set<List<Refusal>> texts = new HashSet<>();
    for (String first : List.of("iops", "mbps")) {
      Engine other = Engine.withoutOffers();
      other.putPool(owned("idc"));
      TreeMap<String, Long> scalars = new TreeMap<>(Map.of(first, 1L));
      other.putHost(host("h1", "idc", new Resources(4_000, 8_192, 0, 0, scalars)));
      other.putPool(owned("idc").sharing(new TreeMap<>(Map.of("iops", 10L, "mbps", 10L))));
      other.putGroup(group("feed", Map.of("idc", unlimited())));
      TreeMap<String, Long> both = new TreeMap<>(Map.of("iops", 20L, "mbps", 20L));
      other.putJob(job("feed.web", new Resources(1_000, 1_024, 0, 0, both)));
      texts.add(other.explain("feed.web"));
    }
    assertThat(texts).hasSize(1);
  }

  private static JobDemand labelled(List<Constraint> rules) {
    return new JobDemand(
        "feed.web",
        0,
        "feed",
        CORE,
        List.of(),
        0,
        rules,
        List.of(),
        1,
        true,
        Set.of("web"),
        Integer.MAX_VALUE);
  }

  private int place(String job, int count) {
    return engine.place(job, ids(job, 0, count), NOON).placements().size();
  }
}
