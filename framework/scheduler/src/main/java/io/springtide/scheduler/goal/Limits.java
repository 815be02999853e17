package io.springtide.scheduler.goal;

import io.springtide.partition.model.Group;
import io.springtide.scheduler.job.PolicyCheck;
import io.springtide.scheduler.job.Violation;
import io.springtide.scheduler.state.Goal;
import io.springtide.scheduler.state.Instance;
import io.springtide.scheduler.state.Job;
import io.springtide.scheduler.state.State;
import io.springtide.scheduler.task.InstanceInput;
import io.springtide.scheduler.task.Updates;
import io.springtide.scheduler.turn.DirtySet;
import io.springtide.scheduler.turn.Ledger;
import io.springtide.scheduler.turn.Turn;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Limits that were lowered under what runs. They are named on the jobs of the group and of those
 * below it; where the group's policy says {@code enforce}, what is above them is ended and waits.
 */
public final class Limits {
  private static final Duration EVERY = Duration.ofSeconds(1);

  private final State state;
  private final Ledger ledger;
  private final Updates updates;
  private final DirtySet dirty;
  private Map<String, List<String>> over = new TreeMap<>();
  private Instant nextLook = Instant.MIN;

  public Limits(State state, Ledger ledger, Updates updates, DirtySet dirty) {
    this.state = state;
    this.ledger = ledger;
    this.updates = updates;
    this.dirty = dirty;
  }

  /** What is above a limit that the job is below, and what its group's policy forbids. */
  public List<Violation> violations(Job job) {
    List<Violation> violations = new ArrayList<>();
    State.Versioned<Group> group = state.groups().get(job.spec().group());
    if (group != null) {
      violations.addAll(PolicyCheck.violations(group.value(), job.spec()));
    }
    over.forEach(
        (path, all) -> {
          if (job.id().startsWith(path + ".")) {
            for (String what : all) {
              violations.add(
                  new Violation(
                      what.startsWith("total") ? "totalLimit" : "quotas",
                      "group " + path + " is above its " + what,
                      "fewer or smaller instances, or a higher limit"));
            }
          }
        });
    return violations;
  }

  /** Looks again; ends what is above enforced limits. */
  public void look(Turn turn) {
    Map<String, List<String>> now = ledger.overLimits();
    if (!now.equals(over)) {
      for (String job : state.jobs().keySet()) {
        if (concerns(now, job) || concerns(over, job)) {
          dirty.heading(job);
        }
      }
      over = now;
    }
    for (String id : now.isEmpty() ? List.<String>of() : ledger.beyondEnforcedLimits()) {
      state
          .instance(id)
          .filter(instance -> instance.goal() == Goal.RUN)
          .ifPresent(instance -> end(instance, turn));
    }
  }

  private void end(Instance instance, Turn turn) {
    String why = "its group is above a limit that is enforced";
    Instance ending = instance.with(Goal.REPLACE, why);
    turn.put(ending);
    updates.on(ending, InstanceInput.STOP, why, turn);
  }

  private static boolean concerns(Map<String, List<String>> over, String job) {
    return over.keySet().stream().anyMatch(path -> job.startsWith(path + "."));
  }

  public void sweep(Turn turn) {
    if (!turn.now().isBefore(nextLook)) {
      nextLook = turn.now().plus(EVERY);
      look(turn);
    }
  }
}
