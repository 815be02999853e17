package io.springtide.mesos;

/** An operator call that did not succeed. */
public final class OperatorException extends Exception {
  private static final long serialVersionUID = 1;

  /** No answer came. */
  public static final int NO_ANSWER = 0;

  private final int status;

  /**
   * @param status of the answer
   * @param message what the master says
   */
  public OperatorException(int status, String message) {
    super(message);
    this.status = status;
  }

  /**
   * The HTTP status: 400 for a call that makes no sense to Mesos (the message says why), 401 and
   * 403 for credentials that do not do, 503 for a master that recovers; {@link #NO_ANSWER} if there
   * was none, in which case the call may have had its effect.
   */
  public int status() {
    return status;
  }
}
