package io.springtide.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Columns that line up, two spaces between them. */
final class Table {
  /** Columns of states and conditions, which a terminal shows in colours. */
  private static final Set<String> COLORED = Set.of("STATE", "STATES", "CONDITION");

  private final List<List<String>> rows = new ArrayList<>();

  Table(String... titles) {
    rows.add(List.of(titles));
  }

  void row(String... cells) {
    rows.add(List.of(cells));
  }

  void print(Screen out) {
    List<String> titles = rows.get(0);
    int columns = titles.size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = row.get(i);
        line.append(COLORED.contains(titles.get(i)) ? out.states(cell) : cell);
        if (i < columns - 1) {
          line.append(" ".repeat(widths[i] - cell.length() + 2));
        }
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
