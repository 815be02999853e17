package io.springtide.server.document;

import io.springtide.partition.model.InvalidModelException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as documents spell them: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}. */
public final class DurationText {
  /** How they look. */
  static final String FORM = "([0-9]{1,9})(ms|s|m|h)";

  private static final Pattern SHAPE = Pattern.compile(FORM);

  /** Beyond it, sums of times would leave what a clock can say. */
  private static final Duration LONGEST = Duration.ofHours(8760);

  private DurationText() {}

  /**
   * Reads a duration.
   *
   * @throws InvalidModelException naming {@code field} if {@code text} is none
   */
  public static Duration parse(String field, String text) {
    Matcher matcher = SHAPE.matcher(text);
    if (!matcher.matches()) {
      throw new InvalidModelException(
          field,
          "'" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "' is not a duration",
          "write a whole number with its unit: 500ms, 30s, 5m or 2h");
    }
    long number = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          default -> Duration.ofHours(number);
        };
    if (duration.compareTo(LONGEST) > 0) {
      throw new InvalidModelException(
          field, "'" + text + "' is longer than a year", "write at most 8760h");
    }
    return duration;
  }

  /** In the largest unit that loses nothing. */
  public static String format(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds % 60 != 0 || seconds == 0) {
      return seconds + "s";
    }
    long minutes = seconds / 60;
    return minutes % 60 != 0 ? minutes + "m" : minutes / 60 + "h";
  }
}
