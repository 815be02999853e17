package io.springtide.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** Who gives commands, at a terminal or not, reads what they print, and lets time pass. */
final class Person {
  final Map<String, String> environment = new HashMap<>();
  final Queue<String> answers = new ArrayDeque<>();

  /** What happens while a command pauses, one after the other; then it is ended. */
  final Queue<Runnable> pauses = new ArrayDeque<>();

  final List<Long> paused = new ArrayList<>();
  boolean terminal;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  Person(FakeServer server) {
    this(server.url());
  }

  Person(String api) {
    environment.put("TIDE_API", api);
    environment.put("XDG_CONFIG_HOME", "/nowhere");
  }

  int tide(String... arguments) {
    return TideMain.run(
        new Surroundings(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            environment,
            terminal,
            answers::poll,
            millis -> {
              paused.add(millis);
              Runnable next = pauses.poll();
              if (next != null) {
                next.run();
              }
              return next != null;
            }),
        arguments);
  }

  /** What was printed since it was last asked. */
  String said() {
    return take(out);
  }

  String complained() {
    return take(err);
  }

  private static String take(StringWriter from) {
    String text = from.toString();
    from.getBuffer().setLength(0);
    return text;
  }
}
