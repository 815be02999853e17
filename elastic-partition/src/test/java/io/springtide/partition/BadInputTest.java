package io.springtide.partition;

import static io.springtide.partition.Documents.NOON;
import static io.springtide.partition.Documents.cloud;
import static io.springtide.partition.Documents.group;
import static io.springtide.partition.Documents.guaranteed;
import static io.springtide.partition.Documents.host;
import static io.springtide.partition.Documents.ids;
import static io.springtide.partition.Documents.in;
import static io.springtide.partition.Documents.job;
import static io.springtide.partition.Documents.owned;
import static io.springtide.partition.Documents.unlimited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.springtide.partition.answer.Pending;
import io.springtide.partition.answer.Placement;
import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostSpec;
import io.springtide.partition.model.InvalidModelException;
import io.springtide.partition.model.JobDemand;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Refused at the door, with the field named and a fix; and nothing of it is applied. */
class BadInputTest {
  /** Looks at a text of length n about n⁵ times before it knows that there is no b. */
  private static final String SLOW = ".*a.*a.*a.*a.*b";

  private static final Resources BIG = Resources.of(4_000, 8_192);
  private static final Resources SMALL = Resources.of(1_000, 1_024);

  private final Engine engine = Engine.withoutOffers();
  private Plan before;

  @BeforeEach
  void aClusterThatWorks() {
    engine.putPool(owned("idc"));
    engine.putPool(cloud("cloud", 5, BIG));
    engine.putHost(host("h1", "idc", BIG, "rack", "r1"));
    engine.putGroup(group("ok", Map.of("idc", unlimited(), "cloud", unlimited())));
    engine.putJob(job("ok.api", SMALL));
    before = plan();
  }

  @AfterEach
  void nothingHasChanged() {
    assertThat(plan()).isEqualTo(before);
    assertThat(engine.explain("ok.api")).isEmpty();
  }

  private Plan plan() {
    return Plan.rehearsed(engine, List.of(new Pending("ok.api", ids("p", 0, 30))), NOON);
  }

  @Test
  void groupsThatHangOnNothingOrOnThemselves() {
    assertField("path", () -> engine.putGroup(group("weibo.feed", Map.of("idc", unlimited()))));
    // A cycle would need a group above that is below: it cannot be written but as one without end.
    assertField("path", () -> engine.putGroup(group("a.a.a", Map.of("idc", unlimited()))));
    assertField("path", () -> group("a..b", Map.of()));
    assertField("path", () -> group(".a", Map.of()));
    assertField("path", () -> engine.removeGroup("ok"));
  }

  @Test
  void unknownPoolsGroupsAndHosts() {
    assertField(
        "quotas.nowhere", () -> engine.putGroup(group("a", Map.of("nowhere", unlimited()))));
    assertField("group", () -> engine.putJob(job("b.api", SMALL)));
    assertField("pools", () -> engine.putJob(in(job("ok.api", SMALL), "nowhere")));
    assertField("pool", () -> engine.putHost(host("h2", "nowhere", BIG)));
    assertField("host", () -> engine.offer("h9", BIG, PortRanges.NONE));
    assertField("job", () -> engine.place("ok.none", ids("x", 0, 1), NOON));
    assertField("pool", () -> engine.entitlements("nowhere", List.of()));
  }

  @Test
  void guaranteesAboveWhatIsThereOrAboveALimit() {
    assertField(
        "quotas.cloud.guarantee",
        () -> engine.putGroup(group("a", Map.of("cloud", guaranteed(SMALL)))));
    assertField(
        "quotas.idc.guarantee",
        () -> engine.putGroup(group("a", Map.of("idc", guaranteed(BIG.plus(SMALL))))));
    assertField("limit.cpus", () -> new Quota(BIG, BIG, Limit.of(3_000, 99_999), 1));
    assertField("lendable", () -> new Quota(SMALL, BIG, Limit.UNLIMITED, 1));
    engine.putGroup(group("a", Map.of("idc", new Quota(SMALL, SMALL, Limit.of(2_000, 8_192), 1))));
    assertField(
        "quotas.idc.limit.cpus",
        () ->
            engine.putGroup(group("a.b", Map.of("idc", Quota.limitedTo(Limit.of(3_000, 8_192))))));
    assertField(
        "quotas.idc.guarantee",
        () -> engine.putGroup(group("a.b", Map.of("idc", guaranteed(SMALL.plus(SMALL))))));
    engine.removeGroup("a");
  }

