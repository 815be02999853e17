package io.springtide.scheduler.state;

/**
 * How many instances of a job there are that stay in it.
 *
 * @param live neither finished nor failed
 */
public record Tally(int live, int finished, int failed) {
  static final Tally NONE = new Tally(0, 0, 0);

  public int done() {
    return finished + failed;
  }

  public int all() {
    return live + finished + failed;
  }

  /** With one more instance like this, or one fewer. */
  Tally with(Instance instance, int delta) {
    if (instance.goal() == Goal.LEAVE) {
      return this;
    }
    return switch (instance.state()) {
      case FINISHED -> new Tally(live, finished + delta, failed);
      case FAILED -> new Tally(live, finished, failed + delta);
      default -> new Tally(live + delta, finished, failed);
    };
  }
}
