package io.springtide.scheduler.job;

import io.springtide.partition.model.Group;
import io.springtide.partition.model.GroupPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What of a job its group's policy does not allow. There is this one function: it refuses a job at
 * the door, and it names what runs since before the policy said so. A rule that is added here holds
 * in both places.
 */
public final class PolicyCheck {
  private PolicyCheck() {}

  /** All that the policy forbids, in the order of the document; empty if it allows the job. */
  public static List<Violation> violations(Group group, JobSpec spec) {
    GroupPolicy policy = group.policy();
    List<Violation> violations = new ArrayList<>();
    String runtime = spec.runtime().name().toLowerCase(Locale.ROOT);
    if (!policy.allowsRuntime(runtime)) {
      violations.add(
          new Violation(
              "runtime",
              "group " + group.path() + " may not use the runtime " + runtime,
              instead("policy.runtimes", policy.runtimes())));
    }
    String network = spec.container().network();
    if (spec.runtime() == RuntimeKind.DOCKER && !policy.allowsNetwork(network)) {
      violations.add(
          new Violation(
              "container.network",
              "group " + group.path() + " may not use the network " + network,
              instead("policy.networks", policy.networks())));
    }
    if (spec.container().privileged() && !policy.privileged()) {
      violations.add(
          new Violation(
              "container.privileged",
              "group " + group.path() + " may not run privileged containers",
              "leave it out, or change the group's policy"));
    }
    for (int i = 0; i < spec.container().mounts().size(); i++) {
      MountSpec mount = spec.container().mounts().get(i);
      if (policy.mounts().stream().noneMatch(mount::isBelow)) {
        violations.add(
            new Violation(
                "container.mounts[" + i + "].source",
                "group " + group.path() + " may not mount " + mount.source(),
                policy.mounts().isEmpty()
                    ? "leave it out: the group may mount nothing"
                    : "mount something below " + String.join(" or ", policy.mounts())));
      }
    }
    if (spec.priority() > policy.maxPriority()) {
      violations.add(
          new Violation(
              "priority",
              spec.priority() + " is more than group " + group.path() + " may have",
              "write at most " + policy.maxPriority()));
    }
    return violations;
  }

  private static String instead(String key, List<String> allowed) {
    String change = "have an operator add it to the group's " + key;
    return allowed.isEmpty() ? change : "write " + String.join(" or ", allowed) + ", or " + change;
  }
}
