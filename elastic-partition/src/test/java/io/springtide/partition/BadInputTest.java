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

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Refused at the door, with the field named and a fix; and nothing of it is applied. */
class BadInputTest {
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
    return engine.plan(Change.of(List.of(new Pending("ok.api", ids("p", 0, 30)))), NOON);
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
    assertField("like", () -> new Constraint.Like("rack", "(", false, false));
    assertConstraint(
        0,
        new Constraint.Near("a.c", "host", true, false),
        new Constraint.Near("a.c", "host", false, false));
    assertConstraint(
        0,
        new Constraint.Match("rack", Set.of("r1"), false, false),
        new Constraint.Match("rack", Set.of("r2"), false, false));
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
    assertField("constraints." + at, () -> engine.putJob(job("ok.api", SMALL, constraints)));
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
