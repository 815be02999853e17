package io.springtide.scheduler.goal;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.answer.Breach;
import io.springtide.scheduler.turn.LastServed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decides how a job's instances come to run its newest revision, and to be where they are to be:
 * off hosts that are to be empty, and where their job's rules allow them. Pure: the same knowledge
 * gives the same steps, and making them is left to others.
 *
 * <p>What serves nobody gets the newest revision at once; the rest no faster than the job's
 * disruption budget. But who serves nobody is not a question of one probe: whoever served within
 * the last minute may serve again in a moment, and is left alone while more than the budget are
 * down. Whoever served when the change began and has not for longer goes as replacements come up,
 * however many are down. So a change never takes more than the budget from those who served.
 *
 * <p>Where there is not room for all of a job's instances, its change goes on with those that have
 * a place.
 *
 * @param newest the revision that all instances are to run in the end
 * @param budget how many may be down at once, 1 or more
 * @param began when the newest revision was first seen
 * @param placed at least so many instances had a place since there was something to do; 0 if there
 *     was nothing before
 * @param now of the decision
 */
record Rollout(long newest, int budget, Instant began, int placed, Instant now) {
  private static final String CHANGED = "its job has changed";

  Rollout {
    requireNonNull(began);
    requireNonNull(now);
  }

  /**
   * An instance that stays in its job and is not done.
   *
   * @param id its id
   * @param wants the revision that its next attempt runs
   * @param runs the revision of its present attempt; empty if it has none, or that is to end
   * @param serves whether its present attempt serves clients now
   * @param servedUntil until when that served, now if it does; empty: it never did, or need not
   *     move
   * @param unplacedSince since when it waits for any place; empty if it does not
   * @param leavesSince since when its host is to be empty; empty if it is not
   * @param breach what it breaks where it is; empty: nothing
   */
  record Member(
      String id,
      long wants,
      OptionalLong runs,
      boolean serves,
      Optional<Instant> servedUntil,
      Optional<Instant> unplacedSince,
      Optional<Instant> leavesSince,
      Optional<Breach> breach) {

    /** The same, and until when it served. */
    Member servedUntil(Optional<Instant> until) {
      return new Member(id, wants, runs, serves, until, unplacedSince, leavesSince, breach);
    }
  }

  /** What becomes of an instance, and why. */
  sealed interface Step {
    /** The id of the instance. */
    String instance();

    /** In words, for a person; not empty. */
    String why();

    void by(Hands hands);
  }

  /** Nothing of it needs to end; its next attempt runs {@code revision}. */
  record Start(String instance, long revision, String why) implements Step {
    @Override
    public void by(Hands hands) {
      hands.start(this);
    }
  }

  /** Its present attempt ends, and the next one runs {@code revision}. */
  record Move(String instance, long revision, String why) implements Step {
    @Override
    public void by(Hands hands) {
      hands.move(this);
    }
  }

  /**
   * It is to be moved, and stays as it is for now.
   *
   * @param until what would let it go, in words
   */
  record Wait(String instance, String why, String until) implements Step {
    @Override
    public void by(Hands hands) {
      hands.waits(this);
    }
  }

  /** Who makes the steps: something for each kind. */
  interface Hands {
    void start(Start step);

    void move(Move step);

    void waits(Wait step);
  }

  /**
   * What to do.
   *
   * @param steps one for each instance that is not as it is to be, in the order to make them in
   * @param placed what the next decision is to be told
   * @param lookAgain when the passing of time alone may change the decision; empty: never
   */
  record Decision(List<Step> steps, int placed, Optional<Instant> lookAgain) {
    Decision {
      steps = List.copyOf(steps);
    }
  }

