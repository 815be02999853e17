package io.springtide.mesos;

/**
 * Hears what became of calls that did not get through, since {@code send} returns nothing, and why
 * a subscription ended. Called on the same thread as the scheduler's or executor's callbacks, in
 * order with them.
 *
 * <p>That a call is not reported here means that it was answered 202, which is not success: Mesos
 * answers 202 also for offers, tasks and agents it does not know. What a call did shows in events
 * only.
 *
 * @param <C> the API's call message
 */
public interface CallListener<C> {
  /** What is known of a call that failed. */
  enum Fate {
    /** It never left this process: it has no effect. */
    NOT_SENT,
    /** It left, and no answer came: it may or may not have had its effect. */
    UNKNOWN
  }

  /**
   * The other side answered, and did not take the call: it has no effect.
   *
   * @param status the HTTP status, for example 400 (does not parse, unknown framework, stale stream
   *     id), 401 (bad credentials), 403 (not subscribed), 503 (recovering)
   * @param message what the other side said, at most 64 KiB, may be empty
   */
  void refused(C call, int status, String message);

  /**
   * No answer.
   *
   * @param reason a sentence for the log
   */
  void failed(C call, Fate fate, String reason);

  /**
   * The subscription has ended or could not be opened; comes before the {@code disconnected} that
   * belongs to it, if there is one.
   *
   * @param reason a sentence for the log: what ended it, for example missed heartbeats, a record
   *     that does not parse, or events that nobody took
   */
  default void subscriptionLost(String reason) {}
}
