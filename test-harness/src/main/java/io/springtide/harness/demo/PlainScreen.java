package io.springtide.harness.demo;

import java.io.PrintStream;
import java.util.Map;
import java.util.TreeMap;

/** One line for each change, with the seconds since the start: for logs and pipes. */
final class PlainScreen implements Screen {
  private final PrintStream out;
  private final Stopwatch watch;
  private final Map<String, String> conditions = new TreeMap<>();
  private String progress = "";
  private String waiting = "";

  PlainScreen(PrintStream out, Stopwatch watch) {
    this.out = out;
    this.watch = watch;
  }

  @Override
  public void say(String line) {
    out.printf("%s  %s%n", watch.elapsed(), line);
    out.flush();
  }

  @Override
  public void show(Snapshot snapshot) {
    snapshot
        .hosts()
        .forEach(
            (id, host) -> {
              if (!host.condition().equals(conditions.put(id, host.condition()))) {
                say("host %s of pool %s: %s".formatted(id, host.pool(), host.condition()));
              }
            });
    conditions
        .keySet()
        .removeIf(
            id -> {
              boolean gone = !snapshot.hosts().containsKey(id);
              if (gone) {
                say("host " + id + ": gone");
              }
              return gone;
            });
    String now = Progress.line(snapshot);
    if (!now.equals(progress)) {
      progress = now;
      say(now);
    }
    if (!snapshot.waiting().equals(waiting)) {
      waiting = snapshot.waiting();
      if (!waiting.isEmpty()) {
        say("waiting: " + waiting);
      }
    }
  }
}
