package io.springtide.partition;

import java.util.List;

/**
 * What a group's jobs may ask for.
 *
 * @param privileged whether containers may run privileged
 * @param mounts host paths below which its jobs may mount; empty allows none
 * @param maxPriority highest priority its jobs may have, 0 to {@link #MAX_PRIORITY}
 * @param enforce whether what runs against the policy, or above the group's limits, since before
 *     they said so is ended; if not, it is named
 */
public record GroupPolicy(
    boolean privileged, List<String> mounts, int maxPriority, boolean enforce) {
  public static final int MAX_PRIORITY = 1000;
  public static final GroupPolicy DEFAULT = new GroupPolicy(false, List.of(), MAX_PRIORITY, false);

  public GroupPolicy {
    mounts = List.copyOf(mounts);
    if (maxPriority < 0 || maxPriority > MAX_PRIORITY) {
      throw new InvalidModelException(
          "maxPriority", maxPriority + " is no priority", "write 0 to " + MAX_PRIORITY);
    }
  }
}
