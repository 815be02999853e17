package io.springtide.cli;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What is said of arguments that no command knows. A word that was probably meant is named only if
 * it is a slip away, and one that takes something down never but for a single wrong letter: nobody
 * shall be led from {@code status} to {@code stop}.
 */
final class Unknown {
  /** What takes something down, or out of service. */
  private static final Set<String> DESTRUCTIVE =
      Set.of("stop", "drain", "cordon", "remove", "delete", "release", "revoke");

  /** Words of other tools, and what does that here. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(
          "logs", "output is in the task's sandbox, which the Mesos UI shows",
          "ps", "'tide instance list' says what runs where",
          "nodes", "'tide host list' lists the hosts");

  private Unknown() {}

  /** Says what is wrong and where help is; the exit code is that of wrong arguments. */
  static int handle(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    List<String> known = List.copyOf(command.getSubcommands().keySet());
    if (e instanceof UnmatchedArgumentException unmatched && !known.isEmpty()) {
      String word = unmatched.getUnmatched().get(0);
      err.println("tide: there is no '" + name(command) + " " + word + "'");
      err.println("  fix:   " + fix(command, word, known));
      return ExitCodes.USAGE;
    }
    String said = e.getMessage();
    err.println("tide: " + said.substring(0, 1).toLowerCase(Locale.ROOT) + said.substring(1));
    if (!known.isEmpty()) {
      err.println("  there is: " + String.join(", ", known.stream().sorted().toList()));
    }
    err.println("  fix:   see '" + name(command) + " --help'");
    return ExitCodes.USAGE;
  }

  private static String fix(CommandLine command, String word, List<String> known) {
    String elsewhere = ELSEWHERE.get(word);
    if (elsewhere != null) {
      return elsewhere;
    }
    String all = "there is " + String.join(", ", known.stream().sorted().toList());
    return nearest(word, known)
        .map(meant -> "did you mean '" + name(command) + " " + meant + "'? Else " + all)
        .orElse(all + "; see '" + name(command) + " --help'");
  }

  /** The candidate that {@code word} is a slip of, if there is one. */
  static Optional<String> nearest(String word, List<String> candidates) {
    return candidates.stream()
        .filter(
            candidate -> !word.isEmpty() && distance(word, candidate) <= allowed(word, candidate))
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
  }

  private static int allowed(String word, String candidate) {
    if (DESTRUCTIVE.contains(candidate)) {
      // A word with another beginning, such as top, is another word.
      return word.charAt(0) == candidate.charAt(0) ? 1 : -1;
    }
    return Math.max(1, Math.max(word.length(), candidate.length()) / 3);
  }

  private static String name(CommandLine command) {
    return command.getCommandSpec().qualifiedName();
  }

  /** How many letters are wrong, missing, too many or changed with their neighbour. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