  @Test
  void guaranteesThatATotalLimitWouldNotLetBeUsed() {
    engine.putPool(owned("other"));
    Map<String, Quota> both = Map.of("idc", guaranteed(SMALL), "other", guaranteed(SMALL));
    assertField("totalLimit.cpus", () -> engine.putGroup(limited("a", both, 1_999)));
    engine.putGroup(limited("a", both, 2_000));
    assertField("totalLimit.cpus", () -> engine.putGroup(limited("a", both, 1_500)));
    Map<String, Quota> more =
        Map.of("idc", guaranteed(SMALL.plus(SMALL)), "other", both.get("idc"));
    assertField("totalLimit.cpus", () -> engine.putGroup(limited("a", more, 2_000)));
    assertField(
        "totalLimit.cpus",
        () -> engine.putGroup(limited("a.b", Map.of("idc", guaranteed(SMALL)), 500)));

    // Accepted before anybody looked: a restart must not fail for it.
    engine.restoreGroup(limited("a", both, 1_000));
    engine.removeGroup("a");
    engine.removePool("other");
  }

  @Test
  void poolsThatCostWithoutEndOrWaitForEver() {
    assertField("pricePerHour", () -> engine.putPool(priced(Long.MAX_VALUE, OptionalLong.empty())));
    assertField("budgetPerHour", () -> engine.putPool(priced(1, OptionalLong.of(-1))));
    assertField(
        "hosts.max", () -> Documents.pool("p", PoolKind.OWNED, Buffer.NONE, FitPolicy.PACK, 2, 1));
    Duration millennia = Duration.ofSeconds(Long.MAX_VALUE);
    assertField("idleAfter", () -> engine.putPool(timed(millennia, Duration.ZERO)));
    assertField("billingIncrement", () -> engine.putPool(timed(Duration.ZERO, millennia)));
  }

  @Test
  void amountsAreSaidAsTheyAreWritten() {
    Resources guarantee = Resources.of(2_500, 1_024);
    assertThatThrownBy(() -> new Quota(guarantee, guarantee, Limit.of(1_500, 2_048), 1))
        .hasMessage("the limit 1.5 is below the guarantee 2.5");
    engine.putGroup(group("top", Map.of("idc", Quota.limitedTo(Limit.of(1_500, 2_048)))));
    assertThatThrownBy(
            () ->
                engine.putGroup(
                    group("top.low", Map.of("idc", Quota.limitedTo(Limit.of(2_000, 2_048))))))
        .hasMessage("2 is above the limit 1.5 of group top");
  }

  @Test
  void aPoolThatWasAcceptedOnceDoesNotWrapAroundWhateverItSays() {
    Engine other = Engine.withoutOffers();
    other.restorePool(priced(Long.MAX_VALUE, OptionalLong.of(1_000_000)));
    other.restorePool(timed("slow", Duration.ZERO, Duration.ofSeconds(Long.MAX_VALUE)));
    other.putGroup(group("ok", Map.of("cloud", unlimited())));
    other.putJob(job("ok.api", SMALL));
    HostSpec host = host("c1", "slow", BIG);
    other.putHost(
        new HostSpec(
            "c1",
            "slow",
            HostCondition.READY,
            Map.of(),
            BIG,
            Resources.ZERO,
            host.ports(),
            Optional.of(NOON)));
    Plan plan = Plan.made(other, List.of(new Pending("ok.api", ids("x", 0, 3))), NOON);
    assertThat(plan.orders()).as("no host is that cheap").isEmpty();
    assertThat(other.idle(NOON.plusSeconds(1))).as("paid for, for ever").isEmpty();
  }

