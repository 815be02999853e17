package io.springtide.harness.emulator.conformance;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which name of the recording stands for which of the run: ids that a master or agent chose, by
 * first appearance, each for one only. Everything else must be equal.
 */
final class Bindings {

  /** A UUID with what Mesos derives from it, or the ports of the recording's processes. */
  private static final Pattern NAME =
      Pattern.compile(
          "(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12})(-(?:S|O)[0-9]+|-[0-9]{4})?"
              + "|(?<=[:.])(?:150[56][0-9])(?![0-9])|<WORK_DIR>");

  private final Map<String, String> runOf = new HashMap<>();
  private final Map<String, String> recordedOf = new HashMap<>();
  private final Set<String> chosenByRecorder = new HashSet<>();
  private final Deque<String> undo = new ArrayDeque<>();

  /** Says that a text which looks like an id is the recorder's own, thus the same in the run. */
  void same(String text) {
    chosenByRecorder.add(text);
  }

  boolean isSame(String text) {
    return chosenByRecorder.contains(text);
  }

  boolean bind(String recorded, String run) {
    String known = runOf.get(recorded);
    if (known != null) {
      return known.equals(run);
    }
    if (recordedOf.containsKey(run)) {
      return false;
    }
    runOf.put(recorded, run);
    recordedOf.put(run, recorded);
    undo.push(recorded);
    return true;
  }

  int mark() {
    return undo.size();
  }

  /** Forgets what was bound since {@code mark}. */
  void rollback(int mark) {
    while (undo.size() > mark) {
      String recorded = undo.pop();
      recordedOf.remove(runOf.remove(recorded));
    }
  }

  /** A text of the recording as the run would have it, as far as names are known. */
  String toRun(String recorded) {
    return replace(recorded, runOf);
  }

  private static String replace(String text, Map<String, String> names) {
    String whole = names.get(text);
    if (whole != null) {
      return whole;
    }
    Matcher matcher = NAME.matcher(text);
    StringBuilder out = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(
          out, Matcher.quoteReplacement(names.getOrDefault(matcher.group(), matcher.group())));
    }
    return matcher.appendTail(out).toString();
  }

  /** Whether two texts are the same but for names, which are bound. */
  boolean unify(String recorded, String run) {
    if (recorded.equals(run) && !NAME.matcher(recorded).find()) {
      return true;
    }
    Matcher names = NAME.matcher(recorded);
    StringBuilder pattern = new StringBuilder();
    java.util.List<String> found = new java.util.ArrayList<>();
    int end = 0;
    while (names.find()) {
      pattern.append(Pattern.quote(recorded.substring(end, names.start())));
      String name = names.group();
      found.add(name);
      pattern.append(shape(name));
      end = names.end();
    }
    pattern.append(Pattern.quote(recorded.substring(end)));
    Matcher matcher = Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(run);
    if (!matcher.matches()) {
      return false;
    }
    int mark = mark();
    for (int i = 0; i < found.size(); i++) {
      if (!bind(found.get(i), matcher.group(i + 1))) {
        rollback(mark);
        return false;
      }
    }
    return true;
  }

  private static String shape(String name) {
    if (name.equals("<WORK_DIR>")) {
      return "(.+?)";
    }
    if (name.length() < 10) {
      return "([0-9]+)";
    }
    String uuid = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
    String rest = name.substring(36);
    if (rest.startsWith("-O") || rest.startsWith("-S")) {
      return "(" + uuid + rest.substring(0, 2) + "[0-9]+)";
    }
    return rest.isEmpty() ? "(" + uuid + ")" : "(" + uuid + "-[0-9]{4})";
  }
}
