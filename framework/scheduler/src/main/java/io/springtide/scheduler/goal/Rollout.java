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
 * <p>Instances above the wanted number are started while some are to be replaced, and for each of
 * them that serves one of those leaves. So instances can be replaced where none may be down.
 *
 * <p>What is lost while a change goes on comes back as what it was, until its turn: no more are on
 * their way to an unproven revision at once than budget and surge together.
 *
 * <p>Where there is not room for all of a job's instances, its change goes on with those that have
 * a place.
 *
 * @param newest the revision that all instances are to run in the end
 * @param others the revision of instances above the wanted number once no more are to run the
 *     newest
 * @param limit how many may run or want the newest; 0: nobody more than there are
 * @param proven whether the newest has been whole before: then nobody comes back as anything else
 * @param wanted how many there are to be in the end
 * @param surge how many there may be above that, 0 or more
 * @param budget how many may be down at once, 0 or more; with a surge of 0: 1 or more
 * @param began when the newest revision was first seen
 * @param placed at least so many instances had a place since there was something to do; 0 if there
 *     was nothing before
 * @param now of the decision
 */
record Rollout(
    long newest,
    long others,
    int limit,
    boolean proven,
    int wanted,
    int surge,
    int budget,
    Instant began,
    int placed,
    Instant now) {
  private static final String CHANGED = "its job has changed";

  Rollout {
    requireNonNull(began);
    requireNonNull(now);
  }

  /** The rollout of a job whose newest revision is for all, none of them above the wanted. */
  static Rollout of(long newest, int wanted, int budget, Instant began, int placed, Instant now) {
    return new Rollout(
        newest, newest, Integer.MAX_VALUE, true, wanted, 0, budget, began, placed, now);
  }

  /**
   * An instance that stays in its job and is not done.
   *
   * @param id its id
   * @param wants the revision that its next attempt runs
   * @param runs the revision of its present attempt; empty if it has none, or that is to end
   * @param serves whether its present attempt serves clients now, and has done so for long enough
   * @param since when its state began
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
      Instant since,
      Optional<Instant> servedUntil,
      Optional<Instant> unplacedSince,
      Optional<Instant> leavesSince,
      Optional<Breach> breach) {

    /** The same, and until when it served. */
    Member servedUntil(Optional<Instant> until) {
      return new Member(id, wants, runs, serves, since, until, unplacedSince, leavesSince, breach);
    }

    /** Whether it cannot stay where it is, whatever it runs. */
    boolean displaced() {
      return runs.isPresent()
          && (leavesSince.isPresent() || breach.filter(Breach::movable).isPresent());
    }
  }

  /** What becomes of an instance, and why. */
  sealed interface Step {
    /** The id of the instance; empty: of one that is to be. */
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

  /** One more instance, above the wanted number, of {@code revision}. */
  record Add(long revision, String why) implements Step {
    @Override
    public String instance() {
      return "";
    }

    @Override
    public void by(Hands hands) {
      hands.add(this);
    }
  }

  /** It ends for good: one above the wanted number takes its place. */
  record Leave(String instance, String why) implements Step {
    @Override
    public void by(Hands hands) {
      hands.leave(this);
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

    void add(Add step);

    void leave(Leave step);

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

  /** Whether its present attempt may have to end, now or later. */
  boolean mayMove(Member member) {
    boolean old = member.runs().isPresent() && member.runs().getAsLong() != newest;
    return member.displaced() || old;
  }

  /** How many above the wanted number may stay: as many as are still to be replaced. */
  int mayExceed(List<Member> members) {
    long open =
        members.stream()
            .filter(one -> one.displaced() || (limit > 0 && one.wants() != newest))
            .count();
    return (int) Math.min(surge, open);
  }

  /**
   * Decides about all of a job's instances together.
   *
   * @param alive how many instances there are, those that leave included
   */
  Decision decide(List<Member> members, int alive) {
    return new Deciding(members).decide(alive);
  }

  /** One decision. */
  private final class Deciding {
    private final List<Member> members;
    private final Due due = new Due();
    private final List<Step> steps = new ArrayList<>();

    /** How many more may be given the newest revision. */
    private int turns;

    /** How many there are above the wanted number. */
    private int excess;

    /** How many displaced ones, and how many that run something else, are left as they are. */
    private int displaced;

    private int behind;

    Deciding(List<Member> members) {
      this.members = members;
    }

    Decision decide(int alive) {
      int updated = (int) members.stream().filter(one -> one.wants() == newest).count();
      turns = limit == Integer.MAX_VALUE ? limit : Math.max(0, limit - updated);
      excess = Math.max(0, members.size() - wanted);
      int waiting = 0;
      int serving = 0;
      int untouched = 0;
      int coming = 0;
      List<Member> down = new ArrayList<>();
      for (Member member : members) {
        boolean moves = mustMove(member);
        waiting += hasNoPlace(member) ? 1 : 0;
        serving += member.serves() ? 1 : 0;
        untouched += member.serves() || moves ? 1 : 0;
        coming += member.wants() == newest && !member.serves() ? 1 : 0;
        if (moves) {
          due.sort(member);
        } else if (member.runs().isEmpty() && member.wants() != newest) {
          down.add(member);
        }
      }
      start(down, coming);
      boolean nothing = due.isEmpty() && !(limit > 0 && updated < members.size());
      int most = nothing ? 0 : Math.max(placed, members.size() - waiting);
      most = Math.min(most, Math.min(wanted, members.size()));
      take(most, serving, untouched);
      add(alive);
      return new Decision(steps, most, Optional.ofNullable(due.lookAgain));
    }

    /** Whether its present attempt must end, now or later. */
    private boolean mustMove(Member member) {
      boolean old = member.runs().isPresent() && member.runs().getAsLong() != newest;
      return member.displaced() || (old && limit > 0 && (turns > 0 || excess > 0));
    }

    /**
     * What runs nothing is given the newest revision at once, but for what was lost meanwhile: that
     * is not to be many more than could be on their way without it.
     */
    private void start(List<Member> down, int coming) {
      int onTheirWay = coming;
      for (Member member : down) {
        boolean itsTurn = !lostMeanwhile(member) || onTheirWay < Math.max(1, (long) budget + surge);
        if (turns > 0 && itsTurn) {
          steps.add(new Start(member.id(), next(member), CHANGED + ", and it serves nobody"));
          onTheirWay++;
        }
      }
    }

    private void take(int most, int serving, int untouched) {
      int unavailable = most - serving;
      int taken = most - untouched;
      due.idle.forEach(this::move);
      for (Member member : due.gone) {
        if (taken < budget && move(member)) {
          taken++;
        } else {
          stays(member, taken + " are being replaced");
        }
      }
      for (Member member : due.faltering) {
        if (taken < budget && unavailable <= budget && move(member)) {
          taken++;
        } else {
          stays(member, "it served a moment ago, and " + unavailable + " do not serve");
        }
      }
      for (Member member : due.serving) {
        if (unavailable < budget && move(member)) {
          unavailable++;
        } else {
          stays(member, Math.max(0, unavailable) + " do not serve");
        }
      }
    }

    /** Takes it from where it is; false: nobody more may run the newest revision. */
    private boolean move(Member member) {
      if (excess > 0) {
        steps.add(new Leave(member.id(), why(member)));
        excess--;
        return true;
      }
      if (!member.displaced() && turns == 0) {
        return false;
      }
      steps.add(new Move(member.id(), next(member), why(member)));
      return true;
    }

    /** The revision of its next attempt: the newest, if it is one more's turn. */
    private long next(Member member) {
      if (member.wants() != newest && turns > 0) {
        turns -= turns == Integer.MAX_VALUE ? 0 : 1;
        return newest;
      }
      return member.wants();
    }

    private void stays(Member member, String because) {
      displaced += member.displaced() ? 1 : 0;
      behind += member.displaced() ? 0 : 1;
      steps.add(
          new Wait(
              member.id(),
              why(member) + "; " + because + ", and update.maxUnavailable is " + budget,
              "an instance of the job that serves"));
    }

    /** As many above the wanted number as may be, and as there are left to be replaced. */
    private void add(int alive) {
      int room = wanted + surge - alive;
      int more = Math.min(surge, displaced + behind) - excess;
      for (int i = 0; i < Math.min(room, more); i++) {
        boolean its = turns > 0 && behind > 0;
        if (!its && displaced == 0) {
          return;
        }
        long revision = turns > 0 ? newest : others;
        turns -= turns == 0 || turns == Integer.MAX_VALUE ? 0 : 1;
        steps.add(new Add(revision, "another is to be replaced"));
      }
    }

    /** Whether it has waited for a place for a while: what was taken a moment ago has not. */
    private boolean hasNoPlace(Member member) {
      if (member.unplacedSince().isEmpty()) {
        return false;
      }
      Instant from = member.unplacedSince().get().plus(LastServed.LATELY);
      if (from.isAfter(now)) {
        due.lookAgain(from);
      }
      return !from.isAfter(now);
    }
  }

  /** Whether it is where it is since the change began, and the newest revision is unproven. */
  private boolean lostMeanwhile(Member member) {
    return !proven && member.since().isAfter(began);
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
        (lostMeanwhile(member) ? gone : idle).add(member);
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
