package io.springtide.server.store;

import io.springtide.partition.model.Buffer;
import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.FitPolicy;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.HostCondition;
import io.springtide.partition.model.HostTemplate;
import io.springtide.partition.model.Label;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Pool;
import io.springtide.partition.model.PoolKind;
import io.springtide.partition.model.PortRanges;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.job.BatchPolicy;
import io.springtide.scheduler.job.ContainerSpec;
import io.springtide.scheduler.job.DiscoverySpec;
import io.springtide.scheduler.job.HealthSpec;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobNotes;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.MountSpec;
import io.springtide.scheduler.job.PortSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.job.ToolSpec;
import io.springtide.scheduler.state.Agent;
import io.springtide.scheduler.state.Attempt;
import io.springtide.scheduler.state.Change;
import io.springtide.scheduler.state.Deployment;
import io.springtide.scheduler.state.DeploymentState;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Gone;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.InstanceState;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Order;
import io.springtide.scheduler.state.Origin;
import io.springtide.scheduler.state.PortAssignment;
import io.springtide.scheduler.state.Receipt;
import io.springtide.scheduler.state.Remains;
import io.springtide.scheduler.state.Runs;
import io.springtide.scheduler.state.Seat;
import io.springtide.scheduler.state.Stray;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** A state with every kind of thing in it, and with every optional part filled. */
final class SampleState {
  private static final Instant NOON = Instant.parse("2026-02-17T12:00:00.123456789Z");
  private static final Resources EACH =
      new Resources(1500, 2048, 100, 1, new TreeMap<>(Map.of("crossLinkMbps", 10L)));

  private SampleState() {}

  static List<Change> everyChange() {
    return List.of(
        new Change.FrameworkIdSet("f-0001"),
        new Change.PoolPut(pool(), 3),
        new Change.PoolRemoved("old"),
        new Change.GroupPut(group(), 4),
        new Change.GroupRemoved("old.group"),
        new Change.JobPut(
            new Job(
                job(),
                9,
                8,
                new Job.Made("anna", NOON),
                3,
                List.of(new Job.Revision(2, job(), new Job.Made("ben", NOON))),
                true,
                NOON)),
        new Change.RunsPut(new Runs("weibo.feed.api", Optional.of(run(7)), List.of(run(6)))),
        new Change.JobRemoved("old.job"),
        new Change.DeploymentPut(
            new Deployment(
                "weibo.feed.api",
                8,
                2,
                8,
                DeploymentState.ROLLING_BACK,
                true,
                "anna",
                "aborted by ben",
                false,
                NOON,
                NOON)),
        new Change.DeploymentRemoved("weibo.feed.api", 3),
        new Change.InstancePut(
            new Instance(
                "weibo.feed.api",
                3,
                8,
                InstanceState.RUNNING,
                Goal.REPLACE,
                "its host is to be empty",
                Optional.of(task()),
                2,
                1,
                3,
                NOON,
                NOON,
                List.of(
                    new Attempt(
                        "weibo.feed.api.3.1",
                        "h1",
                        TaskState.FAILED,
                        "REASON_X",
                        "no image",
                        NOON)))),
        new Change.InstanceRemoved("weibo.feed.api#4"),
        new Change.HostPut(
            new Host(
                "h1",
                "cloud",
                Optional.of(new Origin("token-1", "cloud", template())),
                Optional.of(
                    new Agent(
                        "a-S1",
                        "h1.example",
                        Map.of("node", "h1"),
                        EACH,
                        PortRanges.of(31000, 31999))),
                new Seat(Optional.of(task()), 1, NOON),
                HostCondition.READY,
                Host.Wish.CORDON,
                NOON,
                NOON)),
        new Change.HostRemoved("h2"),
        new Change.OrderPut(new Order("token-2", "cloud", template(), 5, NOON)),
        new Change.OrderRemoved("token-3"),
        new Change.GonePut(new Gone("h3", new Origin("token-1", "cloud", template()), true, NOON)),
        new Change.GoneRemoved("h4"),
        new Change.StrayPut(new Stray("weibo.feed.api.3.0", "a-S1", NOON)),
        new Change.StrayRemoved("weibo.feed.api.2.0"),
        new Change.ReceiptPut(new Receipt("ci", "key-1", "cafe", 42, NOON)),
        new Change.ReceiptRemoved("ci", "key-0"),
        new Change.RemainsPut(
            new Remains(
                "weibo.feed.api.1.0",
                "weibo.feed.api#1",
                "h1",
                5,
                RuntimeKind.DOCKER,
                EACH,
                List.of(31005, 31006),
                NOON)),
        new Change.RemainsRemoved("weibo.feed.api.0.0"),
        new Change.CounterSet("orders", 17));
  }

