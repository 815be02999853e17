package io.springtide.scheduler;

import io.springtide.partition.Group;
import io.springtide.partition.GroupPolicy;
import java.util.ArrayList;
import java.util.List;

/**
 * What of a job its group's policy does not allow. There is this one function: it refuses a job at
 * the door, and it names what runs since before the policy said so. A rule that is added here holds
 * in both places.
 */
final class PolicyCheck {
  private PolicyCheck() {}

  /** All that the policy forbids, in the order of the document; empty if it allows the job. */
  static List<Violation> violations(Group group, JobSpec spec) {
    GroupPolicy policy = group.policy();
    List<Violation> violations = new ArrayList<>();
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
                    : "mount something below one of " + policy.mounts()));
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
}
