package io.springtide.registry.answer;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A part of content of known size: bytes {@code from} up to, not including, {@code to}. */
record ByteRange(long from, long to) {
  private static final Pattern FORM =
      Pattern.compile("(?i)bytes=\\s*(\\d{0,100})\\s*-\\s*(\\d{0,100})\\s*");

  /** What to answer to a Range header. */
  sealed interface Wanted {
    /** Everything: no range, several ranges, or none that we understand (RFC 9110, 14.2). */
    record All() implements Wanted {}

    record Part(ByteRange range) implements Wanted {}

    record Unsatisfiable() implements Wanted {}
  }

  static Wanted of(Optional<String> header, long size) {
    Optional<Matcher> matcher = header.map(FORM::matcher).filter(Matcher::matches);
    if (matcher.isEmpty()
        || (matcher.get().group(1).isEmpty() && matcher.get().group(2).isEmpty())) {
      return new Wanted.All();
    }
    String first = matcher.get().group(1);
    String last = matcher.get().group(2);
    if (first.isEmpty()) {
      long suffix = number(last);
      return suffix == 0 || size == 0
          ? new Wanted.Unsatisfiable()
          : new Wanted.Part(new ByteRange(Math.max(0, size - suffix), size));
    }
    long from = number(first);
    long to = last.isEmpty() ? size : Math.min(size, number(last) + 1);
    return from >= size || from >= to
        ? new Wanted.Unsatisfiable()
        : new Wanted.Part(new ByteRange(from, to));
  }

  /** More than any content has, if it has more digits than that. */
  private static long number(String digits) {
    String significant = digits.replaceFirst("^0+", "");
    return significant.isEmpty()
        ? 0
        : significant.length() > 18 ? Long.MAX_VALUE - 1 : Long.parseLong(significant);
  }

  long length() {
    return to - from;
  }

  /** As in a Content-Range header. */
  String of(long size) {
    return "bytes " + from + "-" + (to - 1) + "/" + size;
  }
}