  private static Runs.Run run(long number) {
    Runs.Ended ended = new Runs.Ended(NOON, true, 5, 1, "its time is up");
    return new Runs.Run(number, NOON, Optional.of(ended));
  }

  private static Pool pool() {
    return new Pool(
        "cloud",
        PoolKind.ON_DEMAND,
        "z1",
        Map.of("provider", "aliyun"),
        0,
        10,
        new Buffer(2, 0),
        FitPolicy.PACK,
        420_000,
        Duration.ofMinutes(10),
        Duration.ofHours(1),
        OptionalLong.of(5),
        Optional.of(template()),
        Collections.emptySortedMap());
  }

  private static HostTemplate template() {
    return new HostTemplate("local", EACH, Map.of("zone", "z1"), Map.of("endpoint", "http://x"));
  }

  private static Group group() {
    return new Group(
        "weibo.feed",
        "timeline",
        "social",
        Map.of("idc", new Quota(EACH, EACH, Limit.of(9000, 9000), 2)),
        Limit.UNLIMITED,
        new GroupPolicy(true, List.of("/data"), 500, List.of("docker"), List.of("bridge"), true));
  }

  private static JobSpec job() {
    return JobSpec.of(
            "weibo.feed.api",
            EACH,
            new ContainerSpec(
                "feed/api:1",
                List.of("/bin/server"),
                Map.of("MODE", "prod"),
                "bridge",
                List.of(new PortSpec("http", 8080, 0)),
                List.of(new MountSpec("/data/feed", "/data", true)),
                true))
        .instances(60)
        .tools(List.of(new ToolSpec("logtail", "tools/logtail:3", List.of(), Map.of())))
        .health(
            Optional.of(
                new HealthSpec(
                    new HealthSpec.Http("http", "/ping"),
                    Duration.ofSeconds(30),
                    Duration.ofMillis(1500),
                    Duration.ofSeconds(2),
                    3)))
        .discovery(
            List.of(
                new DiscoverySpec.Consul("feed-api", "http", List.of("v1")),
                new DiscoverySpec.Upsync("feed-api", "http", 20, Duration.ofSeconds(30))))
        .pools(List.of("idc", "cloud"))
        .constraints(
            List.of(
                new Constraint.MaxPer("host", 2, false),
                new Constraint.Spread("rack", 1, true),
                new Constraint.Match("disk", Set.of("ssd"), false, false),
                new Constraint.Like("cpu", "xeon.*", true, true),
                new Constraint.Exclusive(true),
                new Constraint.Near("weibo.feed.cache", "host", true, false)))
        .reclaimable(true)
        .kind(JobKind.BATCH)
        .batch(
            new BatchPolicy(
                10, 3, Optional.of(Duration.ofHours(1)), Optional.of(Duration.ofDays(1))))
        .after(List.of("weibo.feed.migrate"))
        .notes(new JobNotes(Map.of("team", "feed"), "feed-team@example"))
        .build();
  }

  private static Task task() {
    return new Task(
        "weibo.feed.api.3.2",
        7,
        8,
        "h1",
        "a-S1",
        "cloud",
        Label.BURST,
        Optional.of("its guarantee moved"),
        List.of(new PortAssignment("http", 8080, 31005)),
        TaskState.RUNNING,
        Optional.of(true),
        "10.0.0.7",
        NOON,
        NOON);
  }
}
