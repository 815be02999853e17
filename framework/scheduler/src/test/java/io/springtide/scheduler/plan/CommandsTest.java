package io.springtide.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.springtide.partition.model.Constraint;
import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import io.springtide.partition.model.Limit;
import io.springtide.partition.model.Quota;
import io.springtide.partition.model.Resources;
import io.springtide.scheduler.Documents;
import io.springtide.scheduler.Story;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.event.Outcome;
import io.springtide.scheduler.event.Outcome.Done;
import io.springtide.scheduler.event.Outcome.Kind;
import io.springtide.scheduler.event.Outcome.Refused;
import io.springtide.scheduler.event.Waiting;
import io.springtide.scheduler.job.JobKind;
import io.springtide.scheduler.job.JobSpec;
import io.springtide.scheduler.job.RuntimeKind;
import io.springtide.scheduler.state.Host;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.Task;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What users may ask for, and what they are told when they may not. */
class CommandsTest {
  @Test
  void aReplyComesAfterTheCommitItSpeaksOf() {
    Story story = Story.with();
    List<Effect> effects = story.send(new Event.CreateJob("r", Documents.job("web", 1)));
    assertThat(effects.get(0)).isInstanceOf(Effect.Persist.class);
    assertThat(effects.get(effects.size() - 1)).isInstanceOf(Effect.Reply.class);
  }

  @Test
  void aJobIsCreatedOnce() {
    Story story = Story.with();
    JobSpec job = Documents.job("web", 1);
    assertThat(story.ask(new Event.CreateJob("a", job))).isInstanceOf(Done.class);
    assertRefused(story.ask(new Event.CreateJob("b", job)), Kind.CONFLICT, "id");
  }

  @Test
  void aChangeOfSomethingThatHasChangedIsStale() {
    Story story = Story.with();
    long first = ((Done) story.put(Documents.job("web", 1))).version();
    long second = ((Done) story.scale("feed.web", 2)).version();
    assertThat(second).isGreaterThan(first);
    JobSpec job = Documents.job("web", 3);
    assertRefused(story.ask(new Event.PutJob("r", job, OptionalLong.of(first))), Kind.STALE, "");
    assertThat(story.ask(new Event.PutJob("r", job, OptionalLong.of(second))))
        .isInstanceOf(Done.class);
    JobSpec other = Documents.job("other", 1);
    assertRefused(story.ask(new Event.PutJob("r", other, OptionalLong.of(7))), Kind.STALE, "");
  }

  @Test
  void aJobNeedsItsGroupAndTheGroupsPools() {
    Story story = Story.with();
    JobSpec stranger = Documents.job("web", 1);
    Refused refused = (Refused) story.put(renamed(stranger, "nobody.web"));
    assertRefused(refused, Kind.INVALID, "id");
    assertThat(refused.fix()).contains("feed");
    assertThat(story.view().jobs()).as("nothing is half applied").isEmpty();
  }

  @Test
  void aGroupsPolicyIsKept() {
    Story story = Story.with();
    story.put(strict("/data/feed"));
    assertRefused(story.put(Documents.job("web", 1)), Kind.INVALID, "priority");
  }

  private static Group strict(String... mounts) {
    return new Group(
        "feed",
        "",
        "",
        Map.of("idc", Quota.limitedTo(Limit.UNLIMITED)),
        Limit.UNLIMITED,
        new GroupPolicy(false, List.of(mounts), 50, List.of("docker"), List.of("bridge"), false));
  }

