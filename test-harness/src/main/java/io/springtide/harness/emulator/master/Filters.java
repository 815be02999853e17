package io.springtide.harness.emulator.master;

import io.springtide.harness.emulator.resources.Bag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Refused resources: a framework's role is not offered a subset of what it refused of an agent
 * until the filter's time is over.
 */
final class Filters {

  /** refuse_seconds where absent or invalid. */
  static final double DEFAULT_REFUSE_SECONDS = 5;

  private static final Duration MAX = Duration.ofDays(365);

  private final Map<Key, List<Filter>> filters = new HashMap<>();

  private record Key(String frameworkId, String role, String agentId) {}

  private record Filter(Bag refused, Instant until) {}

  /** Remembers a refusal of {@code seconds}; 0 is none, negative means the default. */
  void refuse(
      String frameworkId,
      String role,
      String agentId,
      Bag refused,
      double seconds,
      Instant now,
      Duration allocationInterval) {
    double wanted = seconds < 0 || Double.isNaN(seconds) ? DEFAULT_REFUSE_SECONDS : seconds;
    if (wanted == 0 || refused.isEmpty()) {
      return;
    }
    Duration asked =
        wanted > MAX.toSeconds() ? MAX : Duration.ofNanos((long) (wanted * 1_000_000_000L));
    // The time lasts at least until the next allocation, else the filter would never bite.
    Duration time = asked.compareTo(allocationInterval) < 0 ? allocationInterval : asked;
    filters
        .computeIfAbsent(new Key(frameworkId, role, agentId), key -> new ArrayList<>())
        .add(new Filter(refused.unallocated(), now.plus(time)));
  }

  boolean refuses(String frameworkId, String role, String agentId, Bag resources, Instant now) {
    List<Filter> mine = filters.get(new Key(frameworkId, role, agentId));
    if (mine == null) {
      return false;
    }
    mine.removeIf(filter -> !filter.until.isAfter(now));
    return mine.stream().anyMatch(filter -> filter.refused.contains(resources));
  }

  void clear(String frameworkId, Collection<String> roles) {
    filters
        .keySet()
        .removeIf(key -> key.frameworkId.equals(frameworkId) && roles.contains(key.role));
  }

  void clearFramework(String frameworkId) {
    filters.keySet().removeIf(key -> key.frameworkId.equals(frameworkId));
  }

  void clearAgent(String agentId) {
    filters.keySet().removeIf(key -> key.agentId.equals(agentId));
  }
}