  /** Decides about all of a job's instances together. */
  Decision decide(List<Member> members) {
    Due due = new Due();
    List<Step> steps = new ArrayList<>();
    int waiting = 0;
    int serving = 0;
    int untouched = 0;
    for (Member member : members) {
      boolean moves = mustMove(member);
      waiting += hasNoPlace(member, due) ? 1 : 0;
      serving += member.serves() ? 1 : 0;
      untouched += member.serves() || moves ? 1 : 0;
      if (moves) {
        due.sort(member);
      } else if (member.runs().isEmpty() && member.wants() != newest) {
        steps.add(new Start(member.id(), newest, CHANGED + ", and it serves nobody"));
      }
    }
    int most = due.isEmpty() ? 0 : Math.max(placed, members.size() - waiting);
    most = Math.min(most, members.size());
    int unavailable = most - serving;
    int taken = most - untouched;
    due.idle.forEach(member -> steps.add(move(member)));
    for (Member member : due.gone) {
      if (taken < budget) {
        steps.add(move(member));
        taken++;
      } else {
        steps.add(wait(member, taken + " are being replaced"));
      }
    }
    for (Member member : due.faltering) {
      if (taken < budget && unavailable <= budget) {
        steps.add(move(member));
        taken++;
      } else {
        steps.add(wait(member, "it served a moment ago, and " + unavailable + " do not serve"));
      }
    }
    for (Member member : due.serving) {
      if (unavailable < budget) {
        steps.add(move(member));
        unavailable++;
      } else {
        steps.add(wait(member, unavailable + " do not serve"));
      }
    }
    return new Decision(steps, most, Optional.ofNullable(due.lookAgain));
  }

  /** Whether its present attempt must end, now or later. */
  boolean mustMove(Member member) {
    return member.runs().isPresent()
        && (member.runs().getAsLong() != newest
            || member.leavesSince().isPresent()
            || member.breach().filter(Breach::movable).isPresent());
  }

  /** Whether it has waited for a place for a while: what was taken a moment ago has not. */
  private boolean hasNoPlace(Member member, Due due) {
    if (member.unplacedSince().isEmpty()) {
      return false;
    }
    Instant from = member.unplacedSince().get().plus(LastServed.LATELY);
    if (from.isAfter(now)) {
      due.lookAgain(from);
    }
    return !from.isAfter(now);
  }

  private Move move(Member member) {
    return new Move(member.id(), newest, why(member));
  }

  private Wait wait(Member member, String because) {
    return new Wait(
        member.id(),
        why(member) + "; " + because + ", and update.maxUnavailable is " + budget,
        "an instance of the job that serves");
  }

  private static String why(Member member) {
    return member.leavesSince().isPresent()
        ? "its host is to be empty"
        : member.breach().map(Breach::detail).orElse(CHANGED);
  }

  /** Of those that must move, by what they did for clients. */
  private final class Due {
    final List<Member> idle = new ArrayList<>();
    final List<Member> gone = new ArrayList<>();
    final List<Member> faltering = new ArrayList<>();
    final List<Member> serving = new ArrayList<>();
    Instant lookAgain;

    boolean isEmpty() {
      return idle.isEmpty() && gone.isEmpty() && faltering.isEmpty() && serving.isEmpty();
    }

    void lookAgain(Instant at) {
      lookAgain = lookAgain == null || at.isBefore(lookAgain) ? at : lookAgain;
    }

    void sort(Member member) {
      if (member.servedUntil().isEmpty()) {
        idle.add(member);
      } else if (member.serves()) {
        serving.add(member);
      } else if (member.servedUntil().get().plus(LastServed.LATELY).isAfter(now)) {
        faltering.add(member);
        lookAgain(member.servedUntil().get().plus(LastServed.LATELY));
      } else if (member.servedUntil().get().isBefore(since(member))) {
        idle.add(member);
      } else {
        gone.add(member);
      }
    }

    /** When what moves it began: its job's change, or its host's emptying. */
    private Instant since(Member member) {
      return member.leavesSince().filter(began::isAfter).orElse(began);
    }
  }
}
