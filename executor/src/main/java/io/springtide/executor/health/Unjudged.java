package io.springtide.executor.health;

/**
 * A probe's failure that says nothing about what it asked after: the engine between the two does
 * not answer. Nothing is killed for it (promise 4).
 */
public final class Unjudged extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean seen;

  /**
   * @param seen whether clients see the failure too: then they are sent elsewhere (promise 5)
   */
  public Unjudged(String message, boolean seen) {
    super(message, null, false, false);
    this.seen = seen;
  }

  boolean seen() {
    return seen;
  }
}