  @Test
  void poolsThatChangeUnderWhatRunsOrIsPromised() {
    Engine other = Engine.withoutOffers();
    other.putPool(owned("idc").sharing(new TreeMap<>(Map.of("mbps", 100L))));
    other.putPool(cloud("cloud", 5, BIG));
    Pool prepaid = Documents.pool("paid", PoolKind.PREPAID, Buffer.NONE, FitPolicy.PACK, 2, 9);
    other.putPool(prepaid);
    other.putHost(host("h1", "idc", BIG));
    other.putHost(host("c1", "cloud", BIG));
    other.putHost(host("p1", "paid", BIG));
    Resources link = new Resources(1_000, 1_024, 0, 0, new TreeMap<>(Map.of("mbps", 60L)));
    Map<String, Quota> quotas =
        Map.of("idc", guaranteed(link), "cloud", unlimited(), "paid", guaranteed(BIG.plus(SMALL)));
    other.putGroup(group("a", quotas));
    other.putJob(in(job("a.api", SMALL), "cloud"));
    other.place("a.api", List.of("x"), NOON);

    List<String> degraded = other.degraded();
    assertField("kind", () -> other.putPool(owned("cloud")));
    assertField("kind", () -> other.putPool(cloud("idc", 5, BIG)));
    assertField(
        "shared.mbps",
        () -> other.putPool(owned("idc").sharing(new TreeMap<>(Map.of("mbps", 50L)))));
    assertField(
        "hosts.min",
        () ->
            other.putPool(
                Documents.pool("paid", PoolKind.PREPAID, Buffer.NONE, FitPolicy.PACK, 1, 9)));
    assertThat(other.degraded()).as("nothing of it is applied").isEqualTo(degraded);
    other.release("x");
    other.putPool(owned("cloud"));
  }

  @Test
  void amountsWhoseSumsWouldWrapAround() {
    Resources all = Resources.of(Resources.MAX_AMOUNT, 1);
    assertField(
        "quotas.idc.guarantee", () -> engine.putGroup(group("a", Map.of("idc", guaranteed(all)))));
    engine.restoreGroup(group("a", Map.of("idc", guaranteed(all))));
    assertField(
        "quotas.idc.guarantee",
        () -> engine.putGroup(group("b", Map.of("idc", guaranteed(SMALL)))));
    assertField("resources.cpus", () -> engine.putJob(job("ok.api", all)));
    engine.restoreJob(job("ok.huge", all));
    List<Pending> many = List.of(new Pending("ok.huge", ids("x", 0, 1_000_000)));
    assertThat(engine.entitlements("idc", many).get("ok").cpuMillis()).isNotNegative();
    assertThat(engine.growth(many, NOON)).isEmpty();
    engine.removeJob("ok.huge");
    engine.removeGroup("a");
  }

  @Test
  void weightsAndLimitsThatAreNone() {
    assertField("weight", () -> new Quota(SMALL, SMALL, Limit.UNLIMITED, 0));
    assertField("weight", () -> new Quota(SMALL, SMALL, Limit.UNLIMITED, Integer.MAX_VALUE));
    assertField("cpus", () -> Limit.of(-1, 1));
    assertField("cpus", () -> Limit.of(Long.MAX_VALUE, 1));
    assertField("hosts", () -> new Buffer(-1, 0));
    assertField("percent", () -> new Buffer(0, 101));
    assertField("", () -> new Buffer(1, 1));
    assertField(
        "maxPriority", () -> new GroupPolicy(false, List.of(), 1_001, List.of(), List.of(), false));
  }

  @Test
  void jobsThatChangeTheirGroupWhileTheyRun() {
    engine.putGroup(group("b", Map.of("idc", unlimited())));
    engine.place("ok.api", List.of("x"), NOON);
    JobDemand moved =
        new JobDemand("ok.api", "b", SMALL, List.of(), 0, List.of(), List.of(), 1, true);
    assertField("group", () -> engine.putJob(moved));
    engine.release("x");
    engine.removeGroup("b");
  }

  @Test
  void aRegularExpressionThatWouldTakeForEver() {
    engine.putHost(host("h1", "idc", BIG, "rack", "a".repeat(60)));
    assertConstraint(0, new Constraint.Like("rack", SLOW, false, false));
    assertConstraint(
        1, new Constraint.Exclusive(true), new Constraint.Like("rack", "(\\w*)+\\1!", true, true));
    engine.putHost(host("h1", "idc", BIG, "rack", "r1"));

    // What comes later and takes too long does not match; nor does what is endless.
    Engine other = Engine.withoutOffers();
    other.putPool(owned("idc"));
    other.putGroup(group("ok", Map.of("idc", unlimited())));
    other.putJob(job("ok.api", SMALL, new Constraint.Like("rack", SLOW, false, false)));
    other.putHost(host("h1", "idc", BIG, "rack", "a".repeat(60)));
    other.putHost(host("h2", "idc", BIG, "rack", "a".repeat(100_000) + "b"));
    other.putHost(host("h3", "idc", BIG, "rack", "aaaab"));
    assertThat(other.place("ok.api", List.of("x"), NOON).placements())
        .extracting(Placement::host)
        .containsExactly("h3");
  }

