package io.springtide.partition.model;

import java.util.List;

/**
 * What a group's jobs may ask for. What is not listed is forbidden; {@link #ANY} in a list allows
 * whatever there is.
 *
 * @param privileged whether containers may run privileged
 * @param mounts host paths below which its jobs may mount; empty allows none
 * @param maxPriority highest priority its jobs may have, 0 to {@link #MAX_PRIORITY}
 * @param runtimes what may run its jobs: {@code docker}, {@code process}. A process has the rights
 *     of the executor's user, which is mostly root, on the host itself
 * @param networks of its containers: {@code bridge}, {@code host}, names. A process is in its
 *     host's network whatever this says
 * @param enforce whether what runs against the policy, or above the group's limits, since before
 *     they said so is ended; if not, it is named
 */
public record GroupPolicy(
    boolean privileged,
    List<String> mounts,
    int maxPriority,
    List<String> runtimes,
    List<String> networks,
    boolean enforce) {
  public static final int MAX_PRIORITY = 1000;

  /** In a list: whatever there is. */
  public static final String ANY = "*";

  /** What a group may do of which nothing is said: containers in a network of their own. */
  public static final GroupPolicy DEFAULT =
      new GroupPolicy(false, List.of(), MAX_PRIORITY, List.of("docker"), List.of("bridge"), false);

  public GroupPolicy {
    mounts = List.copyOf(mounts);
    if (maxPriority < 0 || maxPriority > MAX_PRIORITY) {
      throw new InvalidModelException(
          "maxPriority", maxPriority + " is no priority", "write 0 to " + MAX_PRIORITY);
    }
    runtimes = List.copyOf(runtimes);
    networks = List.copyOf(networks);
  }

  public boolean allowsRuntime(String runtime) {
    return runtimes.contains(ANY) || runtimes.contains(runtime);
  }

  public boolean allowsNetwork(String network) {
    return networks.contains(ANY) || networks.contains(network);
  }
}