  /** A revision that still runs was accepted by a group that has become stricter since. */
  @Test
  void whatWasAcceptedOnceDoesNotKeepTheNextLeaderFromStarting() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.withPriority(Documents.job("web", 1), 500));
    story.pass(Duration.ofSeconds(1));
    JobSpec next = Documents.withImage(Documents.job("web", 1), "web:2");
    assertThat(story.put(Documents.withPriority(next, 10))).isInstanceOf(Done.class);
    assertThat(story.put(strict())).isInstanceOf(Done.class);
    assertThat(story.view().jobs().get("feed.web").job().earlier()).isNotEmpty();

    story.restart();
    assertThat(story.view().jobs()).containsKey("feed.web");
  }

  @Test
  void whatIsRefusedIsNotHalfDone() {
    Story story = Story.with("h1");
    story.put(Documents.job("web", 1));
    Job before = story.view().jobs().get("feed.web").job();
    story.read();
    JobSpec huge =
        Documents.withConstraints(
            Documents.job("web", 1),
            new Constraint.Match("rack", Set.of("a"), false, false),
            new Constraint.Match("rack", Set.of("b"), false, false));
    assertThat(story.put(huge)).isInstanceOf(Outcome.Refused.class);
    assertThat(story.read(Effect.Persist.class)).isEmpty();
    assertThat(story.view().jobs().get("feed.web").job()).isEqualTo(before);
  }

  @Test
  void whatIsInUseIsNotRemoved() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    OptionalLong any = OptionalLong.empty();
    assertRefused(story.ask(new Event.RemovePool("r", "idc", any)), Kind.CONFLICT, "");
    assertRefused(story.ask(new Event.RemoveGroup("r", "feed", any)), Kind.CONFLICT, "");
    assertRefused(story.ask(new Event.RemovePool("r", "none", any)), Kind.NOT_FOUND, "");
    story.remove("feed.web");
    assertRefused(story.put(Documents.job("web", 1)), Kind.CONFLICT, "");
    story.update(story.task("feed.web#0"), TaskState.KILLED);
    assertThat(story.ask(new Event.RemoveGroup("r", "feed", any))).isInstanceOf(Done.class);
  }

  @Test
  void aTaskIdIsNotUsedAgainEvenIfItsJobIsRemovedAndComesBack() {
    Story story = Story.with("h1");
    story.offer("h1");
    story.put(Documents.job("web", 1));
    Task first = story.theLaunch().task();
    story.remove("feed.web");
    story.update(first, TaskState.KILLED);
    story.restartFromSnapshot().subscribe();
    story.update(story.host("h1").warden().orElseThrow(), TaskState.RUNNING);
    story.offer("h1");
    story.put(Documents.job("web", 1));
    assertThat(story.task("feed.web#0").id()).isNotEqualTo(first.id());
  }

  @Test
  void aJobAboveItsGroupsLimitIsAcceptedAndSaysWhyItWaits() {
    Story story = Story.with("h1", "h2");
    story.put(Documents.feed(3000));
    story.offer("h1");
    story.offer("h2");
    assertThat(story.put(Documents.job("web", 5))).isInstanceOf(Done.class);
    // Three in the pool idc; the rest may go to the pool cloud, which has no hosts yet.
    story.pass(Duration.ofSeconds(1));
    assertThat(story.instances("feed.web", i -> i.task().isPresent())).hasSize(3);
    Instance waiting = story.instances("feed.web", i -> i.task().isEmpty()).get(0);
    assertThat(story.shown(waiting.id()).waiting())
        .extracting(Waiting::reason)
        .contains("QUOTA_LIMIT");
  }

  @Test
  void aHostThatWeDidNotOrderIsNotReleased() {
    Story story = Story.with("h1");
    assertRefused(story.wish("h1", Host.Wish.RELEASE), Kind.CONFLICT, "");
    assertRefused(story.wish("h9", Host.Wish.DRAIN), Kind.NOT_FOUND, "");
  }

  @Test
  void aKindOfJobStays() {
    Story story = Story.with();
    story.put(Documents.job("web", 1));
    JobSpec batch = Documents.job("web", JobKind.BATCH, RuntimeKind.DOCKER, 1);
    assertRefused(story.put(batch), Kind.INVALID, "kind");
  }

  private static JobSpec renamed(JobSpec job, String id) {
    return job.but().id(id).resources(Resources.of(1000, 256)).build();
  }

  private static void assertRefused(Outcome outcome, Kind kind, String field) {
    assertThat(outcome).isInstanceOf(Refused.class);
    Refused refused = (Refused) outcome;
    assertThat(refused.kind()).isEqualTo(kind);
    assertThat(refused.field()).isEqualTo(field);
    assertThat(refused.detail()).isNotBlank();
    assertThat(refused.fix()).isNotBlank();
  }
}
