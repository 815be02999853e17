package io.springtide.partition.books;

import java.util.ArrayList;
import java.util.List;

/**
 * How the moves of one {@link Trial} are taken back; the books write them down as they are made.
 */
final class Journal {
  /** The journal of the trial around this one, or null. */
  final Journal outer;

  private final List<Runnable> moves = new ArrayList<>();
  private boolean over;

  Journal(Journal outer) {
    this.outer = outer;
  }

  /** A move is made; {@code back} takes it back. What is made while taking back is no move. */
  void moved(Runnable back) {
    if (!over) {
      moves.add(back);
    }
  }

  boolean isOver() {
    return over;
  }

  /** Takes all moves back, the last one first. */
  void takeBack() {
    over = true;
    for (int i = moves.size() - 1; i >= 0; i--) {
      moves.get(i).run();
    }
  }

  /** Leaves all moves to the journal around this one. */
  void leave() {
    over = true;
    outer.moves.addAll(moves);
  }
}
