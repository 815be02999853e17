package io.springtide.server.store;

import io.springtide.server.thread.Daemon;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.zookeeper.CreateMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says how far a process that follows has written down what commits carry, so that the log is not
 * cut before it has (decision 0134). It goes with the session: a server that is away holds nothing.
 */
public final class FollowerMark implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FollowerMark.class);
  private static final String ROOT = "/followers";
  private static final Duration EVERY = Duration.ofSeconds(1);

  /** Who is further behind does not hold the log, or it would grow without an end. */
  private static final long MOST_BEHIND = 200_000;

  private final PersistentNode node;
  private final Supplier<OptionalLong> version;
  private final ScheduledExecutorService thread = Daemon.named("follower-mark");
  private long marked;

  private FollowerMark(CuratorFramework curator, long first, Supplier<OptionalLong> version) {
    this.version = version;
    marked = first;
    node =
        new PersistentNode(
            curator, CreateMode.EPHEMERAL, false, ROOT + "/" + UUID.randomUUID(), bytes(first));
  }

  /**
   * Marks it from now on, about once a second.
   *
   * @param version up to which all is written down; empty: nothing is followed any more
   */
  public static FollowerMark start(CuratorFramework curator, Supplier<OptionalLong> version) {
    FollowerMark mark = new FollowerMark(curator, version.get().orElse(0), version);
    mark.node.start();
    mark.thread.scheduleWithFixedDelay(
        mark::look, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    return mark;
  }

  /** Marks how far it is now. */
  void look() {
    OptionalLong now = version.get();
    if (now.isEmpty()) {
      close();
    } else if (now.getAsLong() != marked) {
      try {
        mark(now.getAsLong());
      } catch (StoreException e) {
        log.info("Until the next time it is not said how far is followed: {}", e.getMessage());
      }
    }
  }

  private void mark(long now) {
    Curated.get(
        "say how far is followed",
        () -> {
          node.setData(bytes(now));
          return null;
        });
    marked = now;
  }

  /**
   * Up to which commit all that follow have written down what commits carry.
   *
   * @param last commit that is durable: who is far behind it does not count
   * @return the greatest number there is if nobody follows
   */
  public static long everywhere(CuratorFramework curator, long last) {
    return Curated.get(
        "ask how far is followed",
        () -> {
          long least = Long.MAX_VALUE;
          for (byte[] mark : new Reading(curator).below(ROOT).values()) {
            long version = Long.parseLong(new String(mark, StandardCharsets.US_ASCII));
            if (last - version > MOST_BEHIND) {
              log.warn(
                  "A server that follows is {} commits behind: its audit will lack some of them",
                  last - version);
            } else {
              least = Math.min(least, version);
            }
          }
          return least;
        });
  }

  private static byte[] bytes(long version) {
    return Long.toString(version).getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    Curated.get(
        "say that nothing is followed",
        () -> {
          node.close();
          return null;
        });
  }
}
