package io.springtide.scheduler.job;

import static java.util.Objects.requireNonNull;

import io.springtide.partition.model.InvalidModelException;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a job says of itself to people and their tools, who find it by that. Nothing is decided by
 * it, and no instance is told of it: a change of it restarts nothing.
 *
 * @param labels by key, at most {@link #MOST_LABELS}; values of at most {@link #LONGEST_VALUE}
 *     printable characters, or none
 * @param owner whom to ask about the job, at most {@link #LONGEST_OWNER} printable characters;
 *     empty: nobody is named
 */
public record JobNotes(Map<String, String> labels, String owner) {
  public static final JobNotes NONE = new JobNotes(Map.of(), "");

  /** The most labels of a job. */
  public static final int MOST_LABELS = 32;

  public static final int LONGEST_VALUE = 63;
  public static final int LONGEST_OWNER = 128;

  /** What a label's key looks like. */
  public static final String KEY = "[a-z0-9]([a-z0-9./-]{0,61}[a-z0-9])?";

  public JobNotes {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    requireNonNull(owner);
    if (labels.size() > MOST_LABELS) {
      throw new InvalidModelException(
          "labels", labels.size() + " are too many", "write " + MOST_LABELS + " at most");
    }
    labels.forEach(
        (key, value) -> {
          requireKey("labels", key);
          requireText("labels." + key, value, LONGEST_VALUE);
        });
    requireText("owner", owner, LONGEST_OWNER);
  }

  /**
   * Checks that a label may have that key.
   *
   * @throws InvalidModelException naming {@code field} otherwise
   */
  public static void requireKey(String field, String key) {
    if (!key.matches(KEY)) {
      throw new InvalidModelException(
          field,
          "'" + (key.length() <= 70 ? key : key.substring(0, 70) + "…") + "' is no label's key",
          "write 1 to 63 of a-z, 0-9, '.', '/' and '-', with a letter or digit first and last");
    }
  }

  private static void requireText(String field, String text, int longest) {
    int length = text.codePointCount(0, text.length());
    if (length > longest) {
      throw new InvalidModelException(
          field, "it has " + length + " characters", "write " + longest + " at most");
    }
    text.codePoints()
        .filter(c -> !isPrintable(c))
        .findFirst()
        .ifPresent(
            c -> {
              throw new InvalidModelException(
                  field,
                  "it holds the character U+%04X, which cannot be printed".formatted(c),
                  "take it out");
            });
  }

  /** What a terminal shows as one sign and nothing else: no line ends, no marks that turn text. */
  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
