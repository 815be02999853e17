package io.springtide.harness.demo;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A block at the bottom of the terminal that is drawn anew at each change. */
final class LiveScreen implements Screen {
  private static final String UP_AND_CLEAR = "\033[%dA\033[J";
  private static final int COLUMNS = 100;

  private final PrintStream out;
  private final Stopwatch watch;
  private int drawn;
  private List<String> block = List.of();

  LiveScreen(PrintStream out, Stopwatch watch) {
    this.out = out;
    this.watch = watch;
  }

  @Override
  public synchronized void say(String line) {
    erase();
    out.println(line);
    draw();
  }

  @Override
  public synchronized void show(Snapshot snapshot) {
    List<String> next = new ArrayList<>();
    next.add("");
    snapshot
        .hosts()
        .forEach(
            (id, host) ->
                next.add(
                    "  %-10s %-6s %-13s %s"
                        .formatted(id, host.pool(), host.condition(), host.labels())));
    next.add("  G guaranteed   b borrowed   + burst");
    next.add("");
    next.add("  " + Progress.line(snapshot));
    next.add(snapshot.waiting().isEmpty() ? "" : "  waiting: " + snapshot.waiting());
    next.add("  " + watch.elapsed().strip());
    block = next;
    erase();
    draw();
  }

  private void erase() {
    if (drawn > 0) {
      out.printf(UP_AND_CLEAR, drawn);
    }
    drawn = 0;
  }

  private void draw() {
    for (String line : block) {
      // A line that wraps would be two to erase.
      out.println(line.substring(0, Math.min(COLUMNS, line.length())));
    }
    drawn = block.size();
    out.flush();
  }
}
