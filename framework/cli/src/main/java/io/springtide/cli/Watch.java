package io.springtide.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.Stack;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code --watch}: shows something again and again, until it is ended. */
final class Watch {
  private static final String CLEAR = "\u001b[H\u001b[2J";
  private static final int MOST_SECONDS = 3600;

  @Option(
      names = {"-w", "--watch"},
      paramLabel = "SECONDS",
      arity = "0..1",
      preprocessor = Attached.class,
      description =
          "shows it again every so many seconds (1 to 3600; 2 if not said), until Ctrl-C; where no"
              + " terminal reads it, only when it has changed")
  private Integer seconds;

  /** The number is the option's only if it is attached: {@code --watch ID} names something. */
  static final class Attached implements IParameterPreprocessor {
    @Override
    @SuppressWarnings("JdkObsolete") // The parser's own.
    public boolean preprocess(
        Stack<String> arguments, CommandSpec command, ArgSpec option, Map<String, Object> info) {
      if (" ".equals(info.get("separator"))) {
        arguments.push("2");
      }
      return false;
    }
  }

  /** One look at something, printed to where the command prints; returns the exit code. */
  interface Look {
    int print() throws ApiException, InterruptedException;
  }

  /** Shows it, once or until it is ended. */
  int show(TideMain tide, Look look) throws ApiException, InterruptedException {
    if (seconds == null) {
      return look.print();
    }
    if (seconds < 1 || seconds > MOST_SECONDS) {
      throw new ApiException(
          ExitCodes.USAGE,
          "'" + seconds + "' is no time between two looks",
          "--watch",
          "write 1 to " + MOST_SECONDS + " seconds, such as --watch=5");
    }
    return Ending.well(() -> again(tide, look));
  }

  private int again(TideMain tide, Look look) throws ApiException, InterruptedException {
    PrintWriter out = tide.around().out();
    boolean terminal = tide.around().terminal();
    String last = null;
    do {
      String picture;
      try {
        picture = picture(tide, look);
      } catch (ApiException e) {
        if (last == null || e.exitCode() != ExitCodes.UNREACHABLE) {
          throw e;
        }
        // Leaders change: what was watched comes back, and only then has it changed.
        tide.err().println(e.text());
        continue;
      }
      if (terminal) {
        out.print(CLEAR + picture);
        out.flush();
      } else if (!picture.equals(last)) {
        out.print(picture);
        out.flush();
      }
      last = picture;
    } while (tide.around().pause().goOn(TimeUnit.SECONDS.toMillis(seconds)));
    return ExitCodes.OK;
  }

  private static String picture(TideMain tide, Look look)
      throws ApiException, InterruptedException {
    StringWriter picture = new StringWriter();
    tide.paintOn(picture);
    look.print();
    return picture.toString();
  }
}
