package io.springtide.scheduler.job;

import io.springtide.partition.model.InvalidModelException;
import io.springtide.scheduler.config.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** One way in which an instance is announced to those who look for it. */
public sealed interface DiscoverySpec {
  /** Name of the port that is announced. */
  String port();

  /** The field of a document that says it. */
  default String word() {
    return getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** Shows itself to the visitor, and hands back what that says. */
  <T> T accept(Visitor<T> visitor);

  /** Whoever must know every way to announce. */
  interface Visitor<T> {
    T on(Consul spec);

    T on(Upsync spec);
  }

  /** A service in Consul. */
  record Consul(String service, String port, List<String> tags) implements DiscoverySpec {
    public Consul {
      requireText("consul.service", service);
      requireText("consul.port", port);
      tags = List.copyOf(tags);
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  /**
   * A key of an nginx-upsync upstream in Consul's KV store.
   *
   * @param weight 1 to 65535
   * @param slowStart how long the weight rises after the start, 0 or more
   */
  record Upsync(String upstream, String port, int weight, Duration slowStart)
      implements DiscoverySpec {
    public Upsync {
      requireText("upsync.upstream", upstream);
      requireText("upsync.port", port);
      if (weight < 1 || weight > 65535) {
        throw new InvalidModelException(
            "upsync.weight", weight + " is no weight", "write 1 to 65535");
      }
      Durations.requireNotNegative("upsync.slowStart", slowStart);
    }

    @Override
    public <T> T accept(Visitor<T> visitor) {
      return visitor.on(this);
    }
  }

  private static void requireText(String field, String text) {
    if (text == null || text.isBlank()) {
      throw new InvalidModelException(field, "it is empty", "write its name");
    }
  }
}
