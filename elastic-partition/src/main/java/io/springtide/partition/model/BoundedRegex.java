package io.springtide.partition.model;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A regular expression that gives up. Java's matcher tries one way after the other; of those of
 * {@code .*a.*a.*a.*b} or {@code (\w*)+\1!} there are more than anybody can wait for. A text that
 * takes more than so many looks at characters, or is longer than so many of them, does not match.
 */
public final class BoundedRegex implements Predicate<String> {
  private static final int MOST_LOOKS = 50_000;
  private static final int LONGEST_TEXT = 500;

  private final Pattern pattern;

  public BoundedRegex(String regex) {
    pattern = Pattern.compile(regex);
  }

  @Override
  public boolean test(String text) {
    return verdict(text) == Verdict.MATCHES;
  }

  /** Whether it takes too long to find out if the text matches. */
  public boolean givesUpOn(String text) {
    return verdict(text) == Verdict.GIVES_UP;
  }

  private enum Verdict {
    MATCHES,
    DIFFERS,
    GIVES_UP
  }

  private Verdict verdict(String text) {
    if (text.length() > LONGEST_TEXT) {
      return Verdict.DIFFERS;
    }
    try {
      Counted counted = new Counted(text, new int[1], 0, text.length());
      return pattern.matcher(counted).matches() ? Verdict.MATCHES : Verdict.DIFFERS;
    } catch (TooManyLooks e) {
      return Verdict.GIVES_UP;
    }
  }

  /** Thrown out of the matcher to stop it, as it has no other way to be stopped. */
  private static final class TooManyLooks extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooManyLooks() {
      super(null, null, false, false);
    }
  }

  /** A text that counts how often somebody looks at it. */
  @SuppressWarnings("ArrayRecordComponent") // One counter for all parts of a text.
  private record Counted(String text, int[] looks, int start, int end) implements CharSequence {
    @Override
    public char charAt(int index) {
      if (++looks[0] > MOST_LOOKS) {
        throw new TooManyLooks();
      }
      return text.charAt(start + index);
    }

    @Override
    public int length() {
      return end - start;
    }

    @Override
    public CharSequence subSequence(int from, int to) {
      return new Counted(text, looks, start + from, start + to);
    }

    @Override
    public String toString() {
      return text.substring(start, end);
    }
  }
}
