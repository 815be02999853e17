package io.springtide.scheduler;

import io.springtide.partition.model.Resources;
import io.springtide.scheduler.event.Effect;
import io.springtide.scheduler.event.Event;
import io.springtide.scheduler.told.Cloud;
import io.springtide.scheduler.told.HostListing;
import io.springtide.scheduler.told.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** What happens between a core and its clouds, in the words of a story. */
public final class CloudStory {
  public static final Resources ALL = Resources.of(4000, 4096, 10_000);
  public static final Cloud EAST = new Cloud("local", Map.of("region", "east"));
  public static final Cloud WEST = new Cloud("local", Map.of("region", "west"));

  private CloudStory() {}

  /** One instance waits, and a host for it is on order in the east. */
  public static Story ordered() {
    Story story = Story.with();
    story.put(Documents.cloudIn("east", 5));
    story.read();
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofSeconds(3));
    return story;
  }

  /** One instance waits, and {@code c1}, the host that was ordered for it, is in that state. */
  static Story withHostInState(HostListing.State state) {
    Story story = Story.with();
    story.put(Documents.job("web", 1));
    story.pass(Duration.ofSeconds(2));
    answered(story, order(story), state);
    return story;
  }

  public static Effect.OrderHosts order(Story story) {
    return story.read(Effect.OrderHosts.class).get(0);
  }

  public static HostListing host(String id, Effect.OrderHosts order, HostListing.State state) {
    return new HostListing(id, order.pool(), order.token(), state);
  }

  /** The order's answer: it brings {@code c1}, which is in that state. */
  static void answered(Story story, Effect.OrderHosts order, HostListing.State state) {
    story.send(new Event.HostsOrdered(order.token(), List.of(host("c1", order, state))));
  }

  /** A host {@code c1} of the order comes, and runs what waited. */
  public static Effect.OrderHosts joined(Story story) {
    Effect.OrderHosts order = order(story);
    answered(story, order, HostListing.State.BOOTING);
    story.read();
    offer(story, "c1", order.token(), Set.of());
    story.update(story.theLaunch().task(), TaskState.RUNNING);
    return order;
  }

  public static void offer(Story story, String host, String token, Set<String> executors) {
    Map<String, String> attributes = Map.of("node", host, "order", token);
    story.offer(host, "agent-" + host, ALL, executors, attributes);
  }

  public static void listings(Story story, Cloud cloud, int count, HostListing... hosts) {
    IntStream.range(0, count)
        .forEach(i -> story.send(new Event.HostsListed(cloud, List.of(hosts))));
  }

  public static void released(Story story, Cloud cloud, String id) {
    story.send(new Event.HostsReleased(cloud, List.of(id), List.of()));
  }

  public static void notKnown(Story story, Cloud cloud, String id) {
    story.send(new Event.HostsReleased(cloud, List.of(), List.of(id)));
  }

  /** What is asked to take which hosts back. */
  public static List<Effect.ReleaseHosts> releases(Story story) {
    return story.read(Effect.ReleaseHosts.class);
  }
}