  private static Group limited(String path, Map<String, Quota> quotas, long cpuMillis) {
    Limit total = new Limit(new TreeMap<>(Map.of("cpus", cpuMillis)));
    return new Group(path, "", "", quotas, total, GroupPolicy.DEFAULT);
  }

  private static Pool priced(long price, OptionalLong budget) {
    Pool pool = cloud("cloud", 5, BIG);
    return Documents.with(pool, Buffer.NONE, pool.template(), price, budget);
  }

  private static Pool timed(Duration idleAfter, Duration billingIncrement) {
    return timed("cloud", idleAfter, billingIncrement);
  }

  private static Pool timed(String name, Duration idleAfter, Duration billingIncrement) {
    return Documents.timed(cloud(name, 5, BIG), 0, idleAfter, billingIncrement);
  }

  @Test
  void resourcesOfNothingOrMoreThanThereCanBe() {
    assertField("resources", () -> job("ok.api", Resources.ZERO));
    assertField("cpus", () -> Resources.of(-1, 1));
    assertField("memoryMiB", () -> Resources.of(1, Long.MAX_VALUE));
    assertField(
        "scalars.x", () -> new Resources(1, 1, 0, 0, new TreeMap<>(Map.of("x", Long.MIN_VALUE))));
    assertField("capacity.cpus", () -> host("h2", "idc", Resources.of(1L << 41, 1)));
    assertField("resources.cpus", () -> Documents.template(Resources.of(1L << 41, 1)));
    assertThatThrownBy(() -> Resources.of(1L << 48, 1).times(1L << 20))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void constraintsThatNoHostCouldSatisfy() {
    assertField("count", () -> new Constraint.MaxPer("host", 0, false));
    assertField("maxSkew", () -> new Constraint.Spread("rack", 0, false));
    assertField("in", () -> new Constraint.Match("rack", Set.of(), false, false));
    assertField("regex", () -> new Constraint.Like("rack", "(", false, false));
    assertConstraint(
        0,
        new Constraint.Near("a.c", "host", true, false),
        new Constraint.Near("a.c", "host", false, false));
    assertConstraint(
        0,
        new Constraint.Match("rack", Set.of("r1"), false, false),
        new Constraint.Match("rack", Set.of("r2"), false, false));
    assertConstraint(
        0,
        new Constraint.Match("rack", Set.of("r1", "r2"), false, false),
        new Constraint.Match("rack", Set.of("r2", "r3"), false, false),
        new Constraint.Match("rack", Set.of("r1", "r3"), false, false));
    assertConstraint(
        0,
        new Constraint.NearLabel("db", "host", true, false),
        new Constraint.NearLabel("db", "host", false, false));
    assertConstraint(
        1, new Constraint.Exclusive(false), new Constraint.Near("a.c", "host", false, false));
    Constraint one = new Constraint.MaxPer("host", 2, true);
    assertField(
        "constraints",
        () ->
            engine.putJob(
                job("ok.api", SMALL, Collections.nCopies(101, one).toArray(new Constraint[0]))));
  }

  @Test
  void instancesNamedTwiceOrPlacedAlready() {
    assertField("instances", () -> engine.place("ok.api", List.of("x", "y", "x"), NOON));
    assertField(
        "instances", () -> engine.growth(List.of(new Pending("ok.api", List.of("x", "x"))), NOON));
    engine.place("ok.api", List.of("z"), NOON);
    assertField("instance", () -> engine.place("ok.api", List.of("new", "z"), NOON));
    assertThat(engine.allocation("new")).isEmpty();
    engine.release("z");
  }

  @Test
  void portsThatAreNone() {
    assertField("ports", () -> withPorts(List.of(0), 0));
    assertField("ports", () -> withPorts(List.of(65_536), 0));
    assertField("ports", () -> withPorts(List.of(80, 80), 0));
    assertField("ports", () -> withPorts(List.of(), -1));
    assertField("ports", () -> PortRanges.of(5, 4));
  }

  private static JobDemand withPorts(List<Integer> fixed, int dynamic) {
    return new JobDemand("ok.api", "ok", SMALL, fixed, dynamic, List.of(), List.of(), 1, true);
  }

  private void assertConstraint(int at, Constraint... constraints) {
    assertField("constraints[" + at + "]", () -> engine.putJob(job("ok.api", SMALL, constraints)));
  }

  private static void assertField(String field, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            InvalidModelException.class,
            e -> {
              assertThat(e.field()).isEqualTo(field);
              assertThat(e.fix()).isNotEmpty();
            });
  }
}
