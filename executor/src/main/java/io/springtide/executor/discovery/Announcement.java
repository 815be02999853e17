package io.springtide.executor.discovery;

import java.util.concurrent.CompletionStage;

/**
 * An endpoint in a directory. Calls return at once and may come in any order; the latest wins,
 * except that what was withdrawn stays so. All on the loop's thread.
 */
public interface Announcement {
  /** Sets it passing. */
  void passing();

  /** Sets it critical. */
  void failing(String why);

  /**
   * Takes it out for good. Called again, takes it out again: somebody may have put it back.
   *
   * @return completes when the directory has confirmed it, or has not answered for so long that
   *     stopping must not wait any more; trying goes on then. Never fails
   */
  CompletionStage<Void> withdraw();
}
