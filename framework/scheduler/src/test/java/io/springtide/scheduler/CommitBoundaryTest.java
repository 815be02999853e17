package io.springtide.scheduler;

import io.springtide.scheduler.Walker.Kind;
import io.springtide.scheduler.Walker.Step;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The process dies at every commit of a story, once before it is durable and once in the midst of
 * what follows; its successor keeps the promises and brings the story to the same end.
 */
class CommitBoundaryTest {
  @ParameterizedTest
  @EnumSource(names = {"CRASH_BEFORE_COMMIT", "CRASH_AMID_EFFECTS"})
  void aCrashAtAnyCommitBreaksNoPromise(Kind how) {
    Walker whole = new Walker().crashAt(-1, how);
    story().forEach(whole::step);
    int commits = whole.commits();
    whole.settle();
    for (int commit = 0; commit < commits; commit++) {
      try {
        Walker walker = new Walker().crashAt(commit, how);
        story().forEach(walker::step);
        walker.settle();
        walker.replay();
      } catch (AssertionError broken) {
        throw new AssertionError(how + " at commit " + commit + ": " + broken.getMessage(), broken);
      }
    }
  }

  /** Hosts join, jobs run, one is scaled, an executor and an agent fail, a host is ordered. */
  private static List<Step> story() {
    List<Step> steps = new ArrayList<>();
    rounds(steps, 4);
    add(steps, Kind.SCALE, 6);
    rounds(steps, 3);
    add(steps, Kind.BOOT, 0);
    rounds(steps, 4);
    add(steps, Kind.KILL_EXECUTOR, 0);
    rounds(steps, 4);
    add(steps, Kind.CHANGE, 2);
    rounds(steps, 4);
    add(steps, Kind.HIDE, 1);
    rounds(steps, 2);
    add(steps, Kind.SHOW, 0);
    add(steps, Kind.SCALE, 2);
    rounds(steps, 3);
    return steps;
  }

  private static void rounds(List<Step> steps, int count) {
    for (int i = 0; i < count; i++) {
      add(steps, Kind.OFFER, 0);
      for (int j = 0; j < 4; j++) {
        add(steps, Kind.DELIVER, 4);
        add(steps, Kind.ADVANCE, j);
        add(steps, Kind.ADVANCE, 3 * j + 1);
      }
      add(steps, Kind.DELIVER, 4);
      add(steps, Kind.PASS, 60);
    }
  }

  private static void add(List<Step> steps, Kind kind, int pick) {
    steps.add(new Step(kind, pick));
  }
}
