package io.springtide.server.document;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonStreamContext;
import io.springtide.partition.model.InvalidModelException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a parser says of a text that it cannot read, in words for the person who wrote the text: the
 * parser's own speak of its options and classes.
 */
final class Complaint {
  private record Case(Pattern said, String what, String fix) {
    static Case of(String said, String what, String fix) {
      return new Case(Pattern.compile(said, Pattern.DOTALL), what, fix);
    }
  }

  private static final int MAX_WORD = 40;

  private static final List<Case> CASES =
      List.of(
          Case.of(
              "Duplicate field '(.*?)'.*",
              "the field '%s' stands there twice",
              "take one of the two out"),
          Case.of(
              "found duplicate key (\\S+).*",
              "the field '%s' stands there twice",
              "take one of the two out"),
          Case.of(
              ".*[Nn]esting depth.*",
              "it is nested too deeply",
              "no document needs more than 50 levels"),
          Case.of(".*Number value length.*", "a number is too long", "write at most 40 digits"),
          Case.of(
              ".*(?:Invalid UTF-8|surrogate|UTF-32|not (?:a )?valid).*",
              "it is not UTF-8",
              "save it as UTF-8"),
          Case.of(
              "(?:Unexpected end-of-input|Unexpected end of).*",
              "it ends too early",
              "close what is open, with } or ]"),
          Case.of(
              "Unrecognized token '(.*?)'.*",
              "'%s' is no value",
              "put texts in double quotes; other words are true and false"),
          Case.of(
              "Unexpected character \\('(.)' .*",
              "there is '%s' where something else must stand",
              "look for a missing comma, colon, quote or bracket before it"),
          Case.of(
              "Illegal unquoted character.*",
              "a text holds a line's end or another control character",
              "write \\n for a line's end within a text"),
          Case.of(
              "Unrecognized character escape.*",
              "a text holds a backslash that says nothing",
              "write \\\\ for a backslash within a text"),
          Case.of(
              "(?:Trailing token|Unexpected.*after.*end).*",
              "something follows after its end",
              "send one document at a time"),
          Case.of(
              "Invalid numeric value.*|Leading zeroes.*",
              "a number is written wrongly",
              "write such as 0.5 or 12"),
          Case.of(
              ".*found character '?(?:\\\\t|\\t).*",
              "a line begins with a tab",
              "indent with spaces"),
          Case.of(
              ".*(?:while scanning|while parsing|mapping values|expected).*",
              "its lines do not fit together",
              "look at the indentation, and put texts with ': ', '#' or '*' in quotes"));

  private Complaint() {}

  static InvalidModelException of(String format, JsonProcessingException e) {
    String said = e.getOriginalMessage() == null ? "" : e.getOriginalMessage();
    String what = "it cannot be read there";
    String fix = "mend the text there";
    for (Case known : CASES) {
      Matcher matcher = known.said().matcher(said);
      if (matcher.matches()) {
        what =
            matcher.groupCount() > 0 ? known.what().formatted(cut(matcher.group(1))) : known.what();
        fix = known.fix();
        break;
      }
    }
    return new InvalidModelException(
        what.contains("twice") ? path(e) : "", "not " + format + where(e) + ": " + what, fix);
  }

  /** Lines and columns count from 1. */
  static String where(JsonLocation at) {
    return at == null || at.getLineNr() < 1
        ? ""
        : " at line " + at.getLineNr() + ", column " + Math.max(1, at.getColumnNr());
  }

  private static String where(JsonProcessingException e) {
    return where(e.getLocation());
  }

  private static String path(JsonProcessingException e) {
    if (!(e.getProcessor() instanceof JsonParser parser)) {
      return "";
    }
    StringBuilder path = new StringBuilder();
    for (JsonStreamContext at = parser.getParsingContext(); at != null; at = at.getParent()) {
      if (at.inObject() && at.getCurrentName() != null) {
        path.insert(0, "." + cut(at.getCurrentName()));
      } else if (at.inArray()) {
        path.insert(0, "[" + at.getCurrentIndex() + "]");
      }
    }
    return path.length() > 0 && path.charAt(0) == '.' ? path.substring(1) : path.toString();
  }

  private static String cut(String text) {
    return text.length() <= MAX_WORD ? text : text.substring(0, MAX_WORD) + "…";
  }
}
